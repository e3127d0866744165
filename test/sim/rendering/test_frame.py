# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Visible and inside shares of arrangements made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.sim.rendering.frame import is_nameable, VisibleObject
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.clutter import Clutter
from kosmos_ros.sim.scenes.objects import SceneObject
from kosmos_ros.sim.scenes.scene import sample_scene, Scene
from kosmos_ros.sim.scenes.surroundings import CameraPose

FROM_THE_FRONT = CameraPose(
    position=(0.0, -0.9, 0.25), target=(0.0, 0.0, 0.05), vertical_fov=40.0, roll=0.0
)

SEEN = VisibleObject(
    index=0,
    shape='cube',
    color='red',
    size='small',
    box=Box(0.1, 0.1, 0.2, 0.2),
    visible=1.0,
    inside=1.0,
    pixels=3000,
    image_share=0.01,
    position=(0.0, 0.0, 1.0),
)


def _block(color: str, x: float, y: float, width: float = 0.1, height: float = 0.1) -> SceneObject:
    return SceneObject(
        shape='cube',
        color=color,
        size='medium',
        rgb=(0.8, 0.1, 0.1),
        scale=(width, 0.02, height),
        position=(x, y, 0.0),
    )


def _scene(*objects: SceneObject, clutter: tuple[Clutter, ...] = ()) -> Scene:
    surroundings = replace(sample_scene(0).surroundings, camera=FROM_THE_FRONT)
    return Scene(0, surroundings, objects, clutter)


def test_an_object_in_the_open_is_all_visible(renderer: TabletopRenderer) -> None:
    seen = renderer.render(_scene(_block('red', 0.0, 0.0), _block('blue', 0.2, 0.0))).objects

    assert [thing.name for thing in seen] == ['red cube', 'blue cube']
    assert [thing.visible for thing in seen] == [1.0, 1.0]
    assert [thing.inside for thing in seen] == [1.0, 1.0]


def test_half_an_object_is_hidden_by_one_that_stands_before_it(renderer: TabletopRenderer) -> None:
    behind = _block('red', 0.0, 0.0)
    # Reaches from the middle of the other to the right, and above it.
    before = _block('blue', 0.1, -0.02, width=0.2, height=0.14)

    seen = renderer.render(_scene(behind, before)).objects

    assert seen[0].visible == pytest.approx(0.5, abs=0.04)
    assert seen[1].visible == 1.0
    assert seen[0].box.x1 == pytest.approx(0.5, abs=0.01)


def test_an_object_that_is_hidden_completely_is_not_listed(renderer: TabletopRenderer) -> None:
    behind = _block('red', 0.0, 0.1, width=0.03, height=0.03)
    before = _block('blue', 0.0, -0.1, width=0.3, height=0.2)

    seen = renderer.render(_scene(behind, before)).objects

    assert [thing.index for thing in seen] == [1]


def test_clutter_hides_too(renderer: TabletopRenderer) -> None:
    stick = Clutter(
        is_stick=True,
        rgb=(0.6, 0.6, 0.6),
        half_size=(0.2, 0.01, 0.025),
        position=(0.0, -0.05, 0.025),
        yaw=0.0,
    )

    (seen,) = renderer.render(_scene(_block('red', 0.0, 0.0), clutter=(stick,))).objects

    assert 0.3 < seen.visible < 0.75


def test_half_an_object_is_outside_the_image(renderer: TabletopRenderer) -> None:
    camera = renderer.show(_scene())
    edge = float(camera.width / 2 / camera.fx * camera.to_optical([0, 0, 0.05])[2])

    (seen,) = renderer.render(_scene(_block('red', edge, 0.0))).objects

    assert seen.inside == pytest.approx(0.5, abs=0.06)
    assert seen.box.x1 == 1.0


def test_no_object_no_label(renderer: TabletopRenderer) -> None:
    frame = renderer.render(_scene())

    assert frame.objects == ()
    assert (frame.segmentation == -1).all()


@pytest.mark.parametrize(
    ('changes', 'expected'),
    [
        ({}, True),
        ({'visible': 0.59}, False),
        ({'inside': 0.84}, False),
        ({'image_share': 299 / (640 * 480)}, False),
        ({'image_share': 300 / (640 * 480), 'visible': 0.6, 'inside': 0.85}, True),
    ],
)
def test_nameable(changes: dict[str, float], expected: bool) -> None:
    assert is_nameable(replace(SEEN, **changes)) is expected  # type: ignore[arg-type]


def test_a_larger_image_shows_what_a_small_share_of_it_is() -> None:
    thing = replace(SEEN, image_share=100 / (1920 * 1080))
    assert not is_nameable(thing)
    assert is_nameable(thing, 90 / (1920 * 1080))
    assert not is_nameable(thing, 110 / (1920 * 1080))
    assert not is_nameable(replace(thing, visible=0.5), 90 / (1920 * 1080))
