# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which tokens may follow which."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch

from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.kosmos2.writer import Writer
from kosmos_ros.core.grounder import ignore, never
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.model.prompts import describe_prompt

Allowed = Callable[..., set[int]]


@pytest.fixture
def vocabulary(loaded: LoadedModel) -> Kosmos2Vocabulary:
    """Return the tiny checkpoint's vocabulary."""
    return loaded.vocabulary


@pytest.fixture
def allowed(
    loaded: LoadedModel, vocabulary: Kosmos2Vocabulary, allowed_tokens: Callable[..., set[int]]
) -> Allowed:
    """Return a function that lists what may follow cells (numbers) and tags."""
    head = OutputHead(loaded.model, vocabulary)

    def allowed(*history: Tag | int, ngram: int = 0) -> set[int]:
        ids = vocabulary.ids
        tokens = [ids.tags[part] if isinstance(part, Tag) else part for part in history]
        return allowed_tokens(vocabulary, Writer(head, vocabulary, ngram), tokens)

    return allowed


def cell(vocabulary: Kosmos2Vocabulary, row: int, column: int) -> int:
    """Return the id of a cell."""
    return vocabulary.ids.first_cell + row * 32 + column


@pytest.mark.parametrize('opener', [Tag.OBJECT, Tag.DELIMITER])
def test_a_box_begins_with_any_cell(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed, opener: Tag
) -> None:
    first = vocabulary.ids.first_cell
    assert allowed(0, opener) == set(range(first, first + 1024))


def test_a_box_is_not_inverted(vocabulary: Kosmos2Vocabulary, allowed: Allowed) -> None:
    follows = allowed(0, Tag.OBJECT, cell(vocabulary, 30, 29))
    expected = {cell(vocabulary, row, column) for row in (30, 31) for column in (29, 30, 31)}
    assert follows == expected


def test_a_box_ends_or_another_one_begins(vocabulary: Kosmos2Vocabulary, allowed: Allowed) -> None:
    box = (cell(vocabulary, 1, 1), cell(vocabulary, 2, 2))
    tags = vocabulary.ids.tags
    follows = allowed(0, Tag.OBJECT, *box)
    assert follows == {tags[Tag.OBJECT_END], tags[Tag.DELIMITER]}


def test_text_goes_on_with_words_tags_or_the_end(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed
) -> None:
    ids = vocabulary.ids
    words = vocabulary.encode_text(' the red cube')
    follows = allowed(0, *words)
    assert set(words) <= follows
    tags = {ids.tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT)}
    assert follows & vocabulary.control == {ids.eos, *tags}
    assert max(follows) < len(vocabulary)


def test_words_may_not_repeat_but_tags_may(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed
) -> None:
    the, red, cube = vocabulary.encode_text(' the red cube')
    ids = vocabulary.ids
    said = (the, red, cube, Tag.PHRASE_END, the, red)
    assert cube not in allowed(*said, ngram=3)
    assert cube in allowed(*said, ngram=0)
    assert ids.tags[Tag.PHRASE_END] in allowed(*said, cube, ngram=3)


def test_rows_of_the_model_without_a_token_are_never_written(
    loaded: LoadedModel, vocabulary: Kosmos2Vocabulary
) -> None:
    head = SimpleNamespace(
        width=len(vocabulary) + 5,
        device=torch.device('cpu'),
        full=lambda hidden: torch.arange(len(vocabulary) + 5.0),
    )
    writer = Writer(head, vocabulary, 0)
    decoder = Decoder(loaded.model, vocabulary.image.slots)
    frame = TransformersFrame(torch.zeros(1, vocabulary.image.count, 64))
    ids = vocabulary.encode_prompt(describe_prompt(detailed=False))
    written = writer.write(decoder, frame, ids, 1, never, ignore)
    assert written.tokens[0].id < len(vocabulary)
