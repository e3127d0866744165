# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.calibration``."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.model.calibration import Calibration, Scaling

PROBABILITIES = st.floats(0.0, 1.0)
SCALINGS = st.builds(Scaling, st.floats(0.05, 20.0), st.floats(-5.0, 5.0))


@given(PROBABILITIES)
def test_nothing_changes_by_default(probability: float) -> None:
    calibration = Calibration()
    scalings = (calibration.existence, calibration.box, calibration.written, calibration.words)
    assert [scaling(probability) for scaling in scalings] == [probability] * 4


def test_the_formula() -> None:
    """Odds of 9 to 1, their root at temperature 2, and e times as much with a shift of 1."""
    assert Scaling(temperature=2.0)(0.9) == pytest.approx(0.75)
    assert Scaling(temperature=2.0, shift=1.0)(0.9) == pytest.approx(3 * math.e / (1 + 3 * math.e))
    assert Scaling(temperature=0.5)(0.75) == pytest.approx(0.9)


@given(SCALINGS, PROBABILITIES, PROBABILITIES)
def test_the_order_stays_and_the_range_too(scaling: Scaling, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= scaling(low) <= scaling(high) <= 1.0


@given(st.floats(0.05, 20.0), PROBABILITIES)
def test_a_temperature_alone_treats_both_sides_alike(temperature: float, p: float) -> None:
    scaling = Scaling(temperature)
    assert scaling(p) + scaling(1.0 - p) == pytest.approx(1.0, abs=1e-6)
    assert scaling(0.5) == pytest.approx(0.5)


@pytest.mark.parametrize('extreme', [0.0, 1.0, 1e-300, 1 - 1e-16])
@pytest.mark.parametrize('temperature', [1e-6, 1e6])
def test_extremes_are_numbers(extreme: float, temperature: float) -> None:
    assert math.isfinite(Scaling(temperature, 3.0)(extreme))


@pytest.mark.parametrize('temperature', [0.0, -1.0, math.inf, math.nan])
def test_a_temperature_is_a_positive_number(temperature: float) -> None:
    with pytest.raises(ValueError, match='temperature'):
        Scaling(temperature)


@pytest.mark.parametrize('shift', [math.inf, math.nan])
def test_a_shift_is_a_number(shift: float) -> None:
    with pytest.raises(ValueError, match='shift'):
        Scaling(shift=shift)


def test_closer_looks_have_scalings_of_their_own_where_they_were_fitted() -> None:
    scalings = {
        'existence': Scaling(0.5),
        'box': Scaling(0.7),
        'closer_existence': Scaling(1.5),
        'closer_box': Scaling(2.0),
    }
    fitted = Calibration(**scalings, fitted=tuple(scalings))
    usual = Calibration(**scalings, fitted=('existence', 'box'))
    assert fitted.existence_of(0.7, None, closer=True) == scalings['closer_existence'](0.7)
    assert fitted.box_of(0.7, closer=True) == scalings['closer_box'](0.7)
    assert usual.existence_of(0.7, None, closer=True) == scalings['existence'](0.7)
    assert usual.box_of(0.7, closer=True) == scalings['box'](0.7)
    for calibration in (fitted, usual):
        assert calibration.existence_of(0.7, None) == scalings['existence'](0.7)
        assert calibration.box_of(0.7) == scalings['box'](0.7)
