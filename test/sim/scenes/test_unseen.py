# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Scenes beyond the usual ranges, and that nothing else changes with them."""

from __future__ import annotations

from dataclasses import replace
import math

import numpy as np
import pytest

from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.objects import Pairs
from kosmos_ros.sim.scenes.scene import CameraKind, sample_scene, Scene, SceneOptions
from kosmos_ros.sim.scenes.surroundings import CameraPose
from kosmos_ros.sim.surfaces.textures import DARKEST, texture, TEXTURE_COUNT, UNSEEN_TEXTURE_COUNT
from kosmos_ros.sim.vocabulary import COLORS, nearest_color, SHAPES, UNSEEN_PAIRS

SEEDS = range(60)

# As they were before there were any options for measuring: names, sizes, places; pattern of the
# table; x and roll of the camera; direction of the fill light; wall.
KNOWN = {
    0: (
        [
            ('green cone', 'large', 0.3319, 0.0192),
            ('purple cube', 'small', -0.0797, -0.0757),
            ('black ball', 'small', 0.178, 0.0166),
        ],
        35,
        (0.009, 2.6882, 5.3872, 0.7987),
    ),
    1_000_003: (
        [
            ('orange star', 'small', -0.2084, -0.1515),
            ('green star', 'small', -0.215, 0.3602),
            ('orange cone', 'large', -0.0068, 0.2377),
            ('brown plate', 'medium', 0.3094, 0.2162),
            ('orange banana', 'large', 0.154, -0.0564),
            ('green cube', 'medium', -0.3389, 0.0531),
            ('green bottle', 'medium', -0.0086, 0.0289),
            ('orange ball', 'small', -0.0364, -0.1853),
        ],
        12,
        (0.0427, -1.9157, 0.4711, 0.9589),
    ),
}


def pairs_of_scenes(**options: object) -> list[tuple[Scene, Scene]]:
    """Return scenes as usual and with an option."""
    return [(sample_scene(seed), sample_scene(seed, SceneOptions(**options))) for seed in SEEDS]


@pytest.mark.parametrize('seed', KNOWN)
def test_scenes_are_what_they_always_were(seed: int) -> None:
    objects, pattern, numbers = KNOWN[seed]
    scene = sample_scene(seed)
    room = scene.surroundings
    found = [(one.name, one.size, *one.position[:2]) for one in scene.objects]
    assert [entry[:2] for entry in found] == [entry[:2] for entry in objects]
    for entry, known in zip(found, objects, strict=True):
        assert entry[2:] == pytest.approx(known[2:], abs=1e-4)
    assert room.table.texture == pattern
    measured = (room.camera.position[0], room.camera.roll, room.lights.fill_azimuth, room.wall_y)
    assert measured == pytest.approx(numbers, abs=1e-4)


def test_patterns_are_what_they_always_were() -> None:
    means = [float(texture(index).mean()) for index in (1, 2, 20, 47)]
    assert means == pytest.approx([214.867, 213.733, 231.737, 249.047], abs=1e-3)


def test_scenes_as_usual_have_usual_patterns() -> None:
    for seed in SEEDS:
        room = sample_scene(seed).surroundings
        assert max(room.table.texture, room.floor.texture, room.wall.texture) < TEXTURE_COUNT


@pytest.mark.parametrize('index', range(TEXTURE_COUNT, TEXTURE_COUNT + UNSEEN_TEXTURE_COUNT))
def test_unseen_patterns_are_patterns_of_limited_contrast(index: int) -> None:
    pattern = texture(index)
    assert DARKEST * 255 - 1 <= pattern.min() < pattern.max() <= 255


def test_only_patterns_change_with_the_textures() -> None:
    for usual, other in pairs_of_scenes(unseen_textures=True):
        room = other.surroundings
        for surface in (room.table, room.floor, room.wall):
            assert TEXTURE_COUNT <= surface.texture < TEXTURE_COUNT + UNSEEN_TEXTURE_COUNT
        assert other.objects == usual.objects
        assert (room.lights, room.camera) == (usual.surroundings.lights, usual.surroundings.camera)


def test_only_lights_and_wall_change_with_the_lights() -> None:
    for usual, other in pairs_of_scenes(unseen_lights=True):
        assert other.objects == usual.objects
        room = other.surroundings
        assert room.lights.ambient < 0.5 < usual.surroundings.lights.ambient + 1e-9
        assert room.wall_y > room.lights.key_position[1]
        assert (
            replace(room, lights=usual.surroundings.lights, wall_y=usual.surroundings.wall_y)
            == usual.surroundings
        )


def elevation(pose: CameraPose) -> float:
    """Return the angle of a camera above the horizon in degrees."""
    away = np.subtract(pose.position, pose.target)
    return math.degrees(math.asin(away[2] / np.linalg.norm(away)))


def test_unseen_cameras_are_outside_the_usual_ranges() -> None:
    heights = []
    for usual, other in pairs_of_scenes(camera=CameraKind.UNSEEN):
        assert 28 <= elevation(usual.surroundings.camera) <= 65
        pose = other.surroundings.camera
        heights.append(elevation(pose))
        assert not 28 <= heights[-1] <= 65
        assert not 38 <= pose.vertical_fov <= 52
        assert not 0.6 <= math.dist(pose.position, pose.target) <= 0.95
        assert len(other.objects) >= 1 or not usual.objects
    assert min(heights) < 28
    assert max(heights) > 65


