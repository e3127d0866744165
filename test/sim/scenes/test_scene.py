# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What scenes hold, over a few hundred seeds."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from kosmos_ros.sim.scenes.placement import footprint, overlap
from kosmos_ros.sim.scenes.scene import sample_scene, Scene, SceneOptions
from kosmos_ros.sim.vocabulary import color_distance, COLORS, SHAPES, SIZES


@pytest.fixture(scope='module')
def scenes() -> list[Scene]:
    """Three hundred scenes."""
    return [sample_scene(seed) for seed in range(300)]


def test_a_seed_gives_the_same_scene_every_time(scenes: list[Scene]) -> None:
    assert [sample_scene(seed) for seed in range(20)] == scenes[:20]
    assert len({repr(scene) for scene in scenes}) == len(scenes)


def test_every_word_of_the_vocabulary_occurs(scenes: list[Scene]) -> None:
    objects = [thing for scene in scenes for thing in scene.objects]

    for words, found in (
        (SHAPES, Counter(thing.shape for thing in objects)),
        (COLORS, Counter(thing.color for thing in objects)),
        (SIZES, Counter(thing.size for thing in objects)),
    ):
        fair_share = len(objects) / len(words)
        assert {word for word in words if found[word] > 0.3 * fair_share} == set(words)


def test_some_scenes_are_empty_and_the_others_hold_one_to_eight(scenes: list[Scene]) -> None:
    counts = Counter(len(scene.objects) for scene in scenes)

    assert set(counts) == set(range(9))
    assert 1 <= counts[0] <= 25


def test_many_scenes_hold_two_objects_of_one_color(scenes: list[Scene]) -> None:
    shared = [
        scene
        for scene in scenes
        if any(
            a.color == b.color and a.shape != b.shape for a, b in combinations(scene.objects, 2)
        )
    ]
    same_name = [
        scene
        for scene in scenes
        if len({thing.name for thing in scene.objects}) < len(scene.objects)
    ]

    assert len(shared) > 60
    assert len(same_name) > 15


def test_no_two_footprints_overlap(scenes: list[Scene]) -> None:
    for scene in scenes:
        sticks = [item for item in scene.clutter if item.is_stick]
        outlines = [footprint(thing.vertices) for thing in scene.objects]
        for a, b in combinations(outlines, 2):
            assert not overlap(a, b)
        for item in sticks:
            assert not any(overlap(footprint(item.vertices), outline) for outline in outlines)


def test_every_object_stands_on_the_table(scenes: list[Scene]) -> None:
    for scene in scenes:
        for thing in scene.objects:
            vertices = thing.vertices
            assert vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)
            assert (np.abs(vertices[:, :2]) < scene.surroundings.table_half_size).all()


def test_clutter_lies_on_the_table_and_sheets_are_flat(scenes: list[Scene]) -> None:
    clutter = [item for scene in scenes for item in scene.clutter]

    assert any(item.is_stick for item in clutter)
    assert any(not item.is_stick for item in clutter)
    for item in clutter:
        assert item.vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)
        if not item.is_stick:
            assert item.vertices[:, 2].max() < 0.003


def test_objects_stand_out_from_what_they_lie_on(scenes: list[Scene]) -> None:
    for scene in scenes:
        backgrounds = [scene.surroundings.table.rgb, *(item.rgb for item in scene.clutter)]
        for thing in scene.objects:
            assert min(color_distance(thing.rgb, other) for other in backgrounds) >= 30


def test_objects_keep_the_color_of_their_name(scenes: list[Scene]) -> None:
    for scene in scenes:
        for thing in scene.objects:
            assert color_distance(thing.rgb, COLORS[thing.color]) < 15


def test_only_bottles_and_cylinders_lie(scenes: list[Scene]) -> None:
    lying = Counter(thing.shape for scene in scenes for thing in scene.objects if thing.lying)

    assert set(lying) == {'bottle', 'cylinder'}


def test_the_handle_of_a_mug_is_not_behind_it(scenes: list[Scene]) -> None:
    for scene in scenes:
        for thing in scene.objects:
            if thing.shape == 'mug':
                handle = thing.rotation[:2, 0]
                towards = np.subtract(scene.surroundings.camera.position[:2], thing.position[:2])
                cosine = handle @ towards / np.linalg.norm(towards)
                assert np.cos(np.radians(125)) < cosine < np.cos(np.radians(30))


def test_the_key_light_is_before_the_wall(scenes: list[Scene]) -> None:
    for scene in scenes:
        surroundings = scene.surroundings
        assert surroundings.lights.key_position[1] < surroundings.wall_y
        assert surroundings.table_half_size[1] < surroundings.wall_y


def test_options_choose_what_is_drawn() -> None:
    options = SceneOptions(
        min_objects=3,
        max_objects=4,
        empty_probability=0.0,
        lying_probability=0.0,
        clutter_probability=0.0,
        few_colors_probability=1.0,
        few_shapes_probability=1.0,
    )

    for seed in range(40):
        scene = sample_scene(seed, options)
        assert 3 <= len(scene.objects) <= 4
        assert not scene.clutter
        assert not any(thing.lying for thing in scene.objects)
        assert len({thing.color for thing in scene.objects}) <= 3
        assert len({thing.shape for thing in scene.objects}) <= 3


def test_empty_scenes_can_be_asked_for() -> None:
    scene = sample_scene(1, SceneOptions(empty_probability=1.0))

    assert scene.objects == ()


@pytest.mark.parametrize(
    'values',
    [
        {'min_objects': 5, 'max_objects': 4},
        {'min_objects': -1},
        {'max_objects': 9},
        {'lying_probability': 1.5},
        {'empty_probability': float('nan')},
    ],
)
def test_options_out_of_range_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r'must be within|needs 0 <='):
        SceneOptions(**values)  # type: ignore[arg-type]


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match='0 or more'):
        sample_scene(-1)
