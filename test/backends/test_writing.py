# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which tokens may follow which."""

import pytest

from kosmos_ros.backends.loading import LoadedModel
from kosmos_ros.backends.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.writing import TokenRules
from kosmos_ros.core.grammar import Tag


@pytest.fixture
def vocabulary(loaded: LoadedModel) -> Kosmos2Vocabulary:
    """Return the tiny checkpoint's vocabulary."""
    return loaded.vocabulary


def allowed(vocabulary: Kosmos2Vocabulary, *history: Tag | int, ngram: int = 0) -> set[int]:
    """Return what may follow cells (numbers) and tags."""
    ids = vocabulary.ids
    tokens = [ids.tags[part] if isinstance(part, Tag) else part for part in history]
    mask = TokenRules(vocabulary, ngram).allowed(tokens, len(vocabulary) + 5)
    return set(mask.nonzero()[0].tolist())


def cell(vocabulary: Kosmos2Vocabulary, row: int, column: int) -> int:
    """Return the id of a cell."""
    return vocabulary.ids.first_cell + row * 32 + column


@pytest.mark.parametrize('opener', [Tag.OBJECT, Tag.DELIMITER])
def test_a_box_begins_with_any_cell(vocabulary: Kosmos2Vocabulary, opener: Tag) -> None:
    first = vocabulary.ids.first_cell
    assert allowed(vocabulary, 0, opener) == set(range(first, first + 1024))


def test_a_box_is_not_inverted(vocabulary: Kosmos2Vocabulary) -> None:
    follows = allowed(vocabulary, 0, Tag.OBJECT, cell(vocabulary, 30, 29))
    expected = {cell(vocabulary, row, column) for row in (30, 31) for column in (29, 30, 31)}
    assert follows == expected


def test_a_box_ends_or_another_one_begins(vocabulary: Kosmos2Vocabulary) -> None:
    box = (cell(vocabulary, 1, 1), cell(vocabulary, 2, 2))
    tags = vocabulary.ids.tags
    follows = allowed(vocabulary, 0, Tag.OBJECT, *box)
    assert follows == {tags[Tag.OBJECT_END], tags[Tag.DELIMITER]}


def test_text_goes_on_with_words_tags_or_the_end(vocabulary: Kosmos2Vocabulary) -> None:
    ids = vocabulary.ids
    words = vocabulary.encode_text(' the red cube')
    follows = allowed(vocabulary, 0, *words)
    assert set(words) <= follows
    tags = {ids.tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT)}
    assert follows & vocabulary.control == {ids.eos, *tags}
    assert max(follows) < len(vocabulary)


def test_words_may_not_repeat_but_tags_may(vocabulary: Kosmos2Vocabulary) -> None:
    the, red, cube = vocabulary.encode_text(' the red cube')
    ids = vocabulary.ids
    said = (the, red, cube, Tag.PHRASE_END, the, red)
    assert cube not in allowed(vocabulary, *said, ngram=3)
    assert cube in allowed(vocabulary, *said, ngram=0)
    assert ids.tags[Tag.PHRASE_END] in allowed(vocabulary, *said, cube, ngram=3)
