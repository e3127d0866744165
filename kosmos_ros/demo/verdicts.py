# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Answers compared with the ground truth.

A box is on its object if their intersection over union is at least one half; a text is right if
all of its words from the simulator's vocabulary are the expected ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
import math
import re
from statistics import fmean

from kosmos_ros.core.geometry import box_to_pixels, iou
from kosmos_ros.core.types import Grounding, Phrase, ScoredBox, Status, Task
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.truth import Position, TruthObject
from kosmos_ros.sim.vocabulary import COLORS, NUMBERS, SHAPES

ON_TARGET = 0.5
"""Intersection over union from which a box is on its object, as usual for grounding."""

_FAMILIES = (frozenset(COLORS), frozenset(SHAPES), frozenset(NUMBERS), frozenset(('yes', 'no')))


@dataclass(frozen=True)
class Verdict:
    """
    One row of the report.

    ``score`` is the answer's own probability (0..1) and ``iou`` the overlap (0..1) with the ground
    truth, None where there is none; ``verdict`` is the judgement in a word or two. ``centimetres``
    is the distance of the position in space from that of the right object, None without one, or if
    the box is on another object.
    """

    asked: str
    answer: str
    right: bool
    verdict: str
    score: float | None = None
    iou: float | None = None
    centimetres: float | None = None


def judge(
    question: DemoQuestion, grounding: Grounding, positions: Mapping[str, Position] | None = None
) -> tuple[Verdict, ...]:
    """
    Judge an answer: one verdict, for LOCATE and INSTRUCT one for each phrase.

    :param positions: of its detections by their ids, metres, as those of the targets.
    """
    if grounding.status in (Status.FOUND, Status.NOT_FOUND, Status.LOW_SCORE):
        if question.task in (Task.LOCATE, Task.INSTRUCT):
            return _judge_phrases(question, grounding, positions or {})
        return _JUDGES[question.task](question, grounding)
    problem = f'{grounding.status.name}: {grounding.status_message}'
    asked = _phrases(question) if question.task is Task.LOCATE else [question.wording]
    return tuple(Verdict(one, problem, right=False, verdict='no answer') for one in asked)


def _judge_phrases(
    question: DemoQuestion, grounding: Grounding, positions: Mapping[str, Position]
) -> tuple[Verdict, ...]:
    verdicts = []
    answers = _answers(question, grounding)
    for (name, phrase), target in zip(answers, question.targets, strict=True):
        verdict = _judge_phrase(name, phrase, target, grounding)
        box = _best_box(phrase, grounding)
        position = positions.get(box.id) if box else None
        if target and position and verdict.right:
            verdict = replace(verdict, centimetres=100 * math.dist(position, target.position))
        verdicts.append(verdict)
    if question.task is Task.INSTRUCT:
        verdicts = [
            replace(verdict, answer=f'{role.name.lower()}: {verdict.answer}')
            for role, verdict in zip(question.roles, verdicts, strict=True)
        ]
    return tuple(verdicts)


def _answers(question: DemoQuestion, grounding: Grounding) -> list[tuple[str, Phrase | None]]:
    """Return the question in words, and the phrase that answers it."""
    if question.task is Task.LOCATE:
        answers = {phrase.text.strip(): phrase for phrase in grounding.phrases}
        return [(name, answers.get(name)) for name in _phrases(question)]
    # The instruction is shown once; its objects follow in the order of the text.
    given = [phrase.role for phrase in grounding.phrases] == list(question.roles)
    phrases = grounding.phrases if given else (None,) * len(question.roles)
    asked = [question.query] + [''] * (len(question.roles) - 1)
    return list(zip(asked, phrases, strict=True))


def _phrases(question: DemoQuestion) -> list[str]:
    return [phrase.strip() for phrase in question.query.split(';')]