def test_from_low_only_the_height_of_the_camera_changes() -> None:
    for usual, other in pairs_of_scenes(camera=CameraKind.LOW):
        pose, before = other.surroundings.camera, usual.surroundings.camera
        assert 28 <= elevation(pose) <= 34
        assert math.dist(pose.position, pose.target) == pytest.approx(
            math.dist(before.position, before.target)
        )
        away, away_before = (np.subtract(one.position, one.target) for one in (pose, before))
        assert math.atan2(*away[:2]) == pytest.approx(math.atan2(*away_before[:2]))


def extents(scene: Scene, width: int, height: int) -> np.ndarray:
    """Return the rows x0, y0, x1, y1 of objects in pixels, reckoned from their corners."""
    camera = CameraModel.from_pose(scene.surroundings.camera, width, height)
    corners = [camera.project(one.vertices) for one in scene.objects]
    return np.array([[*points.min(axis=0), *points.max(axis=0)] for points in corners])


def test_from_afar_objects_are_small_and_anywhere_on_the_table() -> None:
    options = SceneOptions(camera=CameraKind.FAR, aspect=16 / 9, empty_probability=0.0)
    scenes = [sample_scene(seed, options) for seed in SEEDS]
    boxes = np.concatenate([extents(scene, 1920, 1080) for scene in scenes])
    widths = boxes[:, 2] - boxes[:, 0]
    distances = [
        math.dist(one.center, scene.surroundings.camera.position)
        for scene in scenes
        for one in scene.objects
    ]
    near, median, far = np.percentile(distances, [2, 50, 98])
    assert 1.5 < near < 2.0 < median < 3.0 < far < 4.0
    assert np.mean((widths > 12) & (widths < 60)) > 0.6
    assert widths.max() < 200
    assert np.mean((boxes[:, :2] > 0).all(1) & (boxes[:, 2:] < (1920, 1080)).all(1)) > 0.95
    # All over the table in some scenes, and within half a metre of each other in others.
    spreads = [np.ptp([one.position[0] for one in scene.objects]) for scene in scenes]
    assert max(spreads) > 0.8
    for scene in scenes:
        half = scene.surroundings.table_half_size
        assert all((np.abs(one.vertices[:, :2]) < half).all() for one in scene.objects)


@pytest.mark.parametrize(
    ('kind', 'width', 'height'), [(CameraKind.WIDE, 1920, 480), (CameraKind.TALL, 480, 1440)]
)
def test_a_strip_shows_objects_along_all_of_it(kind: CameraKind, width: int, height: int) -> None:
    options = SceneOptions(camera=kind, aspect=width / height, empty_probability=0.0)
    boxes = np.concatenate(
        [extents(sample_scene(seed, options), width, height) for seed in SEEDS[:30]]
    )
    long = 0 if kind is CameraKind.WIDE else 1
    centers = ((boxes[:, :2] + boxes[:, 2:]) / 2 / (width, height))[:, long]
    assert np.histogram(centers, bins=4, range=(0, 1))[0].min() > 0.03 * len(boxes)
    assert np.mean((centers > 0) & (centers < 1)) > 0.98


def test_another_camera_leaves_the_room_as_it_is() -> None:
    for seed in SEEDS[:6]:
        usual = sample_scene(seed)
        camera = usual.surroundings.camera
        for kind in (CameraKind.FAR, CameraKind.WIDE, CameraKind.TALL):
            other = sample_scene(seed, SceneOptions(camera=kind))
            assert replace(other.surroundings, camera=camera) == usual.surroundings
            assert other.surroundings.camera != camera


def test_unseen_pairs_are_all_words_and_can_be_left_out() -> None:
    assert {shape for shape, _ in UNSEEN_PAIRS} == set(SHAPES)
    assert {color for _, color in UNSEEN_PAIRS} == set(COLORS)
    for pairs in (Pairs.SEEN, Pairs.UNSEEN):
        drawn = [
            (one.shape, one.color)
            for seed in SEEDS
            for one in sample_scene(seed, SceneOptions(pairs=pairs)).objects
        ]
        assert len(drawn) > 100
        assert {pair in UNSEEN_PAIRS for pair in drawn} == {pairs is Pairs.UNSEEN}


def test_a_tighter_crowd_stands_closer() -> None:
    def spread(factor: float) -> float:
        options = SceneOptions(
            min_objects=3, empty_probability=0.0, crowded_probability=1.0, crowd_spread=factor
        )
        scenes = [sample_scene(seed, options) for seed in SEEDS]
        return float(
            np.mean([np.std([one.position[:2] for one in scene.objects]) for scene in scenes])
        )

    assert spread(0.5) < 0.9 * spread(1.0)


@pytest.mark.parametrize('factor', [0.0, 1.5])
def test_a_crowd_has_some_size(factor: float) -> None:
    with pytest.raises(ValueError, match='crowd_spread'):
        SceneOptions(crowd_spread=factor)


def test_colours_keep_their_names_in_unseen_light(renderer: TabletopRenderer) -> None:
    named = right = 0
    for seed in range(12):
        options = SceneOptions(unseen_lights=True, unseen_textures=True)
        frame = renderer.render(sample_scene(seed, options))
        for thing in frame.objects:
            pixels = frame.rgb[frame.segmentation == thing.index]
            named += 1
            right += nearest_color(np.median(pixels, axis=0) / 255) == thing.color
    assert named > 30
    assert right / named > 0.85
