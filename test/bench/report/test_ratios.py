# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ratios and how far their measurements lie apart."""

from __future__ import annotations

from kosmos_ros.bench.report.ratios import paired_ratio, ratio_of, Spread, spread_of


def test_pairs_are_compared_one_by_one() -> None:
    # The machine was three times as slow during the second pair, with both.
    assert paired_ratio([10, 30, 10], [1, 3, 1]) == Spread(10, 10, 10)
    assert ratio_of([10, 30, 10], [1, 3, 1]).high > 10


def test_a_spread_is_the_middle_half() -> None:
    assert spread_of([1, 2, 3, 4, 100]) == Spread(3, 2, 4)
    assert spread_of([1, 2, 3, 4, 100]).text == '2 to 4'


def test_a_single_measurement_has_no_bounds() -> None:
    once = ratio_of([10], [1, 2, 3])
    assert once.low == 0
    assert once.text == 'once'
