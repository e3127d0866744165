# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.words.word_lists``."""

from __future__ import annotations

from configparser import ConfigParser

import pytest

from kosmos_ros.core.language.words import word_lists
from kosmos_ros.core.language.words.word_lists import expressions, names, word_set


def test_alternatives_and_lists_are_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = ConfigParser(delimiters='=')
    lists.read_string("""
[places]
on = (on|at) the <sides>, here
[lists]
sides = left (|hand) side,
  top
""")
    monkeypatch.setattr(word_lists, '_FILE', lists)
    assert names('places') == ('on',)
    assert expressions('sides') == ('left side', 'left hand side', 'top')
    on = ('on the left side', 'on the left hand side', 'on the top')
    at = tuple(one.replace('on', 'at', 1) for one in on)
    assert expressions('on', 'places') == (*on, *at, 'here')


def test_no_expression_is_empty_or_holds_signs_of_the_lists() -> None:
    written = {one for name in names('lists') for one in word_set(name)}
    written |= {one for kind in names('kinds') for one in expressions(kind, 'kinds')}
    assert '' not in written
    assert set('()<>|=#').isdisjoint(''.join(written))
