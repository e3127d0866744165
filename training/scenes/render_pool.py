# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Renders a pool of labelled tabletop scenes for training.

``python -m training.scenes.render_pool --out DIR --scenes 80000 --workers 2`` writes shards of
1000 scenes, and goes on where it stopped when called again:

- ``images_00000.npy``: uint8 (1000, 224, 224, 3) RGB, a 4:3 or 16:9 view squashed into a square,
  in every second shard also parts of larger ones, see ``close_views``;
- ``scenes_00000.json``: for each image the list of its seen objects, each with ``shape``,
  ``color``, ``size``, ``box`` (x0, y0, x1, y1, normalised, of the visible pixels), ``visible`` and
  ``inside`` (0..1), ``pixels`` (of 224 x 224) and ``nameable`` (may be asked for by name).

A shard is complete once its ``scenes`` file is there, and may be read while others are rendered.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
import multiprocessing
from pathlib import Path
import signal
import sys
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from kosmos_ros.sim.rendering.frame import (
    is_nameable,
    LEAST_SHARE,
    RenderedFrame,
    VisibleObject,
)
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.rendering.stage import RenderQuality
from kosmos_ros.sim.scenes.scene import CameraKind, sample_scene, SceneOptions
from training.scenes.close_views import FEWEST_PIXELS, seen, shown, windows

IMAGE_SIDE = 224
SHARD_SIZE = 1000
LEAST_SHOWN = 10 / IMAGE_SIDE**2
"""Share of a view of a large image from which on an object may be asked for."""

FIRST_TRAINING_SEED = 1_000_000
"""Lower seeds are kept for evaluation and demonstration."""


@dataclass(frozen=True)
class Style:
    """
    A way to make a square image: squashed while rendering, or resized afterwards.

    ``width`` and ``height`` are those of the view before; ``parts`` are how many images each scene
    gives, see ``close_views``, one: the whole, from the usual ``camera``.
    """

    squashed: bool
    quality: RenderQuality
    width: int = 640
    height: int = 480
    camera: CameraKind = CameraKind.USUAL
    parts: int = 1

    @property
    def options(self) -> SceneOptions:
        """Which scenes are rendered."""
        if self.parts == 1:
            return SceneOptions()
        aspect = self.width / self.height
        return SceneOptions(camera=self.camera, aspect=aspect, clutter_probability=0.7)


# Shards take turns, so that the model does not rely on the look of edges and shadows. The first is
# that of the simulated camera with the model's image processor.
STYLES = (
    Style(squashed=False, quality=RenderQuality(shadow_size=512, samples=0)),
    Style(squashed=True, quality=RenderQuality(shadow_size=512, samples=4)),
    Style(squashed=True, quality=RenderQuality(shadow_size=1024, samples=0)),
    Style(squashed=False, quality=RenderQuality(shadow_size=512, samples=0)),
    Style(squashed=True, quality=RenderQuality(shadow_size=512, samples=4), height=360),
    Style(squashed=True, quality=RenderQuality(shadow_size=1024, samples=0), height=360),
)

_SIMPLE = RenderQuality(shadow_size=512, samples=0)
CLOSE_STYLES = (
    Style(False, _SIMPLE, 1920, 1080, CameraKind.FAR, parts=12),
    Style(False, _SIMPLE, 1280, 720, CameraKind.FAR, parts=12),
    Style(False, _SIMPLE, 1920, 1080, CameraKind.FAR, parts=12),
    Style(False, _SIMPLE, 1920, 1080, CameraKind.USUAL, parts=12),
    Style(False, _SIMPLE, 1280, 720, CameraKind.FAR, parts=12),
    Style(False, _SIMPLE, 1920, 480, CameraKind.WIDE, parts=12),
    Style(False, _SIMPLE, 1920, 1080, CameraKind.FAR, parts=12),
    Style(False, _SIMPLE, 480, 1440, CameraKind.TALL, parts=12),
)
"""Of every second shard: parts of large images."""


def style_of(index: int) -> Style:
    """Return how a shard is made."""
    turn = index // 2
    return STYLES[turn % len(STYLES)] if index % 2 == 0 else CLOSE_STYLES[turn % len(CLOSE_STYLES)]


@dataclass(frozen=True)
class Shard:
    """Shard number ``index`` of the pool in ``folder``, with ``size`` scenes."""

    folder: Path
    index: int
    first_seed: int = FIRST_TRAINING_SEED
    size: int = SHARD_SIZE

    @property
    def images_path(self) -> Path:
        """Where its images are."""
        return self.folder / f'images_{self.index:05d}.npy'

    @property
    def scenes_path(self) -> Path:
        """Where its labels are; written last."""
        return self.folder / f'scenes_{self.index:05d}.json'

    @property
    def seeds(self) -> range:
        """Seeds of its scenes, in order."""
        start = self.first_seed + self.index * self.size
        return range(start, start + self.size)

    @property
    def is_complete(self) -> bool:
        """Whether it can be read."""
        return self.scenes_path.exists() and self.images_path.exists()


