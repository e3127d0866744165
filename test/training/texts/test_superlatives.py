# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.superlatives``: the thing named is most so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
import re

from hypothesis import given
from hypothesis import strategies as st

from training.table import Table, Thing
from training.texts.phrases import MARGIN
from training.texts.superlatives import missing_extreme_phrase, superlative_phrase
from training.texts.words import known_words

seeds = st.integers(0, 2**31)
MakeTable = Callable[[int], Table]
Describes = Callable[[Iterable[str], Thing], bool]


RANKS: dict[str, Callable[[Thing], float]] = {
    'leftmost|on the left side|on the left|to the left|on the far left': lambda t: -t.center[0],
    'rightmost|on the right side|on the right|to the right|on the far right': (
        lambda t: t.center[0]
    ),
    'topmost|farthest|at the back|in the back': lambda t: -t.center[1],
    'bottommost|closest|nearest|at the front|in front': lambda t: t.center[1],
}
SIZES: dict[str, Callable[[Thing], float]] = {
    'largest|biggest': lambda t: t.area,
    'smallest': lambda t: 1 / t.area,
}


@given(seeds)
def test_a_superlative_names_the_extreme(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = superlative_phrase(Random(seed), table)
    if referring is None:
        return
    (found,) = referring.things
    ((match, pattern),) = [
        (match, pattern)
        for pattern in (*RANKS, *SIZES)
        if (match := re.search(rf'\b(?:{pattern})\b', referring.text))
    ]
    noun = referring.text.replace(match[0], '').split()
    assert describes(noun, found)
    everything = (*table.things, *table.doubtful)
    others = [thing for thing in everything if describes(noun, thing) and thing is not found]
    if pattern in SIZES:
        assert SIZES[pattern](found) >= 1.25 * max(SIZES[pattern](thing) for thing in others)
    else:
        rank = RANKS[pattern]
        assert rank(found) - max(rank(thing) for thing in others) >= MARGIN
    if match[0].split()[0] in ('on', 'to', 'at', 'in') and 'far' not in match[0]:
        assert len(others) == 1


@given(seeds)
def test_the_most_extreme_of_none_is_nothing(
    make_table: MakeTable, describes: Describes, seed: int
) -> None:
    table = make_table(seed)
    referring = missing_extreme_phrase(Random(seed), table)
    if referring is None:
        return
    assert referring.things == ()
    (match,) = filter(
        None, (re.search(rf'\b(?:{pattern})\b', referring.text) for pattern in (*RANKS, *SIZES))
    )
    noun = referring.text.replace(match[0], '').split()
    if set(noun) <= set(known_words()):
        assert not any(describes(noun, thing) for thing in (*table.things, *table.doubtful))
