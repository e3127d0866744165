# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the embedded model and the reading of queries find together, on held-out scenes.

Spans ``models.tabletop`` and ``core.language``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
import itertools
from pathlib import Path

import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import InvalidRequestError, MissingDependencyError
from kosmos_ros.core.geometry import box_from_pixels, iou
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import load_image
from kosmos_ros.core.images.views import FrameKey
from kosmos_ros.core.language.words.word_forms import plural
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Status, Task
from kosmos_ros.evaluation.questions.askable import AskableObjects
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

# A machine that does other things too takes its time.
pytestmark = pytest.mark.timeout(900)

SEEDS = range(40_000, 40_012)

JOINED = (
    *(
        '{a} and {b}',
        '{a}, {b}',
        '{a}. {b}.',
        '{a} | {b}',
        '{a}\n{b}',
        '{a}\uff1b{b}',
        '{a} & {b}',
    ),
    *('[{a}, {b}]', 'find {a} and {b}', 'both {a} and {b}', 'where are {a} and {b}?', '{a} {b}'),
    *('I need {a} and {b}, please', '1. {a} 2. {b}', '- {a}\n- {b}', '{a} as well as {b}'),
)
EXCLUDING = (
    *("the {s} which isn't {c}", 'the {p} that are not {c}', 'a {s} but not the {c} one'),
    *('all the {p} except the {c} one', 'the {p} other than the {c} {s}', 'the non-{c} {s}'),
    *('pick up the {s} that is not {c}', 'grab any {s} apart from the {c} one'),
    *('any other {s} than the {c} one', '{p}, no {c} ones', 'all {p} except those that are {c}'),
)


@pytest.fixture(scope='module')
def frames() -> Iterator[list[RenderedFrame]]:
    """Render the scenes."""
    try:
        with TabletopRenderer() as renderer:
            yield [renderer.render(sample_scene(seed)) for seed in SEEDS]
    except MissingDependencyError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='module')
def grounder() -> Grounder:
    """Load the embedded model."""
    pytest.importorskip('torch')
    return Grounder(make_backend(ModelSettings()))


def ask(grounder: Grounder, frames: list[RenderedFrame], place: int, query: str) -> Grounding:
    key = FrameKey('scenes', place, 0)
    return grounder.ground(frames[place].rgb, GroundingRequest(query), source=key)


def boxes(answer: Grounding) -> list[Box]:
    return [detection.box for detection in answer.detections]


def are_those(found: list[Box], things: list[VisibleObject]) -> bool:
    """Tell whether each thing has a box, and each box a thing."""
    return len(found) == len(things) and all(
        any(iou(box, thing.box) >= 0.5 for box in found) for thing in things
    )


def of_one_shape(frame: RenderedFrame) -> list[list[VisibleObject]]:
    """Return the things of each shape of which nothing is half hidden."""
    view = AskableObjects(frame)
    groups = (view.all_of(shape=shape) for shape in sorted({one.shape for one in view.named}))
    return [list(group) for group in groups if group]


def test_two_things_are_found_however_they_are_joined(
    grounder: Grounder, frames: list[RenderedFrame]
) -> None:
    for place, frame in enumerate(frames):
        names = [thing.name for thing in AskableObjects(frame).named]
        alone = [f'the {name}' for name in names if names.count(name) == 1][:2]
        if len(alone) < 2:
            continue
        apart = ask(grounder, frames, place, '; '.join(alone))
        for form in JOINED[place % 2 :: 2]:
            answer = ask(grounder, frames, place, form.format(a=alone[0], b=alone[1]))
            assert answer.task is Task.LOCATE, form
            assert [phrase.text for phrase in answer.phrases] == alone, form
            pairs = zip(boxes(answer), boxes(apart), strict=True)
            assert all(iou(box, other) > 0.99 for box, other in pairs), form


def test_what_is_excluded_never_comes_back(
    grounder: Grounder, frames: list[RenderedFrame]
) -> None:
    asked = Counter[str]()
    turns = itertools.cycle(EXCLUDING[first::3] for first in range(3))
    for place, frame in enumerate(frames):
        for group in of_one_shape(frame):
            for color in sorted({thing.color for thing in group}):
                shape = group[0].shape
                forbidden = [thing for thing in group if thing.color == color]
                for form in next(turns):
                    query = form.format(s=shape, p=plural(shape), c=color)
                    found = boxes(ask(grounder, frames, place, query))
                    asked[form] += 1
                    assert not any(iou(box, one.box) >= 0.5 for box in found for one in forbidden)
    assert all(asked[form] > 10 for form in EXCLUDING)


def test_numbers_and_places_in_a_row_are_right_more_often_than_not(
    grounder: Grounder, frames: list[RenderedFrame]
) -> None:
    right, asked = Counter[str](), Counter[str]()
    for place, frame in enumerate(frames):
        for group in of_one_shape(frame):
            if len(group) != 2:
                continue
            many, one = plural(group[0].shape), group[0].shape
            row = sorted(group, key=lambda thing: thing.box.x0 + thing.box.x1)
            for query, things in (
                (f'both {many}', row),
                (f'2 {many}', row),
                (f'every {one}', row),
                (f'a pair of {many}', row),
                (f'the second {one} from the left', row[1:]),
                (f'the last {one} from the right', row[:1]),
                (f'three {many}', row),
            ):
                answer = ask(grounder, frames, place, query)
                form = query.replace(many, 'X').replace(one, 'X')
                asked[form] += 1
                right[form] += are_those(boxes(answer), things)
                if query.startswith('three') and len(answer.detections) == 2:
                    assert answer.status is Status.FOUND
                    assert answer.status_message == f"3 asked for, 2 found of '{many}'"
    assert min(asked.values()) >= 4
    assert all(right[form] / asked[form] >= 0.7 for form in asked), (right, asked)


PICTURE = Path(__file__).parents[2] / 'examples' / 'table.png'
THINGS = {
    'white plate': (80, 291, 159, 360),
    'orange plate': (233, 322, 312, 395),
    'blue cone': (155, 205, 206, 271),
    'pink cone': (173, 304, 210, 345),
}
"""What the picture shows, upper left and lower right corner in pixels."""


@pytest.mark.parametrize(
    ('query', 'names'),
    [
        ('the white plate and the blue cone', ['white plate', 'blue cone']),
        ('the white plate, the blue cone', ['white plate', 'blue cone']),
        ('both plates', ['white plate', 'orange plate']),
        ("the plate which isn't white", ['orange plate']),
        ('pick up the plate that is not white', ['orange plate']),
        ("Don't touch the white plate, take the orange plate", ['orange plate']),
        ('I want the blue cone', ['blue cone']),
        ('the blue cone; the blue cone; the pink cone', ['blue cone', 'blue cone', 'pink cone']),
    ],
)
def test_the_things_that_are_meant_are_found(
    grounder: Grounder, query: str, names: list[str]
) -> None:
    answer = grounder.ground(load_image(PICTURE), GroundingRequest(query))
    assert answer.status is Status.FOUND
    things = {name: box_from_pixels(*corners, 640, 480) for name, corners in THINGS.items()}
    found = [
        next(name for name, thing in things.items() if iou(box, thing) >= 0.5)
        for box in boxes(answer)
    ]
    assert sorted(found) == sorted(names)


@pytest.mark.parametrize(
    'query', ['pick up anything but the white plate', "don't touch the white plate"]
)
def test_what_only_forbids_is_refused(grounder: Grounder, query: str) -> None:
    with pytest.raises(InvalidRequestError, match='only forbids something'):
        grounder.ground(load_image(PICTURE), GroundingRequest(query))
