# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kosmos_ros.datasets.coco import coco
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.sim.scenes.scene import sample_scene, SceneOptions
from training.scenes.make_parts import PARTS, with_parts, write_parts


def test_parts_take_the_places_of_objects() -> None:
    scene = sample_scene(5, SceneOptions(min_objects=3, max_objects=6, empty_probability=0.0))
    changed, owners = with_parts(scene, np.random.default_rng(0))
    assert len(changed.objects) == len(owners)
    parts = set(filter(None, owners))
    assert 1 <= len(parts) <= 3
    assert {name.partition(' ')[0] for name in parts} <= set(PARTS)
    kept = [thing for thing, owner in zip(changed.objects, owners, strict=True) if not owner]
    assert len(kept) == len(scene.objects) - len(parts)
    assert all(thing in scene.objects for thing in kept)
    for thing, owner in zip(changed.objects, owners, strict=True):
        if owner:
            number = int(owner.partition(' ')[2])
            assert thing.position[:2] == pytest.approx(scene.objects[number].center[:2])


def test_the_folder_is_one_of_coco_with_boxes_around_whole_parts(tmp_path: Path) -> None:
    folder = write_parts(tmp_path / 'parts', images=3)
    content = json.loads((folder / 'instances.json').read_text())
    assert [one['name'] for one in content['categories']] == list(PARTS)
    assert {one['image_id'] for one in content['annotations']} == {1, 2, 3}
    items = list(coco(folder))
    assert len(items) == 3
    for item in items:
        opened = item.open()
        assert opened.image.shape == (480, 640, 3)
        found = [one.case for one in opened.questions if one.case.kind is Kind.CATEGORY]
        assert found
        for thing in (thing for case in found for thing in case.things):
            assert 0.01 < thing.box.width < 0.5
            assert 0.01 < thing.box.height < 0.5
