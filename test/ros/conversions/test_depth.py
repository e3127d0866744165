# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.ros.conversions.depth``."""

from __future__ import annotations

from array import array
import math

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
import numpy as np
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.ros.conversions.cameras import depth_to_ros
from kosmos_ros.ros.conversions.depth import depth_from_ros

# 1.5 m, a hole, 65.535 m; the same in little and in big endian.
MILLIMETRES = {0: b'\xdc\x05\x00\x00\xff\xff', 1: b'\x05\xdc\x00\x00\xff\xff'}
# 1.5 m, not a number, 0.25 m.
METRES = {
    0: b'\x00\x00\xc0\x3f\x00\x00\xc0\x7f\x00\x00\x80\x3e',
    1: b'\x3f\xc0\x00\x00\x7f\xc0\x00\x00\x3e\x80\x00\x00',
}


def image(data: bytes, encoding: str, width: int = 3, **fields: int) -> Image:
    """Make an image of one row."""
    fields = {'height': 1, 'width': width, 'step': len(data)} | fields
    return Image(encoding=encoding, data=array('B', data), **fields)


@pytest.mark.parametrize('is_bigendian', [0, 1])
@pytest.mark.parametrize('encoding', ['16UC1', 'mono16'])
def test_millimetres_become_metres(encoding: str, is_bigendian: int) -> None:
    depth = depth_from_ros(image(MILLIMETRES[is_bigendian], encoding, is_bigendian=is_bigendian))
    assert depth.dtype == np.float32
    assert depth.tolist() == [pytest.approx([1.5, 0.0, 65.535])]


@pytest.mark.parametrize('is_bigendian', [0, 1])
def test_metres_stay_metres(is_bigendian: int) -> None:
    depth = depth_from_ros(image(METRES[is_bigendian], '32FC1', is_bigendian=is_bigendian))
    assert depth.dtype == np.dtype(np.float32)
    assert depth.tolist() == [pytest.approx([1.5, math.nan, 0.25], nan_ok=True)]


@pytest.mark.parametrize(('encoding', 'size'), [('16UC1', 2), ('32FC1', 4)])
def test_padding_is_left_out(encoding: str, size: int) -> None:
    rows = (bytes(2 * size) + b'\xab' * 3) * 2
    depth = depth_from_ros(image(rows, encoding, width=2, height=2, step=2 * size + 3))
    assert depth.tolist() == [[0, 0], [0, 0]]


@given(
    arrays.arrays(
        np.float32, arrays.array_shapes(min_dims=2, max_dims=2), elements=st.floats(width=32)
    )
)
def test_metres_come_back(depth: np.ndarray) -> None:
    returned = depth_from_ros(depth_to_ros(depth, Header()), 1.0)
    assert np.array_equal(returned, depth, equal_nan=True)


def in_units(depth: float, encoding: str) -> Image:
    """Make depths around one, with holes."""
    kind = np.float32 if encoding == '32FC1' else np.uint16
    return image(np.array([0.0, depth, 1.1 * depth]).astype(kind).tobytes(), encoding)


@pytest.mark.parametrize(
    ('depth', 'encoding', 'scale'),
    [
        (0.78, '32FC1', 0.0),
        (0.78, '32FC1', 1.0),
        (780.0, '32FC1', 0.001),
        (150.0, '32FC1', 1.0),  # an aeroplane's
        (780, '16UC1', 0.0),
        (7800, '16UC1', 0.0001),
    ],
)
def test_a_camera_may_have_units_of_its_own(depth: float, encoding: str, scale: float) -> None:
    metres = depth_from_ros(in_units(depth, encoding), scale)
    unit = scale or (0.001 if encoding == '16UC1' else 1.0)
    assert metres[0, 1] == pytest.approx(depth * unit, rel=1e-3)
    assert metres.dtype == np.float32


@pytest.mark.parametrize('width', [3, 500_000])
def test_plain_millimetres_are_not_taken_for_metres(width: int) -> None:
    depth = np.full(width, 780.0, np.float32)
    depth[::7] = np.nan
    with pytest.raises(InvalidImageError, match=r'than 780 m, .* depth_scale to 0\.001, .* 1\.0'):
        depth_from_ros(image(depth.tobytes(), '32FC1', width=width))


@pytest.mark.parametrize(
    ('message', 'problem'),
    [
        (image(bytes(6), 'rgb8'), "'rgb8' is no depth; expected 16UC1 or mono16"),
        (image(bytes(6), '64FC1'), "'64FC1' is no depth"),
        (image(b'', '16UC1', width=0), r'no pixels \(0x1\)'),
        (image(bytes(6), '16UC1', height=0), r'no pixels \(3x0\)'),
        (image(bytes(5), '16UC1'), '3 16UC1 pixels takes 6 bytes, got step=5'),
        (image(bytes(6), '32FC1'), '3 32FC1 pixels takes 12 bytes, got step=6'),
        (image(bytes(6), '16UC1', height=2), 'takes 12 bytes, got 6'),
        (image(bytes(6), '16UC1', width=2**32 - 1, height=2**32 - 1), 'larger than the limit'),
    ],
)
def test_malformed_depth_is_refused(message: Image, problem: str) -> None:
    with pytest.raises(InvalidImageError, match=problem):
        depth_from_ros(message)


@given(
    st.builds(
        Image,
        encoding=st.sampled_from(['16UC1', 'mono16', '32FC1', 'rgb8']),
        width=st.integers(0, 9) | st.integers(0, 2**32 - 1),
        height=st.integers(0, 9) | st.integers(0, 2**32 - 1),
        step=st.integers(0, 40) | st.integers(0, 2**32 - 1),
        is_bigendian=st.integers(0, 255),
        data=st.binary(max_size=200).map(lambda data: array('B', data)),
    )
)
def test_any_message_is_read_or_refused(message: Image) -> None:
    try:
        depth = depth_from_ros(message)
    except InvalidImageError:
        return
    assert depth.shape == (message.height, message.width)
