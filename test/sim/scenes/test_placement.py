# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Footprints against boxes whose distance is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.sim.scenes.placement import footprint, overlap

SQUARE = np.array([[-0.05, -0.05, 0], [0.05, -0.05, 0], [0.05, 0.05, 0], [-0.05, 0.05, 0.1]])


def test_reaches_as_far_as_its_corners() -> None:
    outline = footprint(SQUARE)

    assert outline.shape == (36,)
    assert outline[0] == pytest.approx(0.05)  # towards +x
    assert outline.max() < np.hypot(0.05, 0.05) + 1e-9


@given(gap=st.floats(0.0065, 0.5), yaw=st.floats(0, 2 * np.pi))
def test_a_gap_keeps_things_apart(gap: float, yaw: float) -> None:
    # Along one of the 36 directions the distance of the squares is exact.
    step = np.round(yaw / (np.pi / 18)) * np.pi / 18
    turn = np.array([[np.cos(step), -np.sin(step), 0], [np.sin(step), np.cos(step), 0], [0, 0, 1]])
    other = (SQUARE + np.array([0.1 + gap, 0, 0])) @ turn.T

    assert not overlap(footprint(SQUARE @ turn.T), footprint(other))


@given(x=st.floats(-0.1, 0.1), y=st.floats(-0.1, 0.1))
def test_things_within_each_other_overlap(x: float, y: float) -> None:
    assert overlap(footprint(SQUARE), footprint(SQUARE + np.array([x, y, 0])))


@given(x=st.floats(-0.3, 0.3), y=st.floats(-0.3, 0.3))
def test_overlap_is_symmetric(x: float, y: float) -> None:
    a, b = footprint(SQUARE), footprint(SQUARE + np.array([x, y, 0]))

    assert overlap(a, b) == overlap(b, a)
