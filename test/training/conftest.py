# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tables to talk about, and small pools."""

from __future__ import annotations

from collections.abc import Callable, Iterable
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest

from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES
from training.table import Table, Thing

SAME_SHAPES = {
    'ball': {'ball', 'sphere', 'orb'},
    'mug': {'mug', 'cup'},
    'cube': {'cube', 'block'},
    'box': {'box', 'crate', 'carton'},
    'ring': {'ring', 'donut', 'torus'},
    'plate': {'plate', 'dish'},
}
SAME_COLORS = {
    'red': {'red', 'crimson', 'scarlet'},
    'blue': {'blue', 'navy'},
    'purple': {'purple', 'violet'},
    'green': {'green', 'emerald'},
}
SAME_SIZES = {'large': {'large', 'big', 'huge'}, 'small': {'small', 'little', 'tiny'}}
PLURALS = {'box': 'boxes', 'dish': 'dishes', 'torus': 'toruses'}
SAYING_NOTHING = {
    *('the', 'a', 'an', 'all', 'that', 'is', 'are', 'colored', 'coloured'),
    *('object', 'objects', 'thing', 'things', 'one', 'ones'),
    *('shiny', 'plastic', 'wooden', 'ceramic', 'metal', 'glossy', 'matte'),
    *('nice', 'new', 'old', 'clean', 'smooth'),
}


def meanings() -> dict[str, tuple[str, str]]:
    """Return what each word says of a thing: the field of ``Thing``, and its value."""
    said = {}
    for shape in SHAPES:
        for noun in SAME_SHAPES.get(shape, {shape}):
            said[noun] = said[PLURALS.get(noun, f'{noun}s')] = ('shape', shape)
    for field, values, same in (('color', COLORS, SAME_COLORS), ('size', SIZES, SAME_SIZES)):
        for value in values:
            said |= dict.fromkeys(same.get(value, {value}), (field, value))
    return said


MEANINGS = meanings()


def fits(words: Iterable[str], thing: Thing) -> bool:
    """
    Tell whether a noun phrase describes a thing, by what its words mean to people.

    :raises ValueError: if there is a word of which that is not known.
    """
    strange = [word for word in words if word not in MEANINGS and word not in SAYING_NOTHING]
    if strange:
        raise ValueError(f'no meaning is known of {strange}')
    said = (MEANINGS[word] for word in words if word in MEANINGS)
    return all(getattr(thing, field) == value for field, value in said)


def random_thing(rng: Random) -> Thing:
    """Return a thing anywhere in the image; one in ten is doubtful."""
    width, height = rng.uniform(0.04, 0.3), rng.uniform(0.04, 0.3)
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return Thing(
        rng.choice(SHAPES),
        rng.choice(list(COLORS)),
        rng.choice(list(SIZES)),
        (x, y, x + width, y + height),
        rng.random() < 0.9,
    )


def random_table(rng: Random) -> Table:
    """Return a table with up to eight things."""
    return Table.of(random_thing(rng) for _ in range(rng.randint(0, 8)))


def write_shard(folder: Path, number: int, count: int, seed: int = 0) -> None:
    """Write one shard of a pool: images of noise, and labels that do not fit them."""
    rng = Random(seed)
    noise = np.random.default_rng(seed).integers(0, 256, (count, 224, 224, 3), dtype=np.uint8)
    scenes = [[label(random_thing(rng)) for _ in range(rng.randint(0, 5))] for _ in range(count)]
    np.save(folder / f'images_{number:05d}.npy', noise)
    (folder / f'scenes_{number:05d}.json').write_text(json.dumps(scenes))


def label(thing: Thing) -> dict[str, object]:
    """Return the label of a thing as the pool holds it."""
    return {
        'shape': thing.shape,
        'color': thing.color,
        'size': thing.size,
        'box': list(thing.box),
        'visible': 1.0,
        'inside': 1.0,
        'pixels': 500,
        'nameable': thing.nameable,
    }


@pytest.fixture(scope='session')
def make_table() -> Callable[[int], Table]:
    """Return a function from seeds to tables with up to eight things, of which some repeat."""
    return lambda seed: random_table(Random(seed))


@pytest.fixture(scope='session')
def make_shard() -> Callable[[Path, int, int], None]:
    """Return ``write_shard``."""
    return write_shard


@pytest.fixture(scope='session')
def pool_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pool of one shard, a little larger than what is held back for validation."""
    folder = tmp_path_factory.mktemp('pool')
    write_shard(folder, 0, 232)
    return folder


@pytest.fixture(scope='session')
def describes() -> Callable[[Iterable[str], Thing], bool]:
    """Return ``fits``."""
    return fits


@pytest.fixture
def table() -> Table:
    """Return three things: two cubes and a mug."""
    return Table.of(
        [
            Thing('cube', 'red', 'small', (0.1, 0.5, 0.2, 0.6)),
            Thing('mug', 'orange', 'large', (0.4, 0.2, 0.6, 0.45)),
            Thing('cube', 'blue', 'medium', (0.8, 0.7, 0.95, 0.9)),
        ]
    )
