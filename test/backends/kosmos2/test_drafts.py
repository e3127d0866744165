# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Guesses come from the longest and newest run that is known, and grow while they are right."""

from collections.abc import Sequence

import pytest

from kosmos_ros.backends.kosmos2.drafts import Drafts


def anything(_: Sequence[int]) -> bool:
    """Allow whatever is guessed."""
    return True


def drafts_of(*texts: Sequence[int], own: Sequence[int], most: int = 15) -> Drafts:
    """Return drafts of a text after others."""
    drafts = Drafts(texts, most)
    drafts.add(own)
    return drafts


@pytest.mark.parametrize(
    ('texts', 'own', 'expected'),
    [
        ([], [1, 2, 3], []),
        ([[1, 2, 3, 4]], [9, 2], [3, 4]),
        ([[1, 2, 3, 4], [7, 2, 5, 6]], [1, 2], [3, 4]),
        ([[1, 2, 3, 4], [1, 2, 5, 6]], [1, 2], [5, 6]),
        ([[1, 2], [3, 4]], [1, 2], []),
        ([[1, 2], [1, 2, 5]], [1, 2], [5]),
        ([], [1, 2, 3, 1, 2], [3, 1]),
        ([], [1, 1], [1]),
    ],
)
def test_what_followed_the_longest_newest_run_is_guessed(
    texts: list[list[int]], own: list[int], expected: list[int]
) -> None:
    assert drafts_of(*texts, own=own).next(None, anything, 99) == expected


def test_a_guess_ends_where_a_token_may_not_come() -> None:
    drafts = drafts_of([1, 2, 3, 4], [8, 2, 5, 6], own=[1, 2])
    assert drafts.next(None, lambda tokens: tokens[-1] != 4, 99) == [3]
    assert drafts.next(None, lambda tokens: tokens[-1] != 3, 99) == [5, 6]
    assert drafts.next(None, lambda tokens: tokens[0] not in {3, 5}, 99) == []


def test_a_likely_token_is_guessed_where_nothing_is_known() -> None:
    drafts = drafts_of([1, 2, 3], own=[7])
    assert drafts.next(50, anything, 99) == [50]
    drafts.add([2])
    assert drafts.next(50, anything, 99) == [3]


def test_guesses_grow_while_they_are_right_and_shrink_when_they_are_wrong() -> None:
    known = [*range(100)]
    drafts = drafts_of(known, own=[0], most=7)
    lengths = []
    for right in (2, 4, 7, 7, 3, 3, 0, 1):
        guess = drafts.next(None, anything, 99)
        lengths.append(len(guess))
        drafts.judge(len(guess), right)
    assert lengths == [2, 4, 7, 7, 7, 3, 6, 1]


def test_no_more_is_guessed_than_wanted() -> None:
    assert drafts_of([1, 2, 3, 4], own=[1]).next(50, anything, 1) == [2]
    assert drafts_of([1, 2, 3, 4], own=[1]).next(50, anything, 0) == []
    assert drafts_of([1, 2, 3, 4], own=[1], most=0).next(50, anything, 99) == []
    assert drafts_of([1, 2, 3, 4], own=[1], most=1).next(50, anything, 99) == [2]


def test_a_right_likely_token_says_nothing_of_what_is_known() -> None:
    drafts = drafts_of([*range(9)], own=[77])
    drafts.judge(len(drafts.next(50, anything, 9)), 1)
    drafts.add([0])
    assert drafts.next(50, anything, 9) == [1, 2]
