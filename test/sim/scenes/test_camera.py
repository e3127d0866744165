# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The pinhole camera against its own definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.surroundings import CameraPose

poses = st.builds(
    CameraPose,
    position=st.tuples(st.floats(-0.5, 0.5), st.floats(-1.0, -0.3), st.floats(0.3, 1.0)),
    target=st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.just(0.0)),
    vertical_fov=st.floats(30, 60),
    roll=st.floats(-10, 10),
)


@given(pose=poses)
def test_optical_axes_are_right_handed_and_look_at_the_target(pose: CameraPose) -> None:
    camera = CameraModel.from_pose(pose, 640, 480)

    np.testing.assert_allclose(camera.rotation.T @ camera.rotation, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera.rotation) == pytest.approx(1.0)
    np.testing.assert_allclose(camera.project(pose.target), [320, 240], atol=1e-6)


@given(pose=poses)
def test_up_in_the_world_is_up_in_the_image(pose: CameraPose) -> None:
    camera = CameraModel.from_pose(pose, 640, 480)
    above = np.add(pose.target, [0, 0, 0.02])

    assert camera.project(above)[1] < 240


@given(pose=poses, x=st.floats(-0.2, 0.2), y=st.floats(-0.2, 0.2))
def test_a_pixel_is_that_of_its_ray(pose: CameraPose, x: float, y: float) -> None:
    camera = CameraModel.from_pose(pose, 64, 48)
    optical = camera.to_optical([x, y, 0.0])
    column, row = camera.project([x, y, 0.0])
    ray = np.array([(column - camera.cx) / camera.fx, (row - camera.cy) / camera.fy, 1.0])
    np.testing.assert_allclose(optical[2] * ray, optical, atol=1e-9)


@given(pose=poses, x=st.floats(-0.2, 0.2), y=st.floats(-0.2, 0.2))
def test_squashing_scales_pixels(pose: CameraPose, x: float, y: float) -> None:
    full = CameraModel.from_pose(pose, 640, 480).project([x, y, 0.0])
    squashed = CameraModel.from_pose(pose, 224, 224, aspect=640 / 480).project([x, y, 0.0])

    np.testing.assert_allclose(squashed / 224, full / [640, 480], atol=1e-9)


def test_field_of_view_reaches_the_upper_edge() -> None:
    pose = CameraPose((0.0, -1.0, 0.0), (0.0, 0.0, 0.0), vertical_fov=40.0, roll=0.0)
    camera = CameraModel.from_pose(pose, 640, 480)

    top = camera.project([0.0, 0.0, np.tan(np.radians(20))])

    np.testing.assert_allclose(top, [320, 0], atol=1e-9)


@given(pose=poses)
def test_the_quaternion_is_the_rotation(pose: CameraPose) -> None:
    camera = CameraModel.from_pose(pose, 64, 48)
    x, y, z, w = camera.quaternion

    # Rodrigues' formula in terms of a unit quaternion.
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    np.testing.assert_allclose(
        np.eye(3) + 2 * w * cross + 2 * cross @ cross, camera.rotation, atol=1e-9
    )
