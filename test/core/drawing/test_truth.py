# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.core.drawing.truth``."""

from __future__ import annotations

import numpy as np
from PIL import Image

from kosmos_ros.core.drawing.truth import draw_truth, INK, PAPER, with_caption, WRONG
from kosmos_ros.core.types import Box

GREY = np.full((96, 128, 3), 128, np.uint8)


def test_boxes_are_dashed_in_black_and_white_on_a_copy() -> None:
    drawn = draw_truth(GREY, [Box(0.25, 0.25, 0.75, 0.75)])
    changed = drawn[(drawn != GREY).any(axis=2)]
    assert {tuple(pixel) for pixel in changed.tolist()} == {(0, 0, 0), (255, 255, 255)}
    rows, columns = np.nonzero((drawn != GREY).any(axis=2))
    assert (rows.min(), rows.max()) == (24, 72)
    assert (columns.min(), columns.max()) == (32, 96)
    assert (GREY == 128).all()


def test_captions_stand_below_in_as_many_lines_as_they_need() -> None:
    picture = Image.fromarray(GREY)
    short = with_caption(picture, [('right', INK)])
    long = with_caption(picture, [('right', INK), ('many words that do not fit ' * 3, WRONG)])
    assert np.array_equal(np.asarray(short)[:96], GREY)
    assert short.width == long.width == 128
    assert 96 < short.height < long.height - 20
    below = np.asarray(long)[96:]
    assert tuple(below[0, 0]) == PAPER
    reddest = below[..., 0].astype(int) - below[..., 2]
    assert reddest.max() > 100
