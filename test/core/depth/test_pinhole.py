# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.depth.pinhole``."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest

from kosmos_ros.core.depth.pinhole import PinholeCamera

CAMERA = PinholeCamera(500.0, 510.0, 320.5, 239.0, 640, 480)


def test_rays_go_through_the_pixels_that_points_are_seen_at() -> None:
    x, y = CAMERA.rays(np.array([320.5, 820.5]), np.array([239.0, -271.0]))
    assert x.tolist() == [0.0, 1.0]
    assert y.tolist() == [0.0, -1.0]


@pytest.mark.parametrize('size', [(320, 240), (1280, 960), (160, 120)])
def test_in_another_resolution_the_corners_of_the_image_see_the_same(
    size: tuple[int, int],
) -> None:
    scaled = CAMERA.scaled_to(*size)
    assert (scaled.width, scaled.height) == size
    for camera in (CAMERA, scaled):
        columns = np.array([-0.5, camera.width - 0.5])
        rows = np.array([-0.5, camera.height - 0.5])
        x, y = camera.rays(columns, rows)
        assert x == pytest.approx([-321 / 500, 319 / 500])
        assert y == pytest.approx([-239.5 / 510, 240.5 / 510])


@pytest.mark.parametrize('size', [(640, 360), (480, 640), (0, 0), (639, 480)])
def test_another_view_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match='do not show the same view as 640x480'):
        CAMERA.scaled_to(*size)


@pytest.mark.parametrize(
    'wrong',
    [{'fx': 0.0}, {'fy': -1.0}, {'fx': math.nan}, {'cx': math.inf}, {'width': 0}, {'height': -1}],
    ids=str,
)
def test_what_cannot_be_a_camera_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match='a camera needs'):
        replace(CAMERA, **wrong)
