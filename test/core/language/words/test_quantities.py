# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.words.quantities``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.language.words.quantities import (
    means_several,
    Number,
    number_of,
    Order,
    order_of,
)


@pytest.mark.parametrize(
    ('determiner', 'noun', 'number'),
    [
        ('both', 'mugs', Number(2, presumed=True)),
        ('both of the', 'mugs', Number(2, presumed=True)),
        ('both the', 'mug', None),  # 'both the mug and the bowl'
        ('the two', 'mugs', Number(2, presumed=True)),
        ('two', 'mugs', Number(2)),
        ('two of the', 'mugs', Number(2)),
        ('all three', 'mugs', Number(3, presumed=True)),
        ('at least two', 'mugs', Number(2, at_least=True)),
        ('15', 'mugs', Number(15)),
        ('a pair of', 'mugs', Number(2)),
        ('a pair of', 'scissors', None),
        ('a dozen', 'eggs', Number(12)),
        ('half a dozen', 'eggs', Number(6)),
        ('every', 'mug', Number(0)),
        ('each of the', 'mugs', Number(0)),
        ('all the', 'mugs', Number(0)),
        ('any', 'mug', Number(1)),
        ('any', 'mugs', None),
        ('the', 'mug', None),
        ('some', 'mugs', None),
        ('', 'mugs', None),
    ],
)
def test_how_many_are_meant(determiner: str, noun: str, number: Number | None) -> None:
    assert number_of(determiner, noun) == number


@pytest.mark.parametrize(
    ('words', 'rank', 'several', 'order', 'used'),
    [
        ('second red cube', 'from the left', 0, Order(2, 'left'), 1),
        ('3rd cube', 'from right', 0, Order(3, 'right'), 1),
        ('last cube', 'in the row', 0, Order(-1, 'left', names_side=False), 1),
        ('first two cubes', 'from the top', 0, Order(1, 'top', 2), 2),
        ('cubes', 'from the left', 2, Order(1, 'left', 2), 0),
        ('leftmost cubes', '', 2, Order(1, 'left', 2), 1),
        ('second largest cube', '', 0, Order(2, 'large'), 2),
        ('second cube', 'from left to right', 0, Order(2, 'left'), 1),
        ('second cube', '', 0, None, 0),
        ('leftmost cube', '', 0, None, 0),  # the model knows superlatives
        ('cube', 'from the left', 0, None, 0),
    ],
)
def test_which_of_them_in_a_row(
    words: str, rank: str, several: int, order: Order | None, used: int
) -> None:
    assert order_of(words.split(), rank, several) == (order, used)


def test_determiners_of_several_things() -> None:
    assert all(map(means_several, ('both', 'two', '2', 'several', 'all the', 'these')))
    assert not any(map(means_several, ('the', 'one', '1', 'a', 'any', '')))
