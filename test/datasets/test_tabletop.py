# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.tabletop`` and ``kosmos_ros.datasets.levels``."""

from __future__ import annotations

from collections.abc import Iterator
import math

import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.datasets.levels import chosen_levels, LEVELS, name_of_levels
from kosmos_ros.datasets.tabletop import scene_of, TabletopSet
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.questions.items import OpenedSample
from kosmos_ros.evaluation.questions.simulated import make_cases
from kosmos_ros.sim.rendering.frame import is_nameable
from kosmos_ros.sim.scenes.scene import sample_scene
from kosmos_ros.sim.vocabulary import COLORS, SHAPES, SIZES, UNSEEN_PAIRS

SEEDS = range(10, 22)

# As they were before there were any other cameras: sums of the coordinates of objects, and of the
# camera's place and field of view, in two scenes of each level.
KNOWN = {
    'standard': (0.1803, 94.6191),
    'few': (0.1296, 94.6191),
    'some': (0.5994, 94.6191),
    'many': (-0.5739, 94.6191),
    'occlusion': (0.2516, 93.9503),
    'textures': (0.1803, 94.6191),
    'lights': (0.1803, 94.6191),
    'cameras': (-0.8793, 87.2692),
    'pairs': (-0.0115, 94.6191),
}


@pytest.fixture(scope='module')
def data() -> Iterator[TabletopSet]:
    """Return scenes of all levels."""
    with TabletopSet(SEEDS, chosen_levels('all')) as opened:
        yield opened


@pytest.fixture(scope='module')
def opened(data: TabletopSet) -> dict[str, list[OpenedSample]]:
    """Return the scenes of some levels."""
    scenes: dict[str, list[OpenedSample]] = {}
    for item in data:
        if item.group in ('standard', 'many', 'occlusion'):
            scenes.setdefault(item.group, []).append(item.open())
    return scenes


def test_items_are_numbered_by_level_and_seed(data: TabletopSet) -> None:
    ids = [item.id for item in data]
    assert len(ids) == len(set(ids)) == len(data) == 11 * len(SEEDS)
    assert ids[0] == 'tabletop-standard/00010'
    assert data.item('tabletop-lights/00011').group == 'lights'
    for wrong in ('tabletop-lights/00099', 'tabletop-night/00011', 'coco/7'):
        with pytest.raises(KeyError):
            data.item(wrong)


def test_an_item_is_the_same_each_time(data: TabletopSet) -> None:
    item = data.item('tabletop-cameras/00012')
    first, second = item.open(), item.open()
    np.testing.assert_array_equal(first.image, second.image)
    assert first.questions == second.questions


def test_the_standard_level_asks_what_was_always_asked(
    opened: dict[str, list[OpenedSample]],
) -> None:
    for seed, scene in zip(SEEDS, opened['standard'], strict=True):
        assert scene_of('standard', seed) == sample_scene(seed)
        assert scene.frame is not None
        usual = make_cases(scene.frame, seed)
        assert [one.case for one in scene.questions[: len(usual)]] == usual
        assert all(one.case.wording for one in scene.questions[len(usual) :])


def test_levels_are_as_hard_as_they_say(opened: dict[str, list[OpenedSample]]) -> None:
    def objects(level: str) -> list[int]:
        return [len(scene_of(level, seed).objects) for seed in SEEDS]

    def hidden(level: str) -> float:
        visible = [
            thing.visible < 0.95
            for scene in opened[level]
            for thing in scene.frame.objects
            if is_nameable(thing)
        ]
        return float(np.mean(visible))

    assert max(objects('few')) <= 2
    assert 3 <= min(objects('some')) <= max(objects('some')) <= 5
    assert min(objects('many')) >= 6
    assert hidden('occlusion') > 2 * hidden('many')
    for seed in SEEDS:
        for thing in scene_of('pairs', seed).objects:
            assert (thing.shape, thing.color) in UNSEEN_PAIRS


@pytest.mark.parametrize('level', KNOWN)
def test_levels_have_the_scenes_they_always_had(level: str) -> None:
    scenes = [scene_of(level, seed) for seed in SEEDS[:2]]
    places = sum(sum(thing.position) for scene in scenes for thing in scene.objects)
    poses = [scene.surroundings.camera for scene in scenes]
    cameras = sum(sum(pose.position) + pose.vertical_fov for pose in poses)
    assert (places, cameras) == pytest.approx(KNOWN[level], abs=1e-4)


