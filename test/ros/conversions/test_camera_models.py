# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.ros.conversions.camera_models``."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from std_msgs.msg import Header
import yaml

from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.errors import InvalidCameraError
from kosmos_ros.ros.conversions.camera_models import pinhole_from_ros, rectifying_changes
from kosmos_ros.ros.conversions.cameras import camera_info_to_ros

CASES = Path(__file__).with_name('camera_info')
LENS = [-0.2, 0.05, 0.001, -0.002, 0.01]


def info(**fields: object) -> CameraInfo:
    """Describe a camera of 640x480 pixels."""
    message = camera_info_to_ros((500.0, 510.0), (320.0, 240.0), (640, 480), Header())
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def region(x_offset: int, y_offset: int, width: int, height: int) -> dict[str, int]:
    return {'x_offset': x_offset, 'y_offset': y_offset, 'width': width, 'height': height}


def with_region(message: CameraInfo, **fields: int) -> CameraInfo:
    for name, value in fields.items():
        setattr(message.roi, name, value)
    return message


def test_a_camera_without_distortion_is_that_of_k() -> None:
    camera = pinhole_from_ros(info(), rectified=False)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (500.0, 510.0, 320.0, 240.0)
    assert (camera.width, camera.height) == (640, 480)


def test_of_rectified_images_p_counts_and_distortion_does_not() -> None:
    p = [450.0, 0.0, 310.0, 0.0, 0.0, 460.0, 235.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    camera = pinhole_from_ros(info(p=p, d=[0.1, -0.2, 0.0, 0.0, 0.0]), rectified=True)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (450.0, 460.0, 310.0, 235.0)
    x, y = camera.rays(np.array([760.0]), np.array([695.0]))
    assert (x.tolist(), y.tolist()) == ([1.0], [1.0])


@pytest.mark.parametrize(
    ('model', 'd'),
    [
        ('plumb_bob', LENS),
        ('rational_polynomial', [0.5, -2.5, 0.001, 0.0, 1.5, 0.4, -2.3, 1.4]),
    ],
)
def test_points_of_raw_images_are_undistorted(model: str, d: list[float]) -> None:
    camera = pinhole_from_ros(info(distortion_model=model, d=d), rectified=False)
    points = np.array([[0.3, -0.2, 1.0], [-0.55, 0.4, 1.0], [0.0, 0.0, 1.0]])
    matrix = np.array(info().k).reshape(3, 3)
    pixels, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, np.array(d))
    columns, rows = pixels.reshape(-1, 2).T
    x, y = camera.rays(columns[:, None], rows[:, None])
    assert (x.shape, y.shape) == ((3, 1), (3, 1))
    assert x.ravel() == pytest.approx(points[:, 0], abs=1e-3)
    assert y.ravel() == pytest.approx(points[:, 1], abs=1e-3)
    assert abs(x[1, 0] - (columns[1] - 320) / 500) > 0.002


def test_a_distorted_camera_keeps_its_lens_in_another_resolution() -> None:
    camera = pinhole_from_ros(info(d=[0.1, -0.2, 0.0, 0.0, 0.0]), rectified=False)
    x, _ = camera.rays(np.array([99.5]), np.array([79.5]))
    half, _ = camera.scaled_to(320, 240).rays(np.array([49.5]), np.array([39.5]))
    assert half == pytest.approx(x)


def test_region_and_binning_make_the_image_that_is_delivered() -> None:
    message = with_region(info(binning_x=2, binning_y=2), **region(100, 40, 400, 300))
    camera = pinhole_from_ros(message, rectified=False)
    assert (camera.width, camera.height) == (200, 150)
    # Of 2x2 pixels at (300, 200) the middle is at (300.5, 200.5) of the whole sensor.
    x, y = camera.rays(np.array([100.0]), np.array([80.0]))
    assert x == pytest.approx([(300.5 - 320) / 500])
    assert y == pytest.approx([(200.5 - 240) / 510])


@pytest.mark.parametrize(
    ('message', 'problem'),
    [
        (CameraInfo(), r'not calibrated \(K\): a camera needs finite numbers'),
        (info(k=[math.nan] * 9), 'number in K that is not finite'),
        (info(d=[math.inf] * 5), 'number in D that is not finite'),
        (info(width=0), 'not calibrated'),
        (info(d=[0.1] * 5, distortion_model='equidistant'), "of the model 'equidistant', got 5"),
        (info(d=[0.0] * 4, distortion_model='omnidirectional'), "'omnidirectional' is none of"),
        (info(k=[0.0] * 9, distortion_model='equidistant'), 'K is zero.*, and P will not do'),
        (info(k=[0.0] * 9, p=[0.0] * 12), r'not calibrated \(K\)'),
        (info(d=[0.1] * 3), 'expected 4, 5, 8, 12, 14 .* got 3'),
        (with_region(info(), **region(600, 0, 100, 100)), 'no image is like that'),
        (info(binning_x=1000), 'no image is like that'),
    ],
)
def test_models_of_no_use_are_refused(message: CameraInfo, problem: str) -> None:
    with pytest.raises(InvalidCameraError, match=problem):
        pinhole_from_ros(message, rectified=False)


