# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is compared between precisions."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.measure.ours import OurModel
from kosmos_ros.bench.measure.precision import held_out_accuracy, location_tokens
from kosmos_ros.bench.plan import PHRASES
from kosmos_ros.core.model.grammar import CELL_COUNT, GRID_SIZE
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import held_out_scenes

SCENES = 3


@pytest.fixture(scope='module')
def model() -> OurModel:
    """Return the embedded model."""
    return OurModel(make_backend(ModelSettings(device='cpu')), 4)


def test_each_phrase_has_the_location_tokens_it_has_alone(model: OurModel) -> None:
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    together = location_tokens(model, image, PHRASES)
    assert len(together) == len(PHRASES)
    assert together[-1:] == location_tokens(model, image, PHRASES[-1:])
    for first, second in together:
        assert 0 <= first <= second < CELL_COUNT
        assert first % GRID_SIZE <= second % GRID_SIZE


def test_accuracy_is_that_of_all_single_things_of_the_scenes(model: OurModel) -> None:
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
