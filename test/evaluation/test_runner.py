# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.runner`` and ``kosmos_ros.evaluation.report``."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.geometry import cells_from_box
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import Box, Grounding
from kosmos_ros.evaluation.cases import Case, Kind
from kosmos_ros.evaluation.corners import CornerStudy
from kosmos_ros.evaluation.evidence import Evidence, Score
from kosmos_ros.evaluation.positions import PositionStudy, Way
from kosmos_ros.evaluation.recorder import Recorder
from kosmos_ros.evaluation.report import data, Measured, save, Setting, table
from kosmos_ros.evaluation.runner import check_seeds, evaluate


@pytest.fixture(scope='module')
def middle() -> tuple[Measured, list[int]]:
    """Return figures of a model that finds everything in the middle, and the progress."""
    box = Box(0.25, 0.25, 0.75, 0.75)
    everywhere = replace(located('x', box), cells=(cells_from_box(box),))
    backend = ScriptedBackend(located=lambda _: everywhere, generated=lambda _: ' a red cube.')
    recorder = Recorder(backend)
    evidence, corners, positions = Evidence(), CornerStudy(recorder), PositionStudy()
    progress: list[int] = []

    def study(case: Case, answer: Grounding) -> None:
        evidence.add(case, answer)
        corners.add(case, answer)
        positions.add(case, answer)

    tally = evaluate(
        Grounder(recorder),
        check_seeds(100, 4),
        lambda so_far: progress.append(so_far.questions),
        study,
        on_frame=positions.look,
    )
    return Measured(tally, evidence, corners, positions), progress


def test_every_scene_is_asked_about(middle: tuple[Measured, list[int]]) -> None:
    measured, progress = middle
    tally = measured.tally
    assert len(progress) == 4
    assert progress == sorted(progress)
    assert progress[-1] == tally.questions > 20
    assert tally.value(Kind.ABSENT, 'refused') == 0
    assert tally.value(Kind.UNIQUE, 'accepted') == 1
    assert tally.value(Kind.UNIQUE, 'mean IoU') < 0.5


def test_only_the_kinds_asked_for_are_asked() -> None:
    tally = evaluate(Grounder(ScriptedBackend()), check_seeds(100, 2), kinds={Kind.ABSENT})
    assert set(tally.figures) == {Kind.ABSENT}


def test_reports_hold_every_figure(middle: tuple[Measured, list[int]], tmp_path: Path) -> None:
    measured, _ = middle
    setting = Setting('scripted', range(100, 104), 0.5)
    text = table(measured, setting)
    assert 'scripted on 4 held-out scenes (seeds 100..103)' in text
    for kind, figures in measured.tally.figures.items():
        assert all(f'{kind.value:32}{name}' in text for name in figures)
    path = save(measured, setting, tmp_path / 'new')
    saved = json.loads(path.read_text())
    assert saved == json.loads(json.dumps(data(measured, setting)))
    assert saved['figures'][Kind.ABSENT.value]['refused'] == {'value': 0.0, 'of': 4}
    assert len(saved['thresholds']) == 19


def test_reports_tell_what_scores_are_worth(middle: tuple[Measured, list[int]]) -> None:
    """The model gives 0.95 to whatever is asked for, and all its words the same certainty."""
    measured, _ = middle
    saved = data(measured, Setting('scripted', range(100, 104), 0.5))
    existence = saved['scores']['existence']
    assert existence['mean_score'] == 0.95
    asked = measured.evidence.judged(Score.EXISTENCE)
    assert existence['share_right'] == pytest.approx(asked.right.mean(), abs=1e-4)
    assert existence['brier'] == pytest.approx(
        ((asked.scores - asked.right) ** 2).mean(), abs=1e-4
    )
    assert 'existence' in table(measured, Setting('scripted', range(100, 104), 0.5))


def test_reports_tell_where_corners_lie(middle: tuple[Measured, list[int]]) -> None:
    measured, _ = middle
    saved = data(measured, Setting('scripted', range(100, 104), 0.5))['mean_iou_by_corners']
    unique = saved[Kind.UNIQUE.value]['all']
    assert unique['of'] == measured.tally.figures[Kind.UNIQUE]['Acc@0.5'].count
    assert unique['sub-cell'] == pytest.approx(
        measured.tally.value(Kind.UNIQUE, 'mean IoU'), abs=1e-4
    )
    assert unique['best cells'] >= unique['true cells'] > unique['tokens']


def test_reports_tell_where_in_space_things_were_found(
    middle: tuple[Measured, list[int]],
) -> None:
    """What is always said to be in the middle is mostly somewhere else."""
    measured, _ = middle
    setting = Setting('scripted', range(100, 104), 0.5)
    saved = data(measured, setting)['position_errors']
    asked = measured.tally.figures[Kind.UNIQUE]['Acc@0.5'].count
    for way in Way:
        assert saved[way.value]['all']['of'] == asked
        assert f'{way.value:46}' in table(measured, setting)
    assert saved['true boxes']['all']['median'] < 0.02
    assert saved['boxes as returned']['all']['median'] > 0.05
    shapes = [name for name in saved['true boxes'] if name != 'all']
    assert sum(saved['true boxes'][shape]['of'] for shape in shapes) == asked


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
