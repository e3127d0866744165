# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Shards hold what the renderer saw, and rendering goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kosmos_ros.sim.rendering.frame import is_nameable
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene
from training.scenes.render_pool import render_pool, render_shard, Shard, STYLES

SIZE = 4


@pytest.fixture(scope='module', params=range(len(STYLES)))
def shard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shard:
    """Render a small shard in each style."""
    folder = tmp_path_factory.mktemp('pool')
    shard = Shard(folder, index=request.param, first_seed=2_000_000, size=SIZE)
    assert not shard.is_complete
    assert render_shard(shard) == SIZE
    return shard


def test_a_shard_can_be_mapped_into_memory(shard: Shard) -> None:
    images = np.load(shard.images_path, mmap_mode='r')

    assert shard.is_complete
    assert isinstance(images, np.memmap)
    assert (images.shape, images.dtype) == ((SIZE, 224, 224, 3), np.uint8)
    assert {path.suffix for path in shard.folder.iterdir()} == {'.npy', '.json'}


def test_labels_are_those_of_the_full_view(shard: Shard) -> None:
    scenes = json.loads(shard.scenes_path.read_text())

    assert len(scenes) == SIZE
    with TabletopRenderer() as renderer:
        for labels, seed in zip(scenes, shard.seeds, strict=True):
            nameable = [
                thing
                for thing in renderer.render(sample_scene(seed)).objects
                if is_nameable(thing) and thing.visible > 0.7
            ]
            found = {(label['shape'], label['color'], label['size']) for label in labels}
            assert {(thing.shape, thing.color, thing.size) for thing in nameable} <= found


def test_labels_are_complete_and_in_range(shard: Shard) -> None:
    for labels in json.loads(shard.scenes_path.read_text()):
        for label in labels:
            assert set(label) == {
                'shape',
                'color',
                'size',
                'box',
                'visible',
                'inside',
                'pixels',
                'nameable',
            }
            x0, y0, x1, y1 = label['box']
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
            assert label['pixels'] <= (x1 - x0) * (y1 - y0) * 224**2 + 1


def test_rendering_goes_on_where_it_stopped(tmp_path: Path) -> None:
    render_pool(tmp_path, scenes=1, first_seed=2_000_000, workers=1, shard_size=1)
    first = (tmp_path / 'images_00000.npy').stat().st_mtime_ns

    render_pool(tmp_path, scenes=2, first_seed=2_000_000, workers=1, shard_size=1)

    assert (tmp_path / 'images_00000.npy').stat().st_mtime_ns == first
    assert Shard(tmp_path, 1, 2_000_000, 1).is_complete


def test_a_pool_of_other_seeds_is_not_mixed_in(tmp_path: Path) -> None:
    render_pool(tmp_path, scenes=0, first_seed=2_000_000, workers=1)

    with pytest.raises(ValueError, match=r'2000000.*not.*3000000'):
        render_pool(tmp_path, scenes=0, first_seed=3_000_000, workers=1)
