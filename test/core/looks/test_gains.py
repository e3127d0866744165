# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.looks.gains``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.geometry import region_to_box
from kosmos_ros.core.looks.gains import sees, TileGains
from kosmos_ros.core.looks.heat import Heat
from kosmos_ros.core.looks.windows import tiles
from kosmos_ros.core.types import Box

WHOLE = (1920, 1080)


def test_of_even_probabilities_a_tile_gains_by_its_share_and_by_what_it_shows() -> None:
    gains = TileGains(1920, 1080)
    assert gains.regions == tuple(one.region for one in tiles(1920, 1080))
    for gain, region in zip(gains.of([Heat(0.4)]), gains.regions, strict=True):
        area = region_to_box(region, 1920, 1080).area
        assert gain == pytest.approx(0.4 * area * sees((region.width, region.height), WHOLE))


def test_the_phrase_with_the_most_to_gain_counts() -> None:
    gains = TileGains(1920, 1080)
    found, missed = Heat(0.4), Heat(0.4)
    found.miss(Box(0.0, 0.0, 1.0, 1.0), 1.0, 0.0, ())
    assert gains.of([found, missed]) == pytest.approx(gains.of([missed]))
    assert max(gains.of([found])) == 0.0


def test_finer_looks_see_more() -> None:
    sizes = (WHOLE, (960, 720), (480, 360), (300, 225))
    seen = [sees(size, WHOLE) for size in sizes]
    assert seen == sorted(set(seen))
    assert sees((100, 100), WHOLE) == sees((300, 225), WHOLE) < 1.0


def test_in_larger_images_things_are_taken_for_larger() -> None:
    twice = [sees((2 * x, 2 * y), (3840, 2160)) for x, y in ((1920, 1080), (480, 360))]
    assert twice == [sees((1920, 1080), WHOLE), sees((480, 360), WHOLE)]
    assert sees((640, 480), (640, 480)) == sees((640, 480), WHOLE)


def test_a_small_image_has_no_tiles() -> None:
    assert TileGains(300, 200).of([Heat(0.4)]).tolist() == []
