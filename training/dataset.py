# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Batches from the pool of rendered images that ``training.scenes.render_pool`` writes."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from training.augment import augment, RgbImage
from training.helper_targets import helper_targets, HelperTargets
from training.packing import empty_rows, pack, Packed
from training.table import Table, table_from_labels
from training.texts.language import examples, Mix

VALIDATION_IMAGES = 192
"""The pool's first images are never trained on."""

REFRESH_EVERY = 500


class Batch(NamedTuple):
    """Images (N, 224, 224, 3) uint8 with their packed examples and helper targets."""

    images: npt.NDArray[np.uint8]
    packed: Packed
    helpers: HelperTargets


class Pool:
    """
    The images of a folder, read without loading them.

    :param folder: holds ``images_NNNNN.npy`` and ``scenes_NNNNN.json``; more may come at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shards: dict[str, tuple[npt.NDArray[np.uint8], list[Table]]] = {}

    def refresh(self) -> list[tuple[str, int]]:
        """Look for new shards; return the keys of the images that are new."""
        new: list[tuple[str, int]] = []
        for labels in sorted(self._folder.glob('scenes_*.json')):
            name = labels.stem.removeprefix('scenes_')
            images = self._folder / f'images_{name}.npy'
            if name in self._shards or not images.exists():
                continue
            tables = [table_from_labels(scene) for scene in json.loads(labels.read_text())]
            self._shards[name] = (np.load(images, mmap_mode='r'), tables)
            new.extend((name, index) for index in range(len(tables)))
        return new

    def __getitem__(self, key: tuple[str, int]) -> tuple[RgbImage, Table]:
        """Return one image (224, 224, 3) and its table."""
        images, tables = self._shards[key[0]]
        return np.asarray(images[key[1]]), tables[key[1]]

    def validation(self, count: int = VALIDATION_IMAGES) -> list[tuple[RgbImage, Table]]:
        """
        Return the images held out from training.

        :raises FileNotFoundError: if the pool is empty.
        """
        self.refresh()
        if not self._shards:
            raise FileNotFoundError(f'{self._folder} holds no rendered images')
        first = min(self._shards)
        return [self[first, index] for index in range(min(count, VALIDATION_IMAGES))]


class Sampler:
    """
    Draws every image of the pool once before any is repeated.

    :param rank: which of ``world`` processes this is; each sees its own share of the images.
    """

    def __init__(self, pool: Pool, rng: Random, rank: int = 0, world: int = 1) -> None:
        self._pool, self._rng, self._rank, self._world = pool, rng, rank, world
        self._known: list[tuple[str, int]] = []
        self._queue: list[tuple[str, int]] = []
        self._drawn = 0
        self._admit()

    def _admit(self) -> None:
        new = self._pool.refresh()
        if not new:
            return
        first = min(name for name, _ in self._known + new)
        mine = [
            key
            for key in new
            if key[1] % self._world == self._rank
            and not (key[0] == first and key[1] < VALIDATION_IMAGES)
        ]
        self._known.extend(mine)
        self._queue.extend(mine)
        self._rng.shuffle(self._queue)

    def draw(self) -> tuple[RgbImage, Table]:
        """Return an image and its table, unchanged."""
        self._drawn += 1
        if self._drawn % REFRESH_EVERY == 0:
            self._admit()
        if not self._queue:
            if not self._known:
                raise FileNotFoundError('the pool holds no images to train on')
            self._queue = self._rng.sample(self._known, len(self._known))
        return self._pool[self._queue.pop()]

    @property
    def known(self) -> int:
        """How many images of the pool this process draws from."""
        return len(self._known)


def stack_packed(rows: list[Packed]) -> Packed:
    """Stack the rows of several images."""
    return Packed(*(np.stack(arrays) for arrays in zip(*rows, strict=True)))


def make_batch(
    rng: Random,
    scenes: list[tuple[RgbImage, Table]],
    with_text: bool = True,
    caption_chance: float = 0.6,
    mix: Mix | None = None,
) -> Batch:
    """Write examples for images and stack them."""
    packed = [
        pack(examples(rng, table, caption_chance, mix)) if with_text else empty_rows()
        for _, table in scenes
    ]
    helpers = [helper_targets(table) for _, table in scenes]
    return Batch(
        np.stack([image for image, _ in scenes]),
        stack_packed(packed),
        HelperTargets(*(np.stack(arrays) for arrays in zip(*helpers, strict=True))),
    )


def training_batch(
    rng: Random, sampler: Sampler, size: int, with_text: bool, mix: Mix | None = None
) -> Batch:
    """Draw, change and describe images."""
    scenes = [augment(rng, *sampler.draw()) for _ in range(size)]
    return make_batch(rng, scenes, with_text, mix=mix)
