# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What this package does for an answer is counted, not believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.measure.ours import OurModel
from kosmos_ros.bench.measure.variant import held_out_accuracy, location_tokens
from kosmos_ros.bench.plan import CAPTION_TOKENS, PHRASES
from kosmos_ros.core.model.grammar import CELL_COUNT, GRID_SIZE
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import held_out_scenes

SCENES = 3


@pytest.fixture(scope='module')
def model() -> OurModel:
    """Return the embedded model."""
    return OurModel(make_backend(ModelSettings(device='cpu')), 4)


def test_a_first_query_encodes_once_and_takes_two_passes(ours: dict[str, Any]) -> None:
    assert ours['first']['images'] == [1, 1]
    assert ours['first']['passes'] == [2, 2]


def test_a_later_query_encodes_nothing(ours: dict[str, Any]) -> None:
    for name in ('later', 'later_all', 'eight_phrases'):
        timing = ours[name]
        assert timing['images'] == [0] * len(timing['seconds'])
        assert timing['reused'] == len(timing['seconds'])
    assert ours['later']['passes'] == [2, 2]


def test_phrases_of_a_call_share_the_passes(ours: dict[str, Any]) -> None:
    assert ours['eight_phrases']['passes'] == [2, 2]


def test_a_caption_takes_no_more_passes_than_tokens(ours: dict[str, Any]) -> None:
    caption = ours['caption']
    assert caption['tokens'] == [CAPTION_TOKENS] * 2
    assert all(0 < passes <= CAPTION_TOKENS for passes in caption['passes'])
    assert len(caption['token_seconds']) == 2 * (CAPTION_TOKENS - 1)


def test_one_token_passes_are_timed_within_their_calls(ours: dict[str, Any]) -> None:
    seconds = ours['floor']['location_pass_seconds']
    assert len(seconds) == len(ours['later']['seconds'])
    assert all(one < call for one, call in zip(seconds, ours['later']['seconds'], strict=True))
    assert ours['floor']['location_pass_bytes'] < ours['floor']['token_pass_bytes']


def test_growth_has_each_point(ours: dict[str, Any]) -> None:
    growth = ours['growth']
    assert list(growth['phrases']) == ['1', '3']
    assert list(growth['cameras']) == ['1', '2']
    for sized in growth['image_sizes'].values():
        assert sized['images'] == [1, 1]
        assert max(sized['prepare_seconds']) > 0


def test_corners_and_accuracy_are_those_of_a_trained_model(ours: dict[str, Any]) -> None:
    assert len(ours['location_tokens']) == 10
    for upper_left, lower_right in ours['location_tokens']:
        assert 0 <= upper_left <= lower_right < CELL_COUNT
    accuracy = ours['accuracy']
    assert accuracy['scenes'] == 1
    assert accuracy['questions'] > 0
    assert accuracy['acc_50'] > 0.5


def test_memory_peaks_above_what_the_model_takes(ours: dict[str, Any]) -> None:
    assert ours['peak_bytes'] >= ours['resident_bytes'] > 0


def test_each_phrase_has_the_location_tokens_it_has_alone(model: OurModel) -> None:
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    together = location_tokens(model, image, PHRASES)
    assert len(together) == len(PHRASES)
    assert together[-1:] == location_tokens(model, image, PHRASES[-1:])
    for first, second in together:
        assert 0 <= first <= second < CELL_COUNT
        assert first % GRID_SIZE <= second % GRID_SIZE


def test_accuracy_is_that_of_all_single_objects_of_the_scenes(model: OurModel) -> None:
    found = held_out_accuracy(model, SCENES)
    asked = [
        case
        for _, cases in held_out_scenes(range(SCENES))
        for case in cases
        if case.kind is Kind.UNIQUE
    ]
    assert found['scenes'] == SCENES
    assert found['questions'] == len(asked) > 0
    assert 0.5 < found['mean_iou'] <= 1.0
    assert found['acc_50'] > 0.5
