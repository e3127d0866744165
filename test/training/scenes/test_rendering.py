# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.scenes.rendering``."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.scenes import rendering
from training.scenes.rendering import rendered, shards


def test_a_pool_may_be_taken_as_it_is(tmp_path: Path) -> None:
    with rendered(tmp_path / 'pool', 0):
        assert not (tmp_path / 'pool').exists()


def test_a_renderer_that_cannot_work_ends_the_training(tmp_path: Path) -> None:
    (tmp_path / 'pool.json').write_text('{"first_seed": 5, "shard_size": 2}')
    with pytest.raises(ChildProcessError), rendered(tmp_path, 1000):
        pytest.fail('there is nothing to train on')


def test_enough_shards_are_not_waited_for(tmp_path: Path) -> None:
    for number in range(rendering.ENOUGH_SHARDS):
        (tmp_path / f'scenes_{number:05d}.json').write_text('[]')
        (tmp_path / f'images_{number:05d}.npy').touch()
    with rendered(tmp_path, 1000 * rendering.ENOUGH_SHARDS):
        assert shards(tmp_path) == rendering.ENOUGH_SHARDS
