# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Texts of others get a length that one can live with."""

from __future__ import annotations

from kosmos_ros.core.texts import MAX_LINE, quoted, shortened


def test_what_is_short_stays() -> None:
    assert shortened('') == ''
    assert shortened('x' * MAX_LINE) == 'x' * MAX_LINE
    assert shortened('four', 4) == 'four'


def test_what_is_long_ends_with_dots() -> None:
    assert shortened('fives', 4) == 'f...'
    assert len(shortened('x' * 10_000_000)) == MAX_LINE
    assert quoted("it's\n") == '"it\'s\\n"'
    assert quoted('x' * 1000) == f"'{'x' * 77}...'"
