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
from training.scenes.close_views import seen, windows
from training.scenes.render_pool import (
    CLOSE_STYLES,
    IMAGE_SIDE,
    render_pool,
    render_shard,
    Shard,
    style_of,
    STYLES,
)

SIZE = 4


@pytest.fixture(scope='module', params=range(0, 2 * len(STYLES), 2))
def shard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shard:
    """Render a small shard in each style of whole images."""
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


def test_every_second_shard_is_of_parts() -> None:
    styles = [style_of(index) for index in range(2 * len(CLOSE_STYLES))]
    assert [style.parts > 1 for style in styles] == [False, True] * len(CLOSE_STYLES)
    assert set(styles) == {*STYLES, *CLOSE_STYLES}


@pytest.mark.parametrize('index', [3, 15])
def test_labels_of_parts_are_those_of_their_pixels(tmp_path: Path, index: int) -> None:
    style = style_of(index)
    shard = Shard(tmp_path, index, first_seed=2_000_000, size=style.parts)
    render_shard(shard)
    images, scenes = np.load(shard.images_path), json.loads(shard.scenes_path.read_text())
    assert images.shape == (style.parts, IMAGE_SIDE, IMAGE_SIDE, 3)
    seed = shard.seeds[0]
    with TabletopRenderer(style.width, style.height, quality=style.quality) as renderer:
        frame = renderer.render(sample_scene(seed, style.options))
    parts = list(windows(np.random.default_rng((seed, 2)), frame, style.parts))
    judged = 0
    for image, labels, window in zip(images, scenes, parts, strict=True):
        assert len(labels) == len(seen(frame, window))
        x0, y0, x1, y1 = map(round, window)
        part = frame.segmentation[y0:y1, x0:x1]
        # The image is that of the window: its mean colour is.
        np.testing.assert_allclose(
            image.mean((0, 1)), frame.rgb[y0:y1, x0:x1].mean((0, 1)), atol=3.0
        )
        for thing, label in zip(seen(frame, window), labels, strict=True):
            shows = part == thing.index
            assert (label['shape'], label['color']) == (thing.shape, thing.color)
            before = int((frame.segmentation == thing.index).sum())
            # What is cut off is reckoned by the box.
            assert label['inside'] == pytest.approx(shows.sum() / before, abs=0.25)
            if not label['nameable']:
                continue
            rows, columns = np.nonzero(shows)
            found = np.array(
                [
                    columns.min() / part.shape[1],
                    rows.min() / part.shape[0],
                    (columns.max() + 1) / part.shape[1],
                    (rows.max() + 1) / part.shape[0],
                ]
            )
            sides = np.array([*(found[2:] - found[:2])] * 2)
            assert (np.abs(found - label['box']) <= 0.12 * sides + 0.01).all()
            assert shows.sum() >= 0.8 * before
            judged += 1
    assert judged >= 5


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
