# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is measured, how often, and in which sizes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from kosmos_ros.bench.timing import Effort

AS_WRITTEN = 128
"""Tokens that the recipe of the model card asks for."""

SEED_TOKENS = (AS_WRITTEN, 24, 5)
"""What a recipe writes: as on the card, and stopped after what a trained model may need."""

CAPTION_TOKENS = 32

LARGE_PARAMETERS = 1_000_000_000
"""From here on a model counts as full-size: fewer repeats, and the targets apply."""

BANDWIDTH_BYTES = 1 << 31
"""Read to find the memory's bandwidth: several times what caches hold."""

SCENE = 1
"""Seed of the simulated scene that the picture shows."""

_OBJECTS = ('pink bowl', 'orange star', 'white star', 'black cone', 'black star', 'red bowl')
_COLORS = ('red', 'blue', 'green', 'yellow', 'white', 'gray', 'purple')
_SHAPES = ('cube', 'ball', 'mug', 'plate', 'bottle')

IN_PICTURE = len(_OBJECTS)
"""The first of the phrases are about what the picture shows; a trained model finds these."""

PHRASES = tuple(
    f'the {name}'
    for name in (*_OBJECTS, *(f'{color} {shape}' for shape, color in product(_SHAPES, _COLORS)))
)
"""Phrases of three words each."""


@dataclass(frozen=True)
class BenchPlan:
    """
    The amount of work.

    :param seed: effort of the recipe by the number of tokens it writes.
    :param short: effort of anything that takes less than some seconds.
    :param phrase_counts: numbers of phrases in one call.
    :param camera_counts: numbers of images in one call.
    :param image_sizes: (width, height) of images; empty: not measured.
    :param agreement_phrases: phrases whose location tokens are compared between precisions.
    :param scenes: held-out scenes for the accuracy of a precision.
    :param node_frames: images sent to each node.
    :param rounds: how often the recipe and this package are asked in turn.
    :param starts: how often programs are started.
    """

    seed: dict[int, Effort]
    short: Effort
    phrase_counts: tuple[int, ...]
    camera_counts: tuple[int, ...]
    image_sizes: tuple[tuple[int, int], ...]
    agreement_phrases: int
    scenes: int
    node_frames: int
    rounds: int = 3
    starts: int = 1


SIZES = ((320, 240), (640, 480), (1280, 720), (1920, 1080), (3840, 2160))
NODE_SIZES = ((640, 480), (1920, 1080))


def make_plan(quick: bool, large: bool) -> BenchPlan:
    """
    Return what to do with a model.

    :param quick: a few minutes in all, with fewer repeats.
    :param large: whether the model is full-size.
    """
    long = Effort(1, 1, 0.0) if large else Effort(2, 3 if quick else 5, 5.0)
    middle = Effort(1, 1 if quick else 2, 20.0) if large else long
    short = Effort(2, 4, 2.0) if quick else Effort(5, 15 if large else 30, 4.0)
    return BenchPlan(
        seed={128: long, 24: middle, 5: short},
        short=short,
        phrase_counts=(1, 4, 8, 16) if large or quick else (1, 2, 4, 6, 8, 12, 16),
        camera_counts=(1, 2, 4) if large or quick else (1, 2, 3, 4),
        image_sizes=() if large else NODE_SIZES if quick else SIZES,
        agreement_phrases=len(PHRASES),
        scenes=20 if quick else 100,
        node_frames=40 if quick else 150,
        starts=2 if quick else 5,
        rounds=3 if quick else 5 if large else 15,
    )
