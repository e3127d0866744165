# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Boxes from one image to the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kosmos_ros.tracking.grey import small_grey
from kosmos_ros.tracking.median_flow import carry

START = np.array([76.0, 96.0, 124.0, 144.0])
OTHER = np.array([196.0, 96.0, 244.0, 144.0])


@pytest.mark.parametrize('way', [(0.0, 0.0), (3.0, -2.0), (0.4, 0.7), (14.0, 9.0)])
def test_a_box_goes_with_its_content(film: Any, way: tuple[float, float]) -> None:
    before = small_grey(film.picture((100, 120)))
    after = small_grey(film.picture((100 + way[0], 120 + way[1])))
    (place,) = carry(before, after, [START])
    assert place is not None
    np.testing.assert_allclose(place, START + np.array([*way, *way]), atol=0.6)


def test_a_box_grows_with_its_content(film: Any) -> None:
    before = small_grey(film.picture((100, 120), side=48))
    after = small_grey(film.picture((100, 120), side=54))
    (place,) = carry(before, after, [START])
    assert place is not None
    np.testing.assert_allclose(place, [73, 93, 127, 147], atol=1.0)


def test_boxes_go_their_own_ways(film: Any) -> None:
    before = small_grey(film.picture((100, 120), (220, 120)))
    after = small_grey(film.picture((106, 120), (214, 124)))
    first, second = carry(before, after, [START, OTHER])
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(first, START + np.array([6, 0, 6, 0]), atol=0.6)
    np.testing.assert_allclose(second, START + np.array([114, 4, 114, 4]), atol=0.6)


def test_what_is_gone_is_lost(film: Any) -> None:
    before, after = small_grey(film.picture((100, 120))), small_grey(film.empty())
    assert carry(before, after, [START]) == [None]


def test_a_loss_takes_no_other_box_along(film: Any) -> None:
    before = small_grey(film.picture((100, 120), (220, 120)))
    after = small_grey(film.picture((103, 120)))
    first, second = carry(before, after, [START, OTHER])
    assert first is not None
    assert second is None


@pytest.mark.parametrize(
    'box',
    [
        [400.0, 10.0, 440.0, 50.0],
        [-60.0, 10.0, -10.0, 50.0],
        [10.0, 10.0, 12.0, 60.0],
        [318.0, 10.0, 360.0, 60.0],
    ],
)
def test_a_box_with_nothing_to_see_is_lost(film: Any, box: list[float]) -> None:
    image = small_grey(film.picture((100, 120)))
    first, second = carry(image, image, [np.array(box), START])
    assert first is None
    assert second is not None


def test_an_even_wall_says_nothing() -> None:
    wall = np.full((240, 320), 128, dtype=np.uint8)
    assert carry(wall, wall, [START]) == [None]


def test_no_boxes_are_no_trouble(film: Any) -> None:
    image = small_grey(film.empty())
    assert carry(image, image, []) == []