def test_rectified_images_that_are_cropped_alike_have_their_region_in_p() -> None:
    # Use case 3 of REP-104, a cropped video mode, with the binning of its use case 5.
    message = with_region(info(d=LENS, binning_x=2, binning_y=2), **region(56, 20, 400, 400))
    camera = pinhole_from_ros(message, rectified=True)
    assert (camera.width, camera.height, camera.lens) == (200, 200, None)
    x, y = camera.rays(np.array([100.0]), np.array([80.0]))
    assert x == pytest.approx([(256.5 - 320) / 500])
    assert y == pytest.approx([(180.5 - 240) / 510])


def test_rectified_images_that_are_cut_otherwise_are_refused() -> None:
    message = with_region(info(d=LENS), **region(0, 0, 320, 240), do_rectify=True)
    with pytest.raises(InvalidCameraError, match='have the camera deliver whole images'):
        pinhole_from_ros(message, rectified=True)
    # Where the lens bends nothing there is only one way to cut.
    message.d = [0.0] * 5
    assert pinhole_from_ros(message, rectified=True).width == 320
    message = with_region(info(d=LENS), **region(0, 0, 640, 480), do_rectify=True)
    assert pinhole_from_ros(message, rectified=True).width == 640


def test_p_of_a_lens_has_no_stand_in() -> None:
    with pytest.raises(InvalidCameraError, match=r'P is zero.*, and K will not do instead'):
        pinhole_from_ros(info(p=[0.0] * 12, d=LENS), rectified=True)
    camera = pinhole_from_ros(info(p=[0.0] * 12), rectified=True)
    assert (camera.fx, camera.cx) == (500.0, 320.0)


def test_a_size_that_is_not_given_is_that_of_the_images() -> None:
    camera = pinhole_from_ros(info(width=0, height=0), rectified=False, size=(640, 480))
    assert camera == pinhole_from_ros(info(), rectified=False)
    binned = info(width=0, height=0, binning_x=2, binning_y=2)
    camera = pinhole_from_ros(binned, rectified=False, size=(320, 240))
    assert camera == pinhole_from_ros(info(binning_x=2, binning_y=2), rectified=False)
    cut = with_region(info(width=0, height=0), **region(100, 40, 400, 300))
    camera = pinhole_from_ros(cut, rectified=False, size=(400, 300))
    assert (camera.width, camera.height, camera.cx) == (400, 300, 220.0)


@pytest.mark.parametrize(
    ('size', 'problem'), [((320, 240), r'\(320, 240\), is not in the image'), ((0, 0), 'not cal')]
)
def test_without_a_size_the_matrix_has_to_fit_the_images(
    size: tuple[int, int], problem: str
) -> None:
    with pytest.raises(InvalidCameraError, match=problem):
        pinhole_from_ros(info(width=0, height=0), rectified=False, size=size)


def case(name: str) -> CameraInfo:
    """Read a message as it is written in a file."""
    fields = yaml.safe_load((CASES / f'{name}.yaml').read_text())
    header, roi = Header(**fields.pop('header')), RegionOfInterest(**fields.pop('roi', {}))
    return CameraInfo(header=header, roi=roi, **fields)


@pytest.mark.parametrize('rectified', [False, True])
@pytest.mark.parametrize('name', ['K_zero_P_good', 'roi_is_the_whole_image', 'size_zero_K_good'])
def test_what_leaves_no_doubt_is_used(name: str, rectified: bool) -> None:
    camera = pinhole_from_ros(case(name), rectified=rectified, size=(640, 480))
    assert camera == PinholeCamera(600.0, 600.0, 319.5, 239.5, 640, 480)


def test_a_fisheye_without_coefficients_is_one() -> None:
    camera = pinhole_from_ros(case('equidistant_all_zero'), rectified=False)
    point = np.array([[[0.5, -0.35, 0.8]]])
    matrix, still = np.array(case('equidistant_all_zero').k).reshape(3, 3), np.zeros(3)
    pixels, _ = cv2.fisheye.projectPoints(point, still, still, matrix, np.zeros(4))
    column, row = pixels.ravel()
    assert 0 < column < 640
    assert 0 < row < 480
    x, y = camera.rays(np.array([column]), np.array([row]))
    assert (0.8 * x[0], 0.8 * y[0]) == pytest.approx((0.5, -0.35))
    # As a pinhole it was off by this much, in metres.
    assert 0.5 - 0.8 * (column - 319.5) / 600 > 0.07


def test_of_a_rectified_pair_the_lens_is_taken_out_already() -> None:
    message = case('rectified_with_D_of_the_lens')
    camera = pinhole_from_ros(message, rectified=True)
    assert camera == PinholeCamera(600.0, 600.0, 319.5, 239.5, 640, 480)
    x, _ = pinhole_from_ros(message, rectified=False).rays(np.array([600.0]), np.array([400.0]))
    assert x[0] - (600.0 - 319.5) / 600 > 0.03
    assert rectifying_changes(message)
    assert not rectifying_changes(case('roi_is_the_whole_image'))
