# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.augment`` and ``training.table``."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from training.augment import (
    any_window,
    augment,
    blurred,
    compressed,
    noisy,
    smeared,
    toned,
    window_around,
    windowed,
)
from training.table import cropped, mirrored, Table, table_from_labels, Thing

seeds = st.integers(0, 2**31)


def image_of(table: Table) -> np.ndarray:
    """Return a dark image in which the boxes of the table are bright."""
    image = np.full((224, 224, 3), 20, np.uint8)
    for thing in table.things:
        x0, y0, x1, y1 = (round(224 * value) for value in thing.box)
        image[y0:y1, x0:x1] = 230
    return image


def bright_bounds(image: np.ndarray) -> tuple[float, float, float, float]:
    """Return the normalised bounds of what is bright."""
    rows, columns = np.nonzero(image.mean(-1) > 125)
    return (
        columns.min() / 224,
        rows.min() / 224,
        (columns.max() + 1) / 224,
        (rows.max() + 1) / 224,
    )


@pytest.fixture
def lone() -> Table:
    return Table.of([Thing('cube', 'red', 'small', (0.25, 0.5, 0.5, 0.625))])


def test_mirroring_twice_changes_nothing(make_table: Callable[[int], Table]) -> None:
    for seed in range(20):
        table = make_table(seed)
        twice = mirrored(mirrored(table))
        assert [t.shape for t in twice.things] == [t.shape for t in table.things]
        for a, b in zip(twice.things, table.things, strict=True):
            assert a.box == pytest.approx(b.box)


@given(seed=seeds)
def test_boxes_follow_the_image(seed: int) -> None:
    table = Table.of([Thing('cube', 'red', 'small', (0.375, 0.375, 0.625, 0.5))])
    rng = Random(seed)
    window = rng.choice([any_window(rng), window_around(rng, table.things[0].box)])
    image, changed = windowed(image_of(table), table, window)
    assert image.shape == (224, 224, 3)
    for thing in changed.things:
        assert thing.box == pytest.approx(bright_bounds(image), abs=0.02)


def test_what_a_window_cuts_becomes_doubtful_or_goes(lone: Table) -> None:
    assert len(cropped(lone, (0.0, 0.0, 0.49, 1.0)).things) == 1
    half = cropped(lone, (0.0, 0.0, 0.375, 1.0))
    assert (len(half.things), len(half.doubtful)) == (0, 1)
    assert cropped(lone, (0.6, 0.0, 1.0, 1.0)) == Table(())


@pytest.mark.parametrize('change', [toned, blurred, smeared, noisy, compressed])
def test_changes_keep_shape_and_place(change: Callable[..., np.ndarray], lone: Table) -> None:
    image = image_of(lone)
    before = image.copy()
    changed = change(Random(1), image)
    assert (changed.shape, changed.dtype) == (image.shape, np.uint8)
    assert (changed != image).any()
    assert (image == before).all()
    assert changed[120, 80].mean() > changed[20, 20].mean() + 50


def test_smearing_leaves_things_where_their_boxes_say(lone: Table) -> None:
    """At the middle of the exposure they are there, to a pixel."""
    for seed in range(40):
        image = smeared(Random(seed), image_of(lone))
        assert bright_bounds(image) == pytest.approx(lone.things[0].box, abs=1.5 / 224)


def test_augmenting_leaves_the_pool_alone(lone: Table) -> None:
    image = image_of(lone)
    image.setflags(write=False)
    rng = Random(0)
    shapes = {augment(rng, image, lone)[0].shape for _ in range(60)}
    assert shapes == {(224, 224, 3)}


def test_faint_things_do_not_count() -> None:
    label = {'shape': 'cube', 'color': 'red', 'size': 'small', 'box': [0.1, 0.1, 0.2, 0.2]}
    labels = [
        label | {'visible': 0.01, 'nameable': False},
        label | {'visible': 0.3, 'nameable': False},
        label | {'visible': 1.0, 'nameable': True},
    ]
    table = table_from_labels(labels)
    assert (len(table.things), len(table.doubtful)) == (1, 1)
