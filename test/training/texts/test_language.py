# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.texts.language``: what a model that always boxes is taught."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from kosmos_ros.core.model.grammar import Tag
from training.table import Table
from training.texts.examples import Example
from training.texts.language import examples, Mix
from training.texts.questions import NOT_THERE

ALWAYS_BOXES = Mix(absent_share=0.0, phrase_loss=True)


def taught(make_table: Callable[[int], Table], mix: Mix | None) -> Iterable[Example]:
    return (one for seed in range(60) for one in examples(Random(seed), make_table(seed), mix=mix))


def is_refusal(example: Example) -> bool:
    """Tell whether a phrase is answered by nothing, or by the words that it is not there."""
    ended = example.prompt[-1:] == (Tag.PHRASE_END,) and not example.answer
    unboxed = example.seen and example.answer[-1:] == (Tag.PHRASE_END,)
    return ended or unboxed or example.answer == (NOT_THERE,)


def test_the_embedded_model_learns_to_refuse(make_table) -> None:
    refusals = [is_refusal(one) for one in taught(make_table, None)]
    assert sum(refusals) > 0.1 * len(refusals)


def test_a_model_that_always_boxes_never_sees_an_absent_phrase(make_table) -> None:
    assert not any(is_refusal(one) for one in taught(make_table, ALWAYS_BOXES))


def test_some_absent_phrases_may_be_kept(make_table) -> None:
    every, half = (
        sum(map(is_refusal, taught(make_table, mix))) for mix in (Mix(), Mix(absent_share=0.5))
    )
    assert 0.3 * every < half < 0.7 * every


def test_a_phrase_loss_teaches_phrases_with_and_without_an_image(make_table) -> None:
    made = list(taught(make_table, ALWAYS_BOXES))
    assert any(not one.seen for one in made)
    assert not any(one.prompt[-1:] == (Tag.PHRASE_END,) for one in made)
    assert all(one.seen for one in taught(make_table, Mix(absent_share=0.0)))
