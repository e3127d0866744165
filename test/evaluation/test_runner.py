# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.runner``."""

from __future__ import annotations

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import check_seeds, evaluate


def test_every_scene_is_asked_about() -> None:
    """A model finds everything in the middle."""
    middle = located('x', Box(0.25, 0.25, 0.75, 0.75))
    backend = ScriptedBackend(located=lambda _: middle, generated=lambda _: ' a red cube.')
    progress: list[int] = []
    tally = evaluate(
        Grounder(backend), check_seeds(100, 4), lambda so_far: progress.append(so_far.questions)
    )
    assert len(progress) == 4
    assert progress == sorted(progress)
    assert progress[-1] == tally.questions > 20
    assert tally.value(Kind.ABSENT, 'refused') == 0
    assert tally.value(Kind.UNIQUE, 'accepted') == 1
    assert tally.value(Kind.UNIQUE, 'mean IoU') < 0.5


def test_only_the_kinds_asked_for_are_asked() -> None:
    tally = evaluate(Grounder(ScriptedBackend()), check_seeds(100, 2), kinds={Kind.ABSENT})
    assert set(tally.figures) == {Kind.ABSENT}


@pytest.mark.parametrize(('first', 'scenes'), [(0, 0), (-1, 3), (99_999, 2), (1_000_000, 5)])
def test_only_held_out_seeds_are_measured(first: int, scenes: int) -> None:
    with pytest.raises(ValueError, match='scene'):
        check_seeds(first, scenes)


def test_the_questions_about_a_scene_share_its_encoding() -> None:
    backend = ScriptedBackend()
    tally = evaluate(
        Grounder(backend), check_seeds(100, 2), kinds={Kind.UNIQUE, Kind.ABSENT, Kind.UNKNOWN}
    )
    assert tally.questions > 2
    assert len(backend.calls.encoded) == 2
