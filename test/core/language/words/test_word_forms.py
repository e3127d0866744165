# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.words.word_forms``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.language.words.word_forms import is_plural, plural, singular
from kosmos_ros.sim.vocabulary import SHAPES

PAIRS = [
    ('mug', 'mugs'),
    ('box', 'boxes'),
    ('dish', 'dishes'),
    ('bench', 'benches'),
    ('glass', 'glasses'),
    ('bus', 'buses'),
    ('vase', 'vases'),
    ('hose', 'hoses'),
    ('battery', 'batteries'),
    ('key', 'keys'),
    ('toy', 'toys'),
    ('knife', 'knives'),
    ('man', 'men'),
    ('person', 'people'),
    ('one', 'ones'),
    ('tie', 'ties'),
    *((shape, 'boxes' if shape == 'box' else f'{shape}s') for shape in SHAPES if shape != 'box'),
]


@pytest.mark.parametrize(('one', 'many'), PAIRS)
def test_forms(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)
    assert (plural(many), singular(one)) == (many, one)
    assert (is_plural(many), is_plural(one)) == (True, False)


@pytest.mark.parametrize('word', ['scissors', 'sheep', 'everything'])
def test_some_have_one_form(word: str) -> None:
    assert (plural(word), singular(word)) == (word, word)
