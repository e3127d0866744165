# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.report.figures`` over rendered scenes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.types import Box
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.protocols import OwnProtocol
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.report.figures import About, data, table
from kosmos_ros.evaluation.runner import records
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.evaluation.studies.positions import Way
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.evaluation.summary import Studies, Summary

ABOUT = About('scripted', 'four scenes', 4, {'existence_threshold': 0.5})


@pytest.fixture(scope='module')
def middle() -> Summary:
    """Return the figures of a model that finds everything in the middle."""
    box = Box(0.25, 0.25, 0.75, 0.75)
    everywhere = replace(located('x', box), cells=(cells_from_box(box),))
    backend = ScriptedBackend(located=lambda _: everywhere, generated=lambda _: ' a red cube.')
    recorder = Recorder(backend)
    asker = OwnProtocol(Grounder(recorder))
    with TabletopSet(range(100, 104)) as scenes:
        return Summary(records(asker, scenes, study=Studies(recorder)))


def test_reports_hold_every_figure(middle: Summary) -> None:
    text = table(middle, ABOUT)
    assert f'scripted on four scenes: {middle.tally.questions} questions about 4 images' in text
    for kind, figures in middle.tally.figures.items():
        assert all(f'{kind.value:32}{name}' in text for name in figures)
    saved = data(middle, ABOUT)
    assert saved['figures'][Kind.ABSENT.value]['refused'] == {'value': 0.0, 'of': 4}
    assert len(saved['thresholds']) == 19
    assert saved['settings'] == {'existence_threshold': 0.5}


def test_reports_tell_what_scores_are_worth(middle: Summary) -> None:
    """The model gives 0.95 to whatever is asked for, and all its words the same certainty."""
    existence = data(middle, ABOUT)['scores']['existence']
    assert existence['mean_score'] == 0.95
    asked = middle.evidence.judged(Score.EXISTENCE)
    assert existence['share_right'] == pytest.approx(asked.right.mean(), abs=1e-4)
    assert existence['brier'] == pytest.approx(
        ((asked.scores - asked.right) ** 2).mean(), abs=1e-4
    )
    assert '\nexistence ' in table(middle, ABOUT)


def test_reports_tell_where_corners_lie(middle: Summary) -> None:
    unique = data(middle, ABOUT)['mean_iou_by_corners'][Kind.UNIQUE.value]['all']
    assert unique['of'] == middle.tally.figures[Kind.UNIQUE]['Acc@0.5'].count
    assert unique['sub-cell'] == pytest.approx(
        middle.tally.value(Kind.UNIQUE, 'mean IoU'), abs=1e-4
    )
    assert unique['best cells'] >= unique['true cells'] > unique['tokens']


def test_reports_tell_where_in_space_things_were_found(middle: Summary) -> None:
    """What is always said to be in the middle is mostly somewhere else."""
    saved = data(middle, ABOUT)['position_errors']
    asked = middle.tally.figures[Kind.UNIQUE]['Acc@0.5'].count
    for way in Way:
        assert saved[way.value]['all']['of'] == asked
        assert f'{way.value:46}' in table(middle, ABOUT)
    assert saved['true boxes']['all']['median'] < 0.02
    assert saved['boxes as returned']['all']['median'] > 0.05
    shapes = [name for name in saved['true boxes'] if name != 'all']
    assert sum(saved['true boxes'][shape]['of'] for shape in shapes) == asked