def _judge_phrase(
    asked: str, phrase: Phrase | None, target: TruthObject | None, grounding: Grounding
) -> Verdict:
    box = _best_box(phrase, grounding)
    if phrase is None or box is None:
        existence = phrase.existence if phrase else None
        verdict = 'missed' if target else 'right'
        overlap = 0.0 if target else None
        return Verdict(asked, 'not in the image', target is None, verdict, existence, overlap)
    answer = _box_text(box, grounding)
    if target is None:
        return Verdict(asked, answer, right=False, verdict='not there', score=box.score)
    overlap = iou(box.box, target.box)
    right = overlap >= ON_TARGET
    verdict = 'right' if right else 'wrong place'
    if len(phrase.detections) > 1:
        verdict += f', {len(phrase.detections) - 1} extra'
    return Verdict(asked, answer, right, verdict, box.score, overlap)


def _judge_description(question: DemoQuestion, grounding: Grounding) -> tuple[Verdict, ...]:
    found, overlaps, wrong = [], [], 0
    for phrase in grounding.phrases:
        box = _best_box(phrase, grounding)
        if box is None:
            continue
        target = _described(phrase, box, [thing for thing in question.targets if thing])
        if target is None or target in found:
            wrong += 1
        else:
            found.append(target)
            overlaps.append(iou(box.box, target.box))
    due = [thing for thing in question.targets if thing and thing.nameable]
    named = sum(thing in found for thing in due)
    right = named == len(due) and not wrong
    verdict = f'{named} of {len(due)}' + (f', {wrong} wrong' if wrong else '')
    scores = [detection.score for detection in grounding.detections]
    score, overlap = (fmean(values) if values else None for values in (scores, overlaps))
    said = 'right' if right else verdict
    return (Verdict(question.wording, grounding.text.strip(), right, said, score, overlap),)


def _described(
    phrase: Phrase, box: ScoredBox, objects: Sequence[TruthObject]
) -> TruthObject | None:
    """Return the object that fits both phrase and box."""
    named = [thing for thing in objects if _says(phrase.text, thing.name)]
    best = max(named, key=lambda thing: iou(box.box, thing.box), default=None)
    return best if best and iou(box.box, best.box) >= ON_TARGET else None


def _judge_text(question: DemoQuestion, grounding: Grounding) -> tuple[Verdict, ...]:
    text = grounding.text.strip()
    right = _says(text, question.answer)
    verdict = 'right' if right else f'wrong: {question.answer}'
    score = max((box.score for box in grounding.detections), default=None)
    return (Verdict(question.wording, text, right, verdict, score),)


def _judge_question(question: DemoQuestion, grounding: Grounding) -> tuple[Verdict, ...]:
    if not question.targets:
        return _judge_text(question, grounding)
    (target,) = question.targets
    phrase = next((one for one in grounding.phrases if one.detections), None)
    found = _judge_phrase(question.query, phrase, target, grounding)
    if found.right and target and not _says(grounding.text, target.name):
        found = replace(found, right=False, verdict='wrong name')
    return (replace(found, answer=grounding.text.strip()),)


_JUDGES: dict[Task, Callable[[DemoQuestion, Grounding], tuple[Verdict, ...]]] = {
    Task.DESCRIBE: _judge_description,
    Task.IDENTIFY: _judge_text,
    Task.ASK: _judge_question,
}


def _best_box(phrase: Phrase | None, grounding: Grounding) -> ScoredBox | None:
    boxes = [grounding.detections[index] for index in phrase.detections] if phrase else []
    return max(boxes, key=lambda box: box.score, default=None)


def _box_text(box: ScoredBox, grounding: Grounding) -> str:
    x0, y0, x1, y1 = box_to_pixels(box.box, grounding.image_width, grounding.image_height)
    return f'{x1 - x0:.0f}x{y1 - y0:.0f} at {x0:.0f},{y0:.0f}'


def _says(text: str, expected: str) -> bool:
    """Tell whether the text has the expected words, and no others of the same kind."""
    words = set(re.findall(r'[a-z]+', text.lower()))
    pairs = product(expected.split(), _FAMILIES)
    return all(words & family == {word} for word, family in pairs if word in family)
