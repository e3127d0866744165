# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Typing errors."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random

_SHORTEST = 4
"""Shorter words are not misspelt: a slip leaves too little of them."""


def slips(word: str) -> Iterator[str]:
    """
    Yield a word with one typing error.

    Two letters are swapped, one is dropped, or one is doubled; the first letter stays.
    """
    for place in range(1, len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        yield before + after
        yield before + letter + letter + after
        if after:
            yield before + after[0] + letter + after[1:]


def typo(rng: Random, text: str, known: Collection[str]) -> str | None:
    """
    Return a text with a typing error in one of its longer words.

    :param known: words that must not result, as they would mean something else.
    :returns: None if there is no such error.
    """
    words = text.split()
    choices = [
        (place, slip)
        for place, word in enumerate(words)
        if len(word) >= _SHORTEST
        for slip in slips(word)
        if slip != word and slip not in known
    ]
    if not choices:
        return None
    place, slip = rng.choice(choices)
    return ' '.join([*words[:place], slip, *words[place + 1 :]])
