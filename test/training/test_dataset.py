# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.dataset`` and ``training.helper_targets``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest

from kosmos_ros.sim.vocabulary import COLORS, SHAPES
from training import dataset
from training.dataset import Pool, Sampler, training_batch, VALIDATION_IMAGES
from training.helper_targets import helper_targets, IGNORED
from training.table import Table, Thing

MakeShard = Callable[[Path, int, int], None]


def drawn(sampler: Sampler, count: int) -> list[bytes]:
    return [sampler.draw()[0][:8].tobytes() for _ in range(count)]


def test_processes_share_the_images_without_those_held_back(pool_folder: Path) -> None:
    held_back = {image[:8].tobytes() for image, _ in Pool(pool_folder).validation()}
    assert len(held_back) == VALIDATION_IMAGES
    shares = [
        drawn(Sampler(Pool(pool_folder), Random(0), rank, 2), (232 - VALIDATION_IMAGES) // 2)
        for rank in range(2)
    ]
    assert len(set(shares[0]) | set(shares[1])) == 232 - VALIDATION_IMAGES
    assert not held_back & (set(shares[0]) | set(shares[1]))


def test_every_image_comes_once_before_any_comes_again(pool_folder: Path) -> None:
    sampler = Sampler(Pool(pool_folder), Random(0))
    count = sampler.known
    first, second = drawn(sampler, count), drawn(sampler, count)
    assert len(set(first)) == count
    assert sorted(first) == sorted(second)
    assert first != second


def test_new_shards_are_found(
    tmp_path: Path, make_shard: MakeShard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, 'REFRESH_EVERY', 5)
    make_shard(tmp_path, 0, VALIDATION_IMAGES + 4)
    sampler = Sampler(Pool(tmp_path), Random(0))
    assert sampler.known == 4
    make_shard(tmp_path, 1, 6)
    (tmp_path / 'images_00002.npy').touch()  # still being rendered
    drawn(sampler, 5)
    assert sampler.known == 10


def test_an_empty_pool_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match='no images'):
        Sampler(Pool(tmp_path), Random(0)).draw()


def test_a_batch_is_stacked(pool_folder: Path) -> None:
    rng = Random(0)
    batch = training_batch(rng, Sampler(Pool(pool_folder), rng), 3, with_text=True)
    assert batch.images.shape == (3, 224, 224, 3)
    assert {len(array) for array in (*batch.packed, *batch.helpers)} == {3}
    assert (batch.packed.targets >= 0).any(axis=(1, 2)).all()


def test_helpers_learn_what_covers_a_patch() -> None:
    big = Thing('bowl', 'white', 'large', (0.0, 0.0, 1.0, 0.5))
    small = Thing('star', 'red', 'small', (0.70, 0.20, 0.85, 0.35))
    hidden = Thing('mug', 'blue', 'small', (0.0, 0.8, 0.2, 1.0), nameable=False)
    targets = helper_targets(Table.of([big, small, hidden]))
    assert targets.patch_shapes[3, 6] == 1 + SHAPES.index('bowl')
    assert targets.patch_shapes[3, 10] == 1 + SHAPES.index('star')
    assert targets.patch_colors[3, 10] == 1 + list(COLORS).index('red')
    assert targets.patch_boxes[3, 10] == pytest.approx(small.box)
    assert (targets.patch_shapes[10, 6], targets.patch_shapes[12, 1]) == (0, IGNORED)
    assert targets.latent_shapes[2, 6] == 1 + SHAPES.index('star')
    assert np.count_nonzero(targets.latent_shapes) == 3
