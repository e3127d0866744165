# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tables are aligned, and numbers have units that suit them."""

from __future__ import annotations

from kosmos_ros.bench.report.tables import (
    duration,
    gigabytes,
    parameters,
    table,
    times,
    variant_table,
)


def test_tables_are_aligned() -> None:
    text = table(['name', 'ms'], [['a', '1'], ['longer', '1000']])
    assert text == 'name      ms\n------------\na          1\nlonger  1000'


def test_a_variant_that_was_left_out_has_a_line_in_place_of_a_column() -> None:
    variants = {'one': {'value': 1}, 'two': {'left_out': 'no memory'}}
    text = variant_table('figures', variants, [('value', lambda part: str(part['value']))])
    assert 'two' not in text.splitlines()[0]
    assert text.splitlines()[-1] == 'two was left out: no memory'


def test_times_have_units_that_suit_them() -> None:
    assert [duration(seconds) for seconds in (0.00123, 0.2, 3.0, 41.26)] == [
        '1.23 ms',
        '200 ms',
        '3.00 s',
        '41.3 s',
    ]
    assert times({'seconds': [0.3, 0.1, 0.2]}) == '200 ms (100 ms)'
    assert times({'seconds': [40.0]}) == '40.0 s (once)'


def test_sizes_have_units_that_suit_them() -> None:
    assert [gigabytes(size) for size in (3.4e9, 5e7)] == ['3.4 GB', '50 MB']
    assert parameters(1_664_485_376) == '1.66 billion parameters'
    assert parameters(4_258_000) == '4.3 million parameters'
