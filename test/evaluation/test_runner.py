# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.runner`` and ``kosmos_ros.evaluation.report``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import Box
from kosmos_ros.evaluation.cases import Kind
from kosmos_ros.evaluation.metrics import Tally
from kosmos_ros.evaluation.report import data, save, Setting, table
from kosmos_ros.evaluation.runner import check_seeds, evaluate


@pytest.fixture(scope='module')
def middle() -> tuple[Tally, list[int]]:
    """Return figures of a model that finds everything in the middle, and the progress."""
    everywhere = located('x', Box(0.25, 0.25, 0.75, 0.75))
    backend = ScriptedBackend(located=lambda _: everywhere, generated=lambda _: ' a red cube.')
    progress: list[int] = []
    tally = evaluate(
        Grounder(backend), check_seeds(100, 4), lambda so_far: progress.append(so_far.questions)
    )
    return tally, progress


def test_every_scene_is_asked_about(middle: tuple[Tally, list[int]]) -> None:
    tally, progress = middle
    assert len(progress) == 4
    assert progress == sorted(progress)
    assert progress[-1] == tally.questions > 20
    assert tally.value(Kind.ABSENT, 'refused') == 0
    assert tally.value(Kind.UNIQUE, 'accepted') == 1
    assert tally.value(Kind.UNIQUE, 'mean IoU') < 0.5


def test_reports_hold_every_figure(middle: tuple[Tally, list[int]], tmp_path: Path) -> None:
    tally, _ = middle
    setting = Setting('scripted', range(100, 104), 0.5)
    text = table(tally, setting)
    assert 'scripted on 4 held-out scenes (seeds 100..103)' in text
    for kind, figures in tally.figures.items():
        assert all(f'{kind.value:32}{name}' in text for name in figures)
    path = save(tally, setting, tmp_path / 'new')
    saved = json.loads(path.read_text())
    assert saved == json.loads(json.dumps(data(tally, setting)))
    assert saved['figures'][Kind.ABSENT.value]['refused'] == {'value': 0.0, 'of': 4}
    assert len(saved['thresholds']) == 19


@pytest.mark.parametrize(('first', 'scenes'), [(0, 0), (-1, 3), (99_999, 2), (1_000_000, 5)])
def test_only_held_out_seeds_are_measured(first: int, scenes: int) -> None:
    with pytest.raises(ValueError, match='scene'):
        check_seeds(first, scenes)
