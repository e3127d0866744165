# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The bank of surface patterns."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.sim.surfaces.textures import DARKEST, texture, TEXTURE_COUNT, TEXTURE_SIDE


@pytest.mark.parametrize('index', range(TEXTURE_COUNT))
def test_has_limited_contrast(index: int) -> None:
    pattern = texture(index)

    assert pattern.shape == (TEXTURE_SIDE, TEXTURE_SIDE)
    assert pattern.dtype == np.uint8
    assert pattern.min() >= int(DARKEST * 255)


def test_is_the_same_every_time() -> None:
    np.testing.assert_array_equal(texture(9), texture(9))


def test_patterns_differ() -> None:
    patterned = {texture(index).tobytes() for index in range(TEXTURE_COUNT)}

    assert len(patterned) > 0.8 * TEXTURE_COUNT
