# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.auto_task``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.auto_task import (
    check_query,
    MAX_QUERY_LENGTH,
    named_objects,
    QueryForm,
    wording_of,
)


def phrases_of(query: str) -> tuple[str, ...]:
    text, names = named_objects(query)
    return tuple(text[name.start : name.end] for name in names.names)


@pytest.mark.parametrize(
    ('query', 'phrase'),
    [
        ('find the red mug', 'the red mug'),
        ('Find the mug; the bowl.', 'the mug; the bowl'),
        ('could you please locate the mug?', 'the mug'),
        ('show me the mug', 'the mug'),
        ('the finding of the mug', 'the finding of the mug'),
        ('findings', 'findings'),
        ('please', 'please'),
    ],
)
def test_search_words_are_no_part_of_the_phrase(query: str, phrase: str) -> None:
    assert phrases_of(query) == tuple(phrase.split('; '))


@given(st.text(max_size=60), st.booleans())
def test_any_query_is_of_some_kind(query: str, has_region: bool) -> None:
    kind = wording_of(query, has_region)
    assert (kind in (QueryForm.NOTHING, QueryForm.REGION)) == (not query.strip())
    text, names = named_objects(query)
    for name in names.names:
        assert 0 <= name.start < name.end <= len(text)


@pytest.mark.parametrize(
    ('query', 'checked'),
    [
        ('  the mug \n', 'the mug'),
        ('the\tred\nmug', 'the red\nmug'),
        ('a\r\nb\u2028c', 'a\nb\nc'),
        ('красный куб', 'красный куб'),
        ('red cube \U0001f7e5 赤い', 'red cube \U0001f7e5 赤い'),
        ('</s><patch_index_0001>', '</s><patch_index_0001>'),
        ('', ''),
        ('x' * MAX_QUERY_LENGTH, 'x' * MAX_QUERY_LENGTH),
    ],
)
def test_queries_are_cleaned(query: str, checked: str) -> None:
    assert check_query(query) == checked


@pytest.mark.parametrize(
    ('query', 'message'),
    [
        ('x' * 1_000_000, 'has 1000000 characters, the limit is 1000'),
        ('the\x00mug', r'U\+0000 at position 3'),
        ('mug\x1b[31m', r'U\+001B'),
        ('mug \ud800', r'U\+D800'),
        (b'mug', 'got bytes'),
        (None, 'got NoneType'),
    ],
)
def test_queries_that_cannot_be_are_refused(query: str, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        check_query(query)


@pytest.mark.parametrize(
    ('query', 'phrases'),
    [
        ('the mug', ('the mug',)),
        ('the mug; a  red\t cube ;the bowl', ('the mug', 'a red cube', 'the bowl')),
        (';;a; ;a;b;', ('a', 'a', 'b')),
        (' ; ', ()),
        ('', ()),
    ],
)
def test_phrases_are_split_and_evened_out(query: str, phrases: tuple[str, ...]) -> None:
    assert phrases_of(query) == phrases
