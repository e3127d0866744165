# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from transformers import Kosmos2Processor

from training.finetuning.batches import Batches
from training.finetuning.data import open_photos
from training.finetuning.replay import simulated_scenes
from training.finetuning.rows import IGNORED, RowMaker
from training.finetuning.settings import Settings


@pytest.fixture
def batches(processor: Kosmos2Processor, make_settings: Callable[..., Settings]) -> Batches:
    settings = make_settings(accumulate=2)
    sources = [*open_photos(settings).learned, *simulated_scenes(2, 224)]
    return Batches(sources, processor, RowMaker(processor, 64), settings)


def test_photographs_and_simulated_scenes_are_learned_together(batches: Batches) -> None:
    assert batches.steps_per_epoch == 2  # 4 images and 2 scenes, 2 passes of 2 images a step
    assert batches.steps == 6
    passes = [one for step in (0, 1) for one in batches.of_step(step)]
    assert sum(len(pixels) for pixels, _ in passes) == 6
    for pixels, rows in passes:
        assert pixels.shape[1:] == (3, 224, 224)
        assert set(rows.images.tolist()) == set(range(len(pixels)))
        assert bool((rows.targets != IGNORED).any(1).all())


def test_a_step_is_the_same_whenever_it_is_drawn(batches: Batches) -> None:
    (pixels, rows), *_ = batches.of_step(4)
    (again, same), *_ = batches.of_step(4)
    assert torch.equal(pixels, again)
    assert torch.equal(rows.ids, same.ids)
    (others, _), *_ = batches.of_step(2)
    assert not torch.equal(pixels, others)
