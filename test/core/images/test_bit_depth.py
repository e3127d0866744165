# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which bits of 16-bit values matter."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.core.images.bit_depth import BitDepth


def values(*levels: int) -> np.ndarray:
    return np.array([levels], np.uint16)


@pytest.mark.parametrize(
    ('brightest', 'bits'),
    [
        (0, 8),
        (255, 8),
        (256, 10),
        (400, 10),
        (1023, 10),
        (1024, 12),
        (4095, 12),
        (4096, 14),
        (16383, 14),
        (16384, 16),
        (65535, 16),
    ],
)
def test_the_brightest_value_tells_the_bits_of_the_camera(brightest: int, bits: int) -> None:
    depth = BitDepth()
    assert depth.bits == 0
    highest = 2**bits - 1
    scaled = depth.to_8_bit(values(0, brightest // 3, brightest))
    assert depth.bits == bits
    assert scaled.dtype == np.uint8
    expected = [0, brightest // 3 / highest * 255, brightest / highest * 255]
    np.testing.assert_allclose(scaled[0], expected, atol=0.5001)


def test_sixteen_bits_are_scaled_over_the_full_range() -> None:
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    np.testing.assert_array_equal(BitDepth().to_8_bit(levels), np.round(levels / 257))


def test_the_bits_only_grow_so_that_nothing_flickers() -> None:
    depth = BitDepth()
    greys = [int(depth.to_8_bit(values(900, top))[0, 0]) for top in (900, 4000, 900, 300, 4095)]
    assert greys == [224, 56, 56, 56, 56]
    depth.forget()
    assert depth.bits == 0
    assert depth.to_8_bit(values(900))[0, 0] == 224


def test_bits_that_are_set_stay_and_brighter_values_are_white() -> None:
    depth = BitDepth(12)
    assert depth.to_8_bit(values(16, 4095, 60000)).tolist() == [[1, 255, 255]]
    depth.forget()
    assert depth.bits == 12


@pytest.mark.parametrize('shape', [(1, 1), (5, 1), (1, 5), (4, 6), (1, 1, 3), (4, 6, 3)])
def test_the_shape_stays(shape: tuple[int, ...]) -> None:
    assert BitDepth().to_8_bit(np.ones(shape, np.uint16)).shape == shape
