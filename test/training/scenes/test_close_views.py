# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Parts of large images, and that their labels are those of the pixels they show."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.scene import sample_scene
from training.scenes.close_views import seen, shown, Window, windows

WIDTH, HEIGHT = 1280, 720
RED, BLUE = (600, 300, 640, 320), (100, 500, 120, 540)
"""x0, y0, x1, y1 of a thing in pixels."""


def thing(index: int, color: str, place: tuple[int, int, int, int]) -> VisibleObject:
    x0, y0, x1, y1 = place
    pixels = (x1 - x0) * (y1 - y0)
    return VisibleObject(
        index=index,
        shape='cube',
        color=color,
        size='small',
        box=Box(x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT),
        visible=1.0,
        inside=1.0,
        pixels=pixels,
        image_share=pixels / (WIDTH * HEIGHT),
        position=(0.0, 0.0, 2.0),
    )


def frame_of(width: int, height: int, *things: VisibleObject) -> RenderedFrame:
    rgb = np.full((height, width, 3), 90, np.uint8)
    for _, place, color in zip(things, (RED, BLUE), ((250, 0, 0), (0, 0, 250)), strict=False):
        x0, y0, x1, y1 = place
        rgb[y0:y1, x0:x1] = color
    depth = np.full((height, width), 2.0, np.float32)
    labels = np.full((height, width), -1, np.int32)
    camera = CameraModel.from_pose(sample_scene(0).surroundings.camera, width, height)
    return RenderedFrame(rgb, depth, labels, things, camera)


@pytest.fixture(scope='module')
def frame() -> RenderedFrame:
    """Return an image of two rectangles."""
    return frame_of(WIDTH, HEIGHT, thing(0, 'red', RED), thing(1, 'blue', BLUE))


def corners(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1


def size_of(window: Window) -> tuple[float, float]:
    return window[2] - window[0], window[3] - window[1]


def test_the_whole_shows_everything_as_it_is(frame: RenderedFrame) -> None:
    found = seen(frame, (0.0, 0.0, float(WIDTH), float(HEIGHT)))
    assert [one.name for one in found] == ['red cube', 'blue cube']
    for one, usual in zip(found, frame.objects, strict=True):
        assert corners(one.box) == pytest.approx(corners(usual.box))
        measures = (one.inside, one.image_share, one.pixels)
        assert measures == pytest.approx((usual.inside, usual.image_share, usual.pixels))


def test_a_part_has_the_boxes_of_what_it_shows(frame: RenderedFrame) -> None:
    window = (560.0, 280.0, 680.0, 370.0)
    (red,) = seen(frame, window)
    assert red.name == 'red cube'
    assert (red.inside, red.pixels) == pytest.approx((1.0, 800))
    assert red.image_share == pytest.approx(800 / (120 * 90))
    picture = shown(frame, window, 224)
    assert (picture.shape, picture.dtype) == ((224, 224, 3), np.uint8)
    rows, columns = np.nonzero(picture[..., 0] > 180)
    found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / 224
    assert found == pytest.approx(corners(red.box), abs=1.5 / 224)


def test_a_part_that_cuts_an_object_says_how_much_of_it_is_inside(frame: RenderedFrame) -> None:
    (red,) = seen(frame, (630.0, 280.0, 730.0, 380.0))
    assert red.inside == pytest.approx(0.25)
    assert red.image_share == pytest.approx(200 / 100**2)
    assert (red.box.x0, red.box.x1) == pytest.approx((0.0, 0.1))
    half_gone = frame_of(WIDTH, HEIGHT, *(frame.objects[0],))
    assert seen(half_gone, (640.0, 320.0, 700.0, 380.0)) == ()


def test_windows_are_the_whole_tiles_and_what_an_object_fills(frame: RenderedFrame) -> None:
    whole, *parts = windows(np.random.default_rng(1), frame, 200)
    assert whole == (0.0, 0.0, WIDTH, HEIGHT)
    assert len(parts) == 199
    for window in parts:
        x0, y0, x1, y1 = window
        assert 0 <= x0 < x1 <= WIDTH
        assert 0 <= y0 < y1 <= HEIGHT
        assert all(side == round(side) for side in window)
        across, down = size_of(window)
        # Whole pixels make small parts a little narrower.
        assert 0.7 < across / down < 1.4
    fills = [
        max(one.box.width, one.box.height)
        for window in islice(parts, 1, None, 2)
        for one in seen(frame, window)
        if one.inside > 0.999
    ]
    assert len(fills) > 80
    assert np.mean([0.2 < fill < 0.8 for fill in fills]) > 0.9
    # Objects in the middle, and at the edges.
    assert 0.05 < np.mean([len(seen(frame, window)) == 0 for window in parts]) < 0.3


def test_the_same_seed_gives_the_same_parts(frame: RenderedFrame) -> None:
    first, second = (list(windows(np.random.default_rng(3), frame, 12)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize('size', [(1920, 480), (480, 1440)])
def test_a_strip_is_never_shown_as_a_whole(size: tuple[int, int]) -> None:
    width, height = size
    parts = list(windows(np.random.default_rng(1), frame_of(width, height), 12))
    assert len(parts) == 12
    for window in parts:
        assert max(size_of(window)) <= 1.4 * min(size_of(window))
        assert window[2] <= width
        assert window[3] <= height
