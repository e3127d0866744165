# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Asks a model about the images of a data set, one question after the other.

A question has a key, such as ``tabletop-standard/000017#3/24``: the item, the question's number
and how many there are about the item. So the keys of the answers so far show which items are
complete and need not be rendered again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from kosmos_ros.core.errors import InvalidDataError, InvalidImageError, InvalidRequestError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.views import FrameKey
from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.protocols import Asker
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.items import OpenedSample, Sample
from kosmos_ros.evaluation.questions.simulated import make_cases
from kosmos_ros.evaluation.scoring.records import Record
from kosmos_ros.evaluation.scoring.tally import Tally
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

HELD_OUT_SEEDS = 100_000
"""Seeds below are for evaluation and demonstration; training uses seeds from a million on."""

Study = Callable[[OpenedSample, Case, Grounding], Mapping[str, Any]]
"""Measures what needs the image; the result is in types of JSON."""


def nothing(opened: OpenedSample, case: Case, answer: Grounding) -> Mapping[str, Any]:  # noqa: ARG001
    """Study nothing."""
    return {}


def records(
    asker: Asker,
    items: Iterable[Sample],
    done: Collection[str] = frozenset(),
    kinds: Collection[Kind] = tuple(Kind),
    study: Study = nothing,
    on_unusable: Callable[[str, str], object] | None = None,
) -> Iterator[Record]:
    """
    Ask every question that has not been answered yet.

    :param done: keys of existing records. Items that are complete are not opened.
    :param kinds: of questions that are asked.
    :param study: its results become the record's ``studies``.
    :param on_unusable: called with the id of each item with unusable image or questions, and the
        reason; the others are asked about. None: the first of them is an error.
    :returns: a record as soon as its question is answered. Its ``image`` is the id of the item,
        and its traits tell the item's ``group``.
    :raises KosmosError: if the model fails, or an image without ``on_unusable``.
    """
    complete = complete_items(done)
    for item in items:
        if item.id in complete:
            continue
        try:
            opened = item.open()
        except (InvalidDataError, InvalidImageError) as error:
            if on_unusable is None:
                raise
            on_unusable(item.id, str(error))
            continue
        asker.look(opened.image)
        questions = [one for one in opened.questions if one.case.kind in kinds]
        for number, question in enumerate(questions, start=1):
            key = f'{item.id}#{number}/{len(questions)}'
            if key in done:
                continue
            answer = asker.ask(question.case)
            traits = {'group': item.group, **question.traits}
            studies = study(opened, question.case, answer)
            yield Record(key, item.id, question.case, answer, traits, studies)


def complete_items(done: Iterable[str]) -> set[str]:
    """Return the ids of the items all of whose questions are among these keys."""
    answered: Counter[tuple[str, int]] = Counter()
    for key in done:
        item, _, place = key.rpartition('#')
        count = place.partition('/')[2]
        if count.isdecimal():
            answered[item, int(count)] += 1
    return {item for (item, count), seen in answered.items() if seen >= count}


def check_seeds(first: int, scenes: int) -> range:
    """
    Return the seeds of an evaluation.

    :raises InvalidRequestError: if there are none, or some are not held out.
    """
    if scenes < 1:
        raise InvalidRequestError(f'an evaluation needs at least one scene, got {scenes}')
    if not 0 <= first <= first + scenes <= HELD_OUT_SEEDS:
        raise InvalidRequestError(
            f'held-out scenes have the seeds 0..{HELD_OUT_SEEDS - 1}, '
            f'got {first}..{first + scenes - 1}'
        )
    return range(first, first + scenes)


def held_out_scenes(seeds: range) -> Iterator[tuple[RenderedFrame, list[Case]]]:
    """
    Render scenes at 640x480 and ask about each.

    :raises MissingDependencyError: if this machine cannot render.
    """
    with TabletopRenderer() as renderer:
        for seed in seeds:
            frame = renderer.render(sample_scene(seed))
            yield frame, make_cases(frame, seed)


def evaluate(
    grounder: Grounder,
    seeds: range,
    on_scene: Callable[[Tally], None] = lambda _: None,
    on_answer: Callable[[Case, Grounding], None] = lambda _, __: None,
    kinds: Collection[Kind] = tuple(Kind),
    on_frame: Callable[[RenderedFrame, int], None] = lambda _, __: None,
) -> Tally:
    """
    Measure a grounder by questions of these kinds.

    :param on_scene: called with the figures so far after each scene.
    :param on_frame: called with each scene and its seed before the answers about it.
    """
    tally = Tally()
    for seed, (frame, cases) in zip(seeds, held_out_scenes(seeds), strict=True):
        on_frame(frame, seed)
        source = FrameKey('held-out scenes', 0, seed)
        for case in cases:
            if case.kind not in kinds:
                continue
            answer = grounder.ground(frame.rgb, case.request, source=source)
            tally.add(case, answer)
            on_answer(case, answer)
        on_scene(tally)
    return tally
