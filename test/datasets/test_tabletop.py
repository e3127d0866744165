# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.datasets.tabletop`` and ``kosmos_ros.datasets.levels``."""

from __future__ import annotations

from collections.abc import Iterator

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


@pytest.fixture(scope='module')
def data() -> Iterator[TabletopSet]:
    """Return scenes of all levels."""
    with TabletopSet(SEEDS, chosen_levels('all')) as opened:
        yield opened


@pytest.fixture(scope='module')
def opened(data: TabletopSet) -> dict[str, list[OpenedSample]]:
    """Return the scenes by their levels."""
    scenes: dict[str, list[OpenedSample]] = {}
    for item in data:
        scenes.setdefault(item.group, []).append(item.open())
    return scenes


def test_items_are_numbered_by_level_and_seed(data: TabletopSet) -> None:
    ids = [item.id for item in data]
    assert len(ids) == len(set(ids)) == len(data) == 9 * len(SEEDS)
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
