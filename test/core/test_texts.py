# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Texts of others get a length that one can live with."""

from __future__ import annotations

from typing import Any

import pytest

from kosmos_ros.core.texts import MAX_LINE, quoted, readable, shortened, told


def test_what_is_short_stays() -> None:
    assert shortened('') == ''
    assert shortened('x' * MAX_LINE) == 'x' * MAX_LINE
    assert shortened('four', 4) == 'four'


def test_what_is_long_ends_with_dots() -> None:
    assert shortened('fives', 4) == 'f...'
    assert len(shortened('x' * 10_000_000)) == MAX_LINE
    assert quoted("it's\n") == '"it\'s\\n"'
    assert quoted('x' * 1000) == f"'{'x' * 77}...'"


def nest(depth: int) -> Any:
    """Return a list that takes 2 to the power of its depth items to write out."""
    value: Any = [1]
    for _ in range(depth):
        value = [value, value]
    return value


def chain(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    'value',
    [nest(60), chain(100_000), 10**5000, [10**5000], 'x' * 10**7, b'x' * 10**7, {1: [2] * 10**6}],
    ids=['nest', 'chain', 'number', 'numbers', 'text', 'bytes', 'list'],
)
def test_any_value_is_told_in_few_letters(value: Any) -> None:
    assert 0 < len(quoted(value)) <= 90


def test_short_values_are_told_as_they_are() -> None:
    assert quoted([9, 9, -3, 1]) == '[9, 9, -3, 1]'
    assert quoted("it's") == '"it\'s"'
    assert quoted(None) == 'None'


def test_texts_do_nothing_to_terminals_and_files() -> None:
    assert readable('a\x1b[2J\ud800\u202e  b\n') == 'a\ufffd[2J\ufffd\ufffd b'
    assert readable('größer 名') == 'größer 名'


def test_errors_without_words_are_told_by_their_names() -> None:
    assert told(MemoryError()) == 'MemoryError'
    assert told(ValueError('two\nlines')) == 'two lines'
    assert len(told(ValueError('x' * 10**6))) == 300
