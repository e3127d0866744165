# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ways of a camera around its pose."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.sim.motion import Motion
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.surroundings import CameraPose

MIDDLE = CameraPose((0.1, -0.6, 0.5), (0.0, 0.05, 0.0), 45.0, 2.0)
TIMES = np.linspace(0.0, 4.0, 41)


def test_a_swaying_camera_circles_without_turning() -> None:
    motion = Motion('sway', amplitude=0.1, period=4.0)
    axes = CameraModel.from_pose(MIDDLE, 1, 1).rotation
    for pose in (motion.pose(MIDDLE, seconds) for seconds in TIMES):
        way = np.subtract(pose.position, MIDDLE.position)
        assert np.linalg.norm(way) == pytest.approx(0.1)
        assert way @ axes[:, 2] == pytest.approx(0.0, abs=1e-12)
        np.testing.assert_allclose(CameraModel.from_pose(pose, 1, 1).rotation, axes)


def test_an_orbiting_camera_keeps_its_target_height_and_distance() -> None:
    motion = Motion('orbit', amplitude=0.1, period=4.0)
    poses = [motion.pose(MIDDLE, seconds) for seconds in TIMES]
    radius = np.linalg.norm(np.subtract(MIDDLE.position, MIDDLE.target))
    for pose in poses:
        assert pose.target == MIDDLE.target
        assert pose.position[2] == pytest.approx(MIDDLE.position[2])
        assert np.linalg.norm(np.subtract(pose.position, pose.target)) == pytest.approx(radius)
    ways = [np.linalg.norm(np.subtract(pose.position, MIDDLE.position)) for pose in poses]
    # The chord is a little shorter than the way along the arc.
    assert max(ways) == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize('kind', ['sway', 'orbit'])
def test_a_motion_is_smooth_and_comes_back(kind: str) -> None:
    motion = Motion(kind, amplitude=0.1, period=4.0)
    places = np.array([motion.pose(MIDDLE, seconds).position for seconds in TIMES])
    np.testing.assert_allclose(places[0], places[-1])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert 0.0 < steps.max() <= 2 * np.pi * 0.1 / 4.0 * (TIMES[1] - TIMES[0]) + 1e-9


@pytest.mark.parametrize('motion', [Motion(), Motion('sway', amplitude=0.0)])
def test_no_motion_leaves_the_pose(motion: Motion) -> None:
    assert not motion.moves()
    assert motion.pose(MIDDLE, 1.0) is MIDDLE


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({'kind': 'jump'}, "none, sway, orbit, got 'jump'"),
        ({'amplitude': -1.0}, 'got -1.0'),
        ({'amplitude': float('nan')}, 'got nan'),
        ({'period': 0.0}, 'got 0.0'),
    ],
)
def test_what_is_no_motion_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Motion(**fields)  # type: ignore[arg-type]
