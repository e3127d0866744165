# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.closer_looks``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, GroundingRequest
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.scoring.closer_looks import closer_cases

SMALL = Box(0.50, 0.40, 0.55, 0.48)
LARGE = Box(0.10, 0.10, 0.40, 0.30)
WIDTH, HEIGHT = 1280, 720


def case(kind: Kind, *boxes: Box) -> Case:
    return Case(kind, GroundingRequest('the red cube'), tuple(NamedBox('cube', b) for b in boxes))


FOUND = case(Kind.UNIQUE, SMALL)
ABSENT = case(Kind.ABSENT)


@pytest.fixture
def image() -> RgbImage:
    """Return a picture of a red thing."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    picture[288:346, 640:704] = (250, 0, 0)
    return picture


def test_what_is_small_is_shown_enlarged_with_its_box(image: RgbImage) -> None:
    fills = []
    for seed in range(30):
        ((part, asked),) = closer_cases(image, [FOUND], seed)
        assert asked.request == FOUND.request
        box = asked.things[0].box
        rows, columns = np.nonzero(part[..., 0] > 200)
        height, width = part.shape[:2]
        seen = (columns.min() / width, rows.min() / height)
        assert (box.x0, box.y0) == pytest.approx(seen, abs=1.5 / min(width, height))
        seen = ((columns.max() + 1) / width, (rows.max() + 1) / height)
        assert (box.x1, box.y1) == pytest.approx(seen, abs=1.5 / min(width, height))
        fills.append(max(box.width, box.height))
    # The look is made for a box that is a little off.
    assert 0.2 < min(fills) < np.mean(fills) < max(fills) < 0.55
    assert len(set(fills)) > 5


@pytest.mark.parametrize('query', ['the leftmost cube', 'the red cube next to the plate'])
def test_what_the_rest_of_the_image_tells_is_not_asked_of_a_part(
    image: RgbImage, query: str
) -> None:
    asked = replace(FOUND, request=GroundingRequest(query))
    assert list(closer_cases(image, [asked], 1)) == []


def test_absent_things_are_looked_for_at_small_ones(image: RgbImage) -> None:
    parts = list(closer_cases(image, [ABSENT, FOUND], 1))
    assert [asked.kind for _, asked in parts] == [Kind.ABSENT, Kind.UNIQUE]
    for part, _ in parts:
        assert (part[..., 0] > 200).any()
    assert parts[0][1].things == ()


@pytest.mark.parametrize(
    'cases',
    [
        [],
        [ABSENT],
        [case(Kind.UNIQUE, LARGE), ABSENT],
        [case(Kind.SEVERAL, SMALL, LARGE)],
        [case(Kind.IDENTIFY, SMALL)],
    ],
    ids=['nothing', 'nothing there', 'large', 'several', 'no box asked for'],
)
def test_the_rest_is_not_looked_at(image: RgbImage, cases: list[Case]) -> None:
    assert list(closer_cases(image, cases, 1)) == []


def test_the_same_seed_gives_the_same_parts(image: RgbImage) -> None:
    first, second, other = (next(closer_cases(image, [FOUND], seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1] != other[1]


@pytest.mark.parametrize('corner', [Box(0.0, 0.0, 0.05, 0.08), Box(0.95, 0.92, 1.0, 1.0)])
def test_at_an_edge_the_part_stays_in_the_image(image: RgbImage, corner: Box) -> None:
    for seed in range(20):
        ((part, asked),) = closer_cases(image, [case(Kind.UNIQUE, corner)], seed)
        assert part.size > 0
        assert asked.things[0].box.area > 0.02
