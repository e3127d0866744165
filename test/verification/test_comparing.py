# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Comparing token by token."""

from __future__ import annotations

import pytest

from kosmos_ros.backends.scripted import WordVocabulary
from kosmos_ros.core.model.backend import GeneratedToken
from kosmos_ros.core.model.cells import Corner
from kosmos_ros.verification.comparing import compare_with, ComparedAnswer, Difference
from kosmos_ros.verification.transcripts import published_answers, Transcript

CAPTION = published_answers().answers[0]
WARMING = ' warming himself by'


def written(answer: str, one: Transcript = CAPTION) -> ComparedAnswer:
    """Compare an answer whose tokens are words."""
    vocabulary = WordVocabulary()
    tokens = [GeneratedToken(number, 0.5) for number in vocabulary.encode(answer)]
    return compare_with(one, tokens, vocabulary)


@pytest.mark.parametrize(
    ('old', 'new', 'expected'),
    [
        ('himself', 'up', Difference(10, ' himself', ' up', 0.5)),
        ('_0911', '_0912', Difference(18, '<patch_index_0911>', '<patch_index_0912>', 0.5)),
        ('</object>.', '</object>', Difference(20, '.', '(the end)', None)),
        ('</object>.', '</object>. He', Difference(21, '(the end)', ' He', 0.5)),
        ('<phrase> a fire', ' a fire', Difference(12, '<phrase>', ' a', 0.5)),
    ],
)
def test_the_first_token_that_differs_is_named(old: str, new: str, expected: Difference) -> None:
    answer = CAPTION.continuation.replace(old, new)
    assert answer != CAPTION.continuation
    compared = written(answer)
    assert compared.first == expected
    assert not compared.as_published


def test_the_difference_in_words() -> None:
    told = str(Difference(10, ' himself', ' up', 0.4142))
    assert told == "token 10: published ' himself', here ' up' (probability 0.41)"
    assert 'probability' not in str(Difference(18, '.', '(the end)', None))


def test_text_entities_and_boxes_are_judged_apart() -> None:
    box = written(CAPTION.continuation.replace('_0911', '_0912'))
    assert (box.same_text, box.same_entities, box.same_boxes) == (True, True, False)
    word = written(CAPTION.continuation.replace('himself', 'up'))
    assert (word.same_text, word.same_entities, word.same_boxes) == (False, False, True)
    nothing = written('')
    assert (nothing.tokens, nothing.first) == (0, Difference(1, '<phrase>', '(the end)', None))


def test_boxes_are_those_of_the_cells_however_fine_the_corners() -> None:
    vocabulary = WordVocabulary()
    fine = Corner(0.3, 0.3, 1.0)
    tokens = [
        GeneratedToken(number, 1.0, fine if vocabulary.ids.cell_of(number) else None)
        for number in vocabulary.encode(CAPTION.continuation)
    ]
    assert compare_with(CAPTION, tokens, vocabulary).as_published


class Bytes(WordVocabulary):
    """A vocabulary some of whose tokens are half a character."""

    def decode(self, token_ids: object) -> str:
        """Give the character once both halves are there."""
        return {1: '\ufffd', 2: ' é'}[len(list(token_ids))]  # type: ignore[call-overload]


def test_half_characters_are_spelled_with_their_other_half() -> None:
    one = CAPTION
    size = Bytes().ids.size
    compared = compare_with(one, [GeneratedToken(size - 1, 0.5)] * 2, Bytes())
    assert compared.here == f'{one.prompt} é'
    assert compared.first == Difference(2, '<phrase>', ' é', 0.5)
