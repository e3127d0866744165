# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.questions.typos``."""

from __future__ import annotations

from random import Random

from kosmos_ros.evaluation.questions.typos import slips, typo


def test_one_slip_swaps_drops_or_doubles_a_letter() -> None:
    assert set(slips('cube')) == {
        *('cbe', 'cue', 'cub'),
        *('cuube', 'cubbe', 'cubee'),
        *('cbue', 'cueb'),
    }


def test_one_of_the_longer_words_is_misspelt() -> None:
    rng = Random(0)
    for _ in range(100):
        first, *middle, last = typo(rng, 'the red cube', ('cube',)).split()
        assert (first, middle) == ('the', ['red'])
        assert last in set(slips('cube'))


def test_what_is_a_word_does_not_come_out() -> None:
    rng = Random(0)
    found = {typo(rng, 'bowl', ('bow', 'bowl')) for _ in range(200)}
    assert found == set(slips('bowl')) - {'bow'}
    assert typo(rng, 'ball', set(slips('ball'))) is None
    assert typo(rng, 'a red mug', ()) is None