def render_shard(shard: Shard) -> int:
    """Render one shard and write its files."""
    style = style_of(shard.index)
    images = np.empty((shard.size, IMAGE_SIDE, IMAGE_SIDE, 3), dtype=np.uint8)
    scenes = []
    side = IMAGE_SIDE if style.squashed else None
    view = (style.width, style.height)
    with TabletopRenderer(*view, squash_to=side, quality=style.quality) as renderer:
        for seed in shard.seeds:
            frame = renderer.render(sample_scene(seed, style.options))
            for image, labels in _views(frame, style, seed):
                if len(scenes) < shard.size:
                    images[len(scenes)] = image
                    scenes.append(labels)
            if len(scenes) == shard.size:
                break
    with _replacing(shard.images_path) as file:
        np.save(file, images)
    with _replacing(shard.scenes_path) as file:
        file.write(json.dumps(scenes).encode())
    return shard.size


def _views(
    frame: RenderedFrame, style: Style, seed: int
) -> Iterator[tuple[npt.NDArray[np.uint8], list[dict[str, object]]]]:
    """Yield the images of a scene, with their labels."""
    if style.parts == 1:
        yield _square_image(frame), [_describe(thing) for thing in frame.objects]
        return
    for window in windows(np.random.default_rng((seed, 2)), frame, style.parts):
        labels = [
            _describe(thing, LEAST_SHOWN, thing.pixels >= FEWEST_PIXELS)
            for thing in seen(frame, window)
        ]
        yield shown(frame, window, IMAGE_SIDE), labels


def _square_image(frame: RenderedFrame) -> npt.NDArray[np.uint8]:
    if frame.rgb.shape[:2] == (IMAGE_SIDE, IMAGE_SIDE):
        return frame.rgb
    image = Image.fromarray(frame.rgb).resize((IMAGE_SIDE, IMAGE_SIDE), Image.Resampling.BICUBIC)
    return np.asarray(image)


def _describe(
    thing: VisibleObject, least_share: float = LEAST_SHARE, is_clear: bool = True
) -> dict[str, object]:
    box = thing.box
    return {
        'shape': thing.shape,
        'color': thing.color,
        'size': thing.size,
        'box': [round(value, 5) for value in (box.x0, box.y0, box.x1, box.y1)],
        'visible': round(thing.visible, 4),
        'inside': round(thing.inside, 4),
        'pixels': round(thing.image_share * IMAGE_SIDE**2),
        'nameable': is_clear and is_nameable(thing, least_share),
    }


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is renamed to ``path`` only when written completely."""
    partial = path.with_name(path.name + '.partial')
    with partial.open('wb') as file:
        yield file
    partial.replace(path)


def render_pool(
    folder: Path, scenes: int, first_seed: int, workers: int, shard_size: int = SHARD_SIZE
) -> None:
    """
    Render all shards that are still missing.

    :param scenes: rounded up to whole shards.
    :raises ValueError: if the folder holds a pool of other seeds or shards.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _claim(folder, {'first_seed': first_seed, 'shard_size': shard_size})
    count = -(-scenes // shard_size)
    shards = [Shard(folder, index, first_seed, shard_size) for index in range(count)]
    missing = [shard for shard in shards if not shard.is_complete]
    done = (len(shards) - len(missing)) * shard_size
    # A forked process would inherit the parent's OpenGL state.
    pool_context = multiprocessing.get_context('spawn')
    with (
        tqdm(total=len(shards) * shard_size, initial=done, unit='scene') as progress,
        pool_context.Pool(workers) as pool,
    ):
        for rendered in pool.imap_unordered(render_shard, missing):
            progress.update(rendered)


def _claim(folder: Path, layout: dict[str, int]) -> None:
    """Note the pool's layout in the folder, or compare it with the noted one."""
    note = folder / 'pool.json'
    if not note.exists():
        note.write_text(json.dumps(layout))
    found = json.loads(note.read_text())
    if found != layout:
        raise ValueError(f'{folder} holds a pool with {found}, not {layout}')


def main() -> None:
    """Parse the command line and render."""
    parser = argparse.ArgumentParser(description='Render labelled tabletop scenes for training.')
    parser.add_argument('--out', type=Path, required=True, help='folder of the pool')
    parser.add_argument('--scenes', type=int, default=80_000, help='how many scenes')
    parser.add_argument('--first-seed', type=int, default=FIRST_TRAINING_SEED)
    parser.add_argument('--workers', type=int, default=2, help='processes that render')
    arguments = parser.parse_args()
    # Leave by an exception, so that the workers are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('rendering was stopped'))
    render_pool(arguments.out, arguments.scenes, arguments.first_seed, arguments.workers)


if __name__ == '__main__':
    main()
