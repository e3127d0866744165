# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The live camera against the renderer."""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.sim.live import LiveTabletop
from kosmos_ros.sim.motion import Motion
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene


def test_images_are_those_of_the_scene(renderer: TabletopRenderer) -> None:
    with LiveTabletop(640, 480, seed=3) as live:
        color, depth = live.capture()

        expected = renderer.render(sample_scene(3))
        np.testing.assert_array_equal(color, expected.rgb)
        np.testing.assert_allclose(depth, expected.depth, atol=1e-4)
        assert live.truth.objects == expected.objects


def test_noise_differs_from_image_to_image_and_has_the_size_asked_for() -> None:
    with LiveTabletop(160, 120, seed=3, noise=4.0) as live:
        first, second = live.capture()[0], live.capture()[0]
        difference = first.astype(float) - live.truth.rgb
        unclipped = (live.truth.rgb > 30) & (live.truth.rgb < 225)

        assert (first != second).any()
        assert difference[unclipped].std() == pytest.approx(4.0, rel=0.05)
        assert abs(difference[unclipped].mean()) < 0.2


def test_noise_does_not_wrap_around() -> None:
    with LiveTabletop(160, 120, seed=3, noise=30.0) as live:
        color = live.capture()[0].astype(int)

        assert np.abs(color - live.truth.rgb).max() < 200


def test_another_scene_is_shown() -> None:
    with LiveTabletop(160, 120, seed=3) as live:
        before = live.truth
        live.show(4)

        assert live.seed == 4
        assert (live.capture()[0] == live.truth.rgb).all()
        assert (live.truth.rgb != before.rgb).any()


def test_a_seed_without_a_scene_leaves_the_scene_as_it_is() -> None:
    with LiveTabletop(160, 120, seed=3) as live:
        with pytest.raises(ValueError, match='0 or more'):
            live.show(-1)

        assert live.seed == 3
        assert (live.capture()[0] == live.truth.rgb).all()


def test_a_moving_camera_knows_what_each_image_shows() -> None:
    motion = Motion('sway', amplitude=0.05, period=4.0)
    with LiveTabletop(320, 240, seed=3, motion=motion) as live:
        color, depth = live.capture(0.0)
        before = live.truth
        live.capture(1.0)

        assert (color == before.rgb).all()
        assert (depth == before.depth).all()
        first, second = before.objects[0], live.truth.objects[0]
        assert first.index == second.index
        # A quarter of the circle: as far sideways as down.
        way = np.subtract(live.truth.camera.position, before.camera.position)
        assert np.linalg.norm(way) == pytest.approx(0.05 * 2**0.5)
        pixels = 320 * (second.box.x0 - first.box.x0), 240 * (second.box.y0 - first.box.y0)
        assert min(map(abs, pixels)) > 5


def test_a_still_camera_is_where_its_scene_has_it() -> None:
    with LiveTabletop(160, 120, seed=3) as live:
        truth = live.truth
        live.capture(1.0)

        assert live.truth is truth


@pytest.mark.parametrize('motion', [Motion(), Motion('sway')])
def test_a_mark_stands_where_it_is_put_and_is_in_the_picture_alone(motion: Motion) -> None:
    with LiveTabletop(320, 240, seed=1, motion=motion) as live:
        before, depth = live.capture()
        truth = live.truth
        camera, thing = truth.camera, truth.objects[0]
        place = camera.rotation @ np.array(thing.position) + camera.position
        live.mark(place)
        marked, depth_with_mark = live.capture()

        magenta = (marked[..., 0] > 200) & (marked[..., 1] < 60) & (marked[..., 2] > 200)
        rows, columns = np.nonzero(magenta & (marked != before).any(axis=2))
        x, y = camera.project(place)
        foot = rows.argmax()
        assert len(rows) > 40
        assert abs(columns[foot] - x) < 4
        assert abs(rows[foot] - y) < 4
        np.testing.assert_array_equal(depth, depth_with_mark)
        assert live.truth.objects == truth.objects
        np.testing.assert_array_equal(live.truth.rgb, truth.rgb)

        live.mark(None)
        np.testing.assert_array_equal(live.capture()[0], before)
