# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.words``: a small region is shown enlarged to be named or asked about."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.geometry import region_to_box, within
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.prompts import identify_prompt
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status, Task

SMALL = Region(900, 500, 40, 60)


def pointed_at(
    size: tuple[int, int], region: Region, max_looks: int = 0, query: str = ''
) -> tuple[Grounding, ScriptedBackend]:
    """Have a region named, or a question about it answered, of an image of a size."""
    backend = ScriptedBackend(generated=lambda _: ' a red cube.', probability=0.9)
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    task = Task.ASK if query else Task.IDENTIFY
    request = GroundingRequest(query, task, region, max_looks=max_looks)
    return Grounder(backend).ground(image, request), backend


@pytest.mark.parametrize('query', ['', 'what is this?'])
def test_a_small_region_is_shown_with_what_is_around_it(query: str) -> None:
    answer, backend = pointed_at((1920, 1080), SMALL, query=query)
    (look,) = answer.looks
    assert backend.calls.encoded == [(look.height, look.width, 3)]
    assert 60 / 0.5 <= look.height <= 60 / 0.33
    assert look.x < SMALL.x < SMALL.x + SMALL.width < look.x + look.width
    assert look.y < SMALL.y < SMALL.y + SMALL.height < look.y + look.height
    assert answer.status is Status.FOUND


def test_the_model_is_pointed_at_the_region_in_that_look() -> None:
    answer, _ = pointed_at((1920, 1080), SMALL)
    (look,) = answer.looks
    region = region_to_box(SMALL, 1920, 1080)
    assert answer.prompt == str(identify_prompt(within(region, look, 1920, 1080)))
    assert answer.detections[0].box == region


@pytest.mark.parametrize(
    ('size', 'region', 'max_looks'),
    [
        ((1920, 1080), SMALL, 1),
        ((1920, 1080), Region(100, 100, 400, 400), 0),
        ((200, 150), Region(100, 70, 10, 12), 0),
    ],
    ids=['one look', 'large', 'small image'],
)
def test_the_whole_image_is_shown_where_that_is_enough(
    size: tuple[int, int], region: Region, max_looks: int
) -> None:
    answer, backend = pointed_at(size, region, max_looks)
    assert backend.calls.encoded == [(size[1], size[0], 3)]
    assert answer.looks == (Region(0, 0, *size),)


def test_of_a_strip_only_what_is_around_the_region_is_shown() -> None:
    region = Region(1000, 100, 200, 200)
    answer, _ = pointed_at((1920, 480), region)
    (look,) = answer.looks
    assert 0.74 < look.width / look.height < 1.34
    assert answer.detections[0].box == region_to_box(region, 1920, 480)
