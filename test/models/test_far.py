# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The embedded model finds small things across a room, by closer looks.

Spans ``models.tabletop`` and ``core.looks``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding, GroundingRequest, Task
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.items import OpenedSample

SMALL = 64
"""Pixels across, below which one look at a large image finds next to nothing."""


@pytest.fixture(scope='module')
def grounder() -> Grounder:
    return Grounder(make_backend(ModelSettings()))


def opened(level: str, count: int) -> list[OpenedSample]:
    with TabletopSet(range(400, 400 + count), (level,)) as scenes:
        return [scene.open() for scene in scenes]


@pytest.fixture(scope='module')
def far() -> list[OpenedSample]:
    return opened('far', 7)


def asked(scenes: list[OpenedSample], kind: Kind) -> Iterator[tuple[RgbImage, Case]]:
    for scene in scenes:
        width = scene.image.shape[1]
        for case in (question.case for question in scene.questions):
            if case.kind is kind and all(one.box.width * width < SMALL for one in case.things):
                yield scene.image, case


def overlap(answer: Grounding, case: Case) -> float:
    return iou(case.things[0].box, answer.detections[0].box) if answer.detections else 0.0


def test_small_things_are_found_by_looks_and_not_by_one(
    grounder: Grounder, far: list[OpenedSample]
) -> None:
    found = {}
    for most in (1, 8):
        answers = [
            (grounder.ground(image, GroundingRequest(case.request.query, max_looks=most)), case)
            for image, case in asked(far, Kind.UNIQUE)
        ]
        found[most] = float(np.mean([overlap(*one) >= 0.5 for one in answers]))
        looks = [len(answer.looks) for answer, _ in answers]
        assert max(looks) <= most
    assert len(answers) >= 10
    assert found[1] < 0.3
    assert found[8] > 0.75
    assert np.mean(looks) <= 6


def test_what_is_not_there_is_seldom_boxed(grounder: Grounder, far: list[OpenedSample]) -> None:
    boxed = [
        bool(grounder.ground(image, case.request).detections)
        for image, case in asked(far, Kind.ABSENT)
    ]
    assert len(boxed) >= 7
    assert np.mean(boxed) <= 0.25


def test_objects_of_an_instruction_are_found_too(
    grounder: Grounder, far: list[OpenedSample]
) -> None:
    image, case = next(asked(far, Kind.UNIQUE))
    name = case.request.query.removeprefix('the ')
    answer = grounder.ground(image, GroundingRequest(f'pick up the {name}'))
    assert answer.task is Task.INSTRUCT
    assert overlap(answer, case) >= 0.5
    assert len(answer.looks) > 1
