# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asking what was published."""

from __future__ import annotations

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.grammar import Cell
from kosmos_ros.core.types import Task

from .conftest import one_word_else, PublishedBackend, Verify


def test_a_model_that_answers_as_published(verify_model: Verify, snow: RgbImage) -> None:
    backend = PublishedBackend(snow)
    result = verify_model(backend)
    assert [one.compared.as_published for one in result.answers] == [True] * 11
    assert result.all_as_published
    # Each picture is shown once for its questions, and three times to see how long that takes.
    assert len(backend.calls.encoded) == 2 + 3
    assert {one.grounding.task for one in result.answers} == {Task.RAW, Task.LOCATE}
    assert result.times.first_box > 0.0
    assert result.times.token > 0.0


def test_weights_of_4_bits_have_a_transcript_of_their_own(
    verify_model: Verify, snow: RgbImage
) -> None:
    assert verify_model(PublishedBackend(snow, '4bit'), quantization='4bit').all_as_published
    assert verify_model(PublishedBackend(snow), quantization='4bit').as_published == 10


def test_one_token_that_differs_is_one_answer_that_differs(
    verify_model: Verify, snow: RgbImage
) -> None:
    result = verify_model(PublishedBackend(snow, written=one_word_else))
    assert result.as_published == 10
    (other,) = [one for one in result.answers if not one.compared.as_published]
    assert other.transcript.name == 'detailed caption'
    first = other.compared.first
    assert first is not None
    assert (first.published, first.here, first.probability) == (' cozy', ' snug', 0.9)
    assert not other.compared.same_text
    assert other.compared.same_entities
    assert other.compared.same_boxes


def test_a_box_of_locate_that_differs(verify_model: Verify, snow: RgbImage) -> None:
    result = verify_model(PublishedBackend(snow, cells=(Cell(44), Cell(862))))
    assert result.as_published == 9
    assert {str(one.compared.first) for one in result.answers if one.transcript.locate} == {
        "token 3: published '<patch_index_0863>', here '<patch_index_0862>' (probability 0.90)"
    }


def test_a_model_that_says_nothing(verify_model: Verify) -> None:
    result = verify_model(ScriptedBackend())
    assert result.as_published == 0
    assert result.times.token == 0.0
    assert all('(the end)' in str(one.compared.first) for one in result.answers)
