# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is asked fits the picture, and a quick run does less."""

from __future__ import annotations

from kosmos_ros.bench.plan import AS_WRITTEN, IN_PICTURE, make_plan, PHRASES, SCENE
from kosmos_ros.core.grounder import GrounderSettings
from kosmos_ros.evaluation.questions.askable import AskableObjects
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene


def test_the_first_phrases_name_what_the_picture_shows() -> None:
    with TabletopRenderer() as renderer:
        things = AskableObjects(renderer.render(sample_scene(SCENE))).named
    names = {f'the {thing.color} {thing.shape}' for thing in things}
    assert set(PHRASES[:IN_PICTURE]) <= names
    assert not names.intersection(PHRASES[IN_PICTURE:])


def test_phrases_are_enough_for_every_part() -> None:
    assert len(set(PHRASES)) == len(PHRASES) >= 32
    for quick in (False, True):
        for large in (False, True):
            plan = make_plan(quick, large)
            assert plan.agreement_phrases >= 32
            assert max(plan.phrase_counts) <= GrounderSettings().max_phrases
            assert plan.phrase_counts[0] == plan.camera_counts[0] == 1
            assert AS_WRITTEN in plan.seed


def test_a_quick_run_repeats_less() -> None:
    for large in (False, True):
        quick, whole = make_plan(quick=True, large=large), make_plan(quick=False, large=large)
        assert quick.short.most < whole.short.most
        assert quick.node_frames < whole.node_frames
        assert whole.node_frames >= 100
