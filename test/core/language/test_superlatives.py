# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.superlatives``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.language.auto_task import named_objects
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.language.superlatives import by_order, has_superlative
from kosmos_ros.core.language.words.quantities import Order


def read(query: str) -> ObjectPhrase:
    (name,) = named_objects(query)[1].names
    assert name.phrase is not None
    return name.phrase


@pytest.mark.parametrize(
    ('query', 'kind', 'side'),
    [
        ('the leftmost mug', 'the mugs', 'left'),
        ('the left-most red mug', 'the red mugs', 'left'),
        ('The Largest box', 'the boxes', 'large'),
        ('smallest object', 'objects', 'small'),
        ('the nearest blue ball', 'the blue balls', 'front'),
        ('the left ball', 'the balls', 'left'),
        ('the red topmost cube', 'the red cubes', 'top'),
    ],
)
def test_what_is_the_most_is_the_first_of_its_kind(query: str, kind: str, side: str) -> None:
    phrase = by_order(read(query))
    assert (phrase.head, phrase.asked, phrase.order) == (kind, kind, Order(1, side))
    assert has_superlative(query)
    assert not has_superlative(kind)


def test_relations_stay_and_their_references_are_read_too() -> None:
    phrase = by_order(read('the mug behind the leftmost box'))
    assert (phrase.head, phrase.order) == ('the mug', None)
    (reference,) = phrase.references
    assert (reference.head, reference.order) == ('the boxes', Order(1, 'left'))
    phrase = by_order(read('the tallest bottle next to the plate'))
    assert phrase.asked == 'the bottles next to the plate'
    assert phrase.order == Order(1, 'tall')


@pytest.mark.parametrize(
    'query',
    ['the red mug', 'two largest mugs', 'the second mug from the left', 'the mugs'],
)
def test_all_else_is_left_as_it_is(query: str) -> None:
    assert by_order(read(query)) == read(query)