def test_far_and_wide_images_have_objects_of_few_pixels_and_clutter(data: TabletopSet) -> None:
    assert sum(bool(scene_of('far', seed).clutter) for seed in SEEDS) > 0.6 * len(SEEDS)
    # Seeds take turns: each way to make an image once.
    sizes: dict[str, list[tuple[int, ...]]] = {'far': [], 'wide': []}
    for level, seeds in (('far', SEEDS[:3]), ('wide', SEEDS[:2])):
        for seed in seeds:
            scene = data.item(f'tabletop-{level}/{seed:05}').open()
            frame = scene.frame
            assert frame is not None
            sizes[level].append(frame.rgb.shape[1::-1])
            area = frame.rgb.shape[0] * frame.rgb.shape[1]
            cases = [one.case for one in scene.questions]
            asked = [case.things[0] for case in cases if case.kind is Kind.UNIQUE]
            seen = [thing for thing in frame.objects if is_nameable(thing, 90 / area)]
            assert asked
            assert {one.box for one in asked} <= {thing.box for thing in seen}
            for thing in seen:
                assert thing.image_share * area >= 89.9
            if level == 'far':
                assert 1.5 < np.median([math.hypot(*thing.position) for thing in seen]) < 4.0
    assert sizes == {
        'far': [(1920, 1080), (1280, 720), (1920, 1080)],
        'wide': [(1920, 480), (480, 1440)],
    }


def test_the_width_of_an_object_is_told_in_pixels(data: TabletopSet) -> None:
    scene = data.item('tabletop-far/00011').open()
    for question in scene.questions:
        told = question.traits.get('pixels across in 1280x720')
        if question.case.kind is Kind.UNIQUE:
            width = question.case.things[0].box.width * 1280
            low, high = (float(edge) for edge in str(told).split(' to '))
            assert low <= width < high
        if question.case.kind is Kind.ABSENT:
            assert told is None


def test_a_view_without_room_has_fewer_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    full = sample_scene

    def cramped(seed: int, options: object) -> object:
        if options.min_objects > 4:
            raise ValueError('no room')
        return full(seed, options)

    monkeypatch.setattr('kosmos_ros.datasets.tabletop.sample_scene', cramped)
    assert len(scene_of('many', 3).objects) >= 4


def test_traits_tell_what_a_question_is_about(opened: dict[str, list[OpenedSample]]) -> None:
    seen: set[Kind] = set()
    for scene in opened['standard'] + opened['many']:
        for question in scene.questions:
            case, traits = question.case, question.traits
            seen.add(case.kind)
            assert traits['objects'] == str(len(scene.frame.objects))
            if case.kind in (Kind.UNIQUE, Kind.IDENTIFY, Kind.ASK_WHERE, Kind.SUPERLATIVE):
                name = case.things[0].name if case.things else case.text
                assert f'{traits["color"]} {traits["shape"]}' == name
                assert traits['size'] in SIZES
                assert traits['hidden'] in ('no', 'partly')
            if case.kind is Kind.CAPTION:
                assert set(traits) == {'objects'}
            if case.kind is Kind.ABSENT:
                assert traits['shape'] in SHAPES
                assert traits['color'] in COLORS
            if case.kind is Kind.RELATION:
                assert traits['relation'] in ('left of', 'right of', 'behind', 'in front of')
                assert traits['relation'] in case.request.query
            if case.kind is Kind.SUPERLATIVE:
                assert traits['relation'] == case.request.query.split()[1]
    assert seen >= {Kind.UNIQUE, Kind.IDENTIFY, Kind.ABSENT, Kind.RELATION, Kind.SUPERLATIVE}


def test_changed_images_show_the_scenes_of_standard() -> None:
    levels = chosen_levels('standard,changes')
    with TabletopSet(SEEDS[:1], levels) as data:
        plain, *changed = (item.open() for item in data)
    assert data.name == 'tabletop-standard+changes'
    assert len(changed) == 8
    for scene in changed:
        assert scene.questions == plain.questions
        assert scene.image.shape == plain.image.shape
        assert not np.array_equal(scene.image, plain.image)


def test_a_closed_data_set_opens_nothing() -> None:
    with pytest.raises(RuntimeError, match='enter the data set'):
        next(iter(TabletopSet(SEEDS))).open()


def test_levels_are_chosen_by_name() -> None:
    assert chosen_levels('standard') == ['standard']
    assert chosen_levels('lights, few') == ['few', 'lights']
    assert name_of_levels(['few', 'lights']) == 'few+lights'
    assert name_of_levels(chosen_levels('all')) == 'all'
    assert chosen_levels('all,changes') == list(LEVELS)
    assert chosen_levels('changes, pairs')[:2] == ['pairs', 'jpeg']
    for wrong in ('', 'dark', 'few,dark'):
        with pytest.raises(InvalidRequestError, match='expected levels among standard, few'):
            chosen_levels(wrong)
