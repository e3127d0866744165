# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Metrics of answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
import re

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import Box, Grounding, Phrase, Role, ScoredBox, Status
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.labels import is_named, label_of

HIT_IOU = 0.5
STRICT_IOU = 0.75
_ANY_OVERLAP = 1e-9

Parts = Mapping[str, tuple[float, float]]
"""Name of a metric to (what was gained, out of what); sums over answers give the figure."""


def said(text: str) -> str:
    """Return an answer's words in lower case, without its article and full stop."""
    return re.sub(r'^(?:an? |the )', '', text.lower().strip(' .'))


def named(text: str) -> str:
    """Return colour and shape of a phrase such as 'a small red cube', its last two words."""
    return ' '.join(said(text).split()[-2:])


def matching(truth: Sequence[Box], found: Sequence[Box], least: float = HIT_IOU) -> dict[int, int]:
    """
    Return pairs of boxes that overlap well enough, each box used once, best pairs first.

    :param least: IoU of a pair.
    :returns: index of one found to the index of a true one.
    """
    pairs = sorted(
        ((iou(box, other), i, j) for i, box in enumerate(truth) for j, other in enumerate(found)),
        reverse=True,
    )
    paired: dict[int, int] = {}
    for overlap, i, j in pairs:
        if overlap >= least and i not in paired.values() and j not in paired:
            paired[j] = i
    return paired


def _boxes(things: Iterable[NamedBox]) -> list[Box]:
    return [thing.box for thing in things]


def _found(answer: Grounding) -> list[Box]:
    return [detection.box for detection in answer.detections]


def score_unique(case: Case, answer: Grounding) -> Parts:
    """Score the best box of one object; no box is a miss."""
    overlap = iou(case.things[0].box, answer.detections[0].box) if answer.detections else 0.0
    return {
        'Acc@0.5': (float(overlap >= HIT_IOU), 1),
        'Acc@0.75': (float(overlap >= STRICT_IOU), 1),
        'mean IoU': (overlap, 1),
        'accepted': (float(bool(answer.detections)), 1),
        'one box': (float(len(answer.detections) == 1), 1),
    }


def score_several(case: Case, answer: Grounding) -> Parts:
    """Score the boxes of several objects."""
    hits = len(matching(_boxes(case.things), _found(answer)))
    return {
        'F1': (2 * hits, len(case.things) + len(answer.detections)),
        'recall': (hits, len(case.things)),
        'precision': (hits, len(answer.detections)),
        'exact count': (float(len(answer.detections) == len(case.things)), 1),
    }


def score_phrase(case: Case, answer: Grounding) -> Parts:
    """
    Score the best 1, 5 and 10 boxes of a phrase that may mean several objects.

    A hit is a box that overlaps any of the objects with an IoU of 0.5 or more, or, 'merged', the
    box around all of them: the two protocols of MDETR (Kamath et al. 2021). Other
    places that the answer holds count after its boxes; fewer boxes are all used.
    """
    others = [other.box for phrase in answer.phrases for other in phrase.alternatives]
    boxes = [*_found(answer), *others]
    truth = _boxes(case.things)
    merged = [around(truth)]
    return {
        **{f'R@{count}': (float(_hits(truth, boxes[:count])), 1) for count in (1, 5, 10)},
        **{f'R@{count} merged': (float(_hits(merged, boxes[:count])), 1) for count in (1, 5, 10)},
    }


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of at least one."""
    x0, y0, x1, y1 = zip(*((box.x0, box.y0, box.x1, box.y1) for box in boxes), strict=True)
    return Box(min(x0), min(y0), max(x1), max(y1))


def _hits(truth: Sequence[Box], found: Sequence[Box]) -> bool:
    return any(iou(box, other) >= HIT_IOU for box in truth for other in found)


def score_all_right(case: Case, answer: Grounding) -> Parts:
    """Score whether exactly the right objects were boxed."""
    hits = len(matching(_boxes(case.things), _found(answer)))
    return {'all right': (float(hits == len(case.things) == len(answer.detections)), 1)}


def score_refusal(case: Case, answer: Grounding) -> Parts:  # noqa: ARG001
    """Score whether nothing was found."""
    return {'refused': (float(not answer.detections), 1)}


def score_text(case: Case, answer: Grounding) -> Parts:
    """Score whether the words are exactly right."""
    return {'exact': (float(said(answer.text) == case.text), 1)}


def score_label(case: Case, answer: Grounding) -> Parts:
    """Score whether the expression names a thing of the category."""
    return {'named': (float(is_named(answer.text, case.text)), 1)}


def score_caption(case: Case, answer: Grounding) -> Parts:
    """Score phrases as right if colour, shape and box are: F1 = 2 right / (written + there)."""
    right = [is_right for _, is_right in judge_written(answer, case.things)]
    return {'F1': (2 * sum(right), len(right) + len(case.things))}


def score_labelled(case: Case, answer: Grounding) -> Parts:
    """Score the boxes of a text whose names the labels know."""
    right = [is_right for _, is_right in judge_labelled(case, answer)]
    return {'right': (float(sum(right)), len(right))}


def judge_labelled(case: Case, answer: Grounding) -> Iterator[tuple[ScoredBox, bool]]:
    """Yield, as ``judge_written``, the boxes whose phrases have one of the case's names."""
    return judge_written(answer, case.things, lambda text: label_of(text, case.names))


def judge_written(
    answer: Grounding,
    objects: Iterable[NamedBox],
    name_of: Callable[[str], str | None] = named,
) -> Iterator[tuple[ScoredBox, bool]]:
    """
    Yield the boxes of a text, and whether each is that of an object so named, used once.

    :param name_of: gives the name in a phrase; None: its boxes are left out.
    """
    left = list(objects)
    for phrase in answer.phrases:
        name = name_of(phrase.text)
        if name is None:
            continue
        for found in (answer.detections[index] for index in phrase.detections):
            fitting = [
                one for one in left if one.name == name and iou(one.box, found.box) >= HIT_IOU
            ]
            if fitting:
                left.remove(fitting[0])
            yield found, bool(fitting)


def score_empty(case: Case, answer: Grounding) -> Parts:  # noqa: ARG001
    """Score whether the table is said to be empty."""
    empty = not answer.detections and bool(re.search(r'\b(?:empty|nothing)\b', answer.text))
    return {'exact': (float(empty), 1)}


def score_instruction(case: Case, answer: Grounding) -> Parts:
    """
    Score the best box of each present object, by its role, and whether all is right.

    All is right if every present object has its box, every other none, and the status says so.
    """
    judged = [
        (role, thing, _is_right(thing, phrase, answer))
        for (role, thing), phrase in zip(case.parts, answer.phrases, strict=False)
    ]
    complete = all(thing for _, thing in case.parts)
    told = (answer.status is Status.FOUND) == complete
    all_right = told and all(right for *_, right in judged) and len(judged) == len(case.parts)
    figures: dict[str, tuple[float, float]] = {'all right': (float(all_right), 1)}
    for role in (Role.TARGET, Role.DESTINATION):
        boxed = [right for part, thing, right in judged if part is role and thing]
        figures[role.name.lower()] = (float(sum(boxed)), len(boxed))
    refused = [right for _, thing, right in judged if thing is None]
    figures['refused'] = (float(sum(refused)), len(refused))
    return {name: figure for name, figure in figures.items() if figure[1]}


def _is_right(thing: NamedBox | None, phrase: Phrase, answer: Grounding) -> bool:
    if thing is None or not phrase.detections:
        return thing is None and not phrase.detections
    return iou(thing.box, answer.detections[phrase.detections[0]].box) >= HIT_IOU


_WORDS = (Kind.ASK_COLOR, Kind.ASK_WHAT, Kind.ASK_COUNT, Kind.ASK_EXISTS)
_KINDS_BY_SCORER: dict[Callable[[Case, Grounding], Parts], tuple[Kind, ...]] = {
    score_unique: (Kind.UNIQUE, Kind.EXPRESSION),
    score_several: (Kind.SEVERAL, Kind.CATEGORY),
    score_phrase: (Kind.PHRASE,),
    score_all_right: (Kind.SUPERLATIVE, Kind.RELATION, Kind.WORDING, Kind.ASK_WHERE),
    score_refusal: (Kind.ABSENT, Kind.UNKNOWN, Kind.WORDING_ABSENT, Kind.STRANGE),
    score_text: (Kind.IDENTIFY, *_WORDS),
    score_label: (Kind.LABEL,),
    score_labelled: (Kind.WRITTEN,),
    score_caption: (Kind.CAPTION,),
    score_empty: (Kind.EMPTY,),
    score_instruction: (Kind.INSTRUCT, Kind.INSTRUCT_RELATED, Kind.INSTRUCT_ABSENT),
}
_SCORERS = {kind: scorer for scorer, kinds in _KINDS_BY_SCORER.items() for kind in kinds}


def score(case: Case, answer: Grounding) -> Parts:
    """Score one answer, the most telling figure first."""
    return _SCORERS[case.kind](case, answer)


def grade(parts: Parts) -> float:
    """Return how right one answer is, 0..1, by its first figure; nothing out of nothing is."""
    total, count = next(iter(parts.values()))
    return total / count if count else 1.0


def overlaps(case: Case, answer: Grounding) -> list[float]:
    """
    Return the IoU of each object asked for with the box found for it, 0 where there is none.

    One object is compared with the first box; several with all, each box used once, best pairs
    first.
    """
    truth, found = _boxes(case.things), _found(answer)
    if len(truth) == 1:
        found = found[:1]
    pairs = matching(truth, found, least=_ANY_OVERLAP)
    best = {i: iou(truth[i], found[j]) for j, i in pairs.items()}
    return [best.get(i, 0.0) for i in range(len(truth))]
