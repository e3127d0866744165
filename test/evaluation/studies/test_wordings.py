# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.studies.wordings``: answers counted by hand."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Phrase, ScoredBox, Status, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.report.figures import About, data, table
from kosmos_ros.evaluation.report.page import report_page
from kosmos_ros.evaluation.report.plots import plots
from kosmos_ros.evaluation.scoring.records import Record, record_from_data, record_to_data
from kosmos_ros.evaluation.studies.wordings import WordingStudy
from kosmos_ros.evaluation.summary import Summary
from kosmos_ros.results.plot_style import LIGHT

HERE, THERE = Box(0.0, 0.0, 0.4, 0.4), Box(0.5, 0.5, 1.0, 1.0)
ABOUT = About('scripted', 'cubes', 1)


def record(wording: str, things: list[Box], found: list[Box], existence: float) -> Record:
    """Ask for cubes in some wording."""
    kind = Kind.WORDING if things else Kind.WORDING_ABSENT
    if not wording:
        kind = Kind.UNIQUE if things else Kind.ABSENT
    named = tuple(NamedBox('red cube', box) for box in things)
    case = Case(kind, GroundingRequest('a cube', Task.LOCATE), named, wording=wording)
    boxes = tuple(ScoredBox(box, existence, 'a cube') for box in found)
    answer = Grounding(
        Task.LOCATE,
        Status.FOUND if found else Status.NOT_FOUND,
        640,
        480,
        text='a cube',
        phrases=(
            Phrase('a cube', 0, 6, existence=existence, detections=tuple(range(len(boxes)))),
        ),
        detections=boxes,
    )
    return Record(f'1#{wording}{kind}/9', '1', case, answer)


RECORDS = (
    record('', [HERE], [HERE], 0.9),
    record('', [], [], 0.2),
    record('plural', [HERE, THERE], [HERE, THERE], 0.8),
    record('plural', [HERE, THERE], [HERE], 0.6),
    record('plural', [], [THERE], 0.7),
    record('typo', [HERE], [], 0.1),
    record('unknown noun', [], [], 0.05),
)


@pytest.fixture
def summary() -> Summary:
    """Collect the records as they are read back."""
    kept = [record_from_data(record.key, record_to_data(record)) for record in RECORDS]
    return Summary(kept)


def test_figures_are_those_of_each_wording(summary: Summary) -> None:
    saved = data(summary, ABOUT)['wordings']
    assert list(saved) == ['plain', 'typo', 'plural', 'unknown noun']
    assert saved['plural']['present'] == {
        'of': 2,
        'all right': 0.5,
        'IoU 0.5': 0.75,
        'things': 4,
        'mean existence': 0.7,
    }
    assert saved['plural']['absent'] == {'of': 1, 'refused': 0.0, 'mean existence': 0.7}
    assert saved['plain']['absent'] == {'of': 1, 'refused': 1.0, 'mean existence': 0.2}
    assert saved['typo']['present']['all right'] == 0
    assert 'present' not in saved['unknown noun']
    assert saved['typo']['trained']
    assert not saved['unknown noun']['trained']


def test_other_figures_are_of_plain_questions_alone(summary: Summary) -> None:
    assert list(summary.overlaps) == [pytest.approx(1.0)]
    assert len(summary.present) == 1
    assert summary.tally.value(Kind.UNIQUE, 'Acc@0.5') == 1


def test_terminal_and_page_show_each_wording(summary: Summary) -> None:
    text, page = table(summary, ABOUT), report_page(summary, ABOUT, [], [])
    for name in ('plain', 'typo', 'plural', 'unknown noun'):
        assert f'\n{name:28}' in text
        assert f'<td>{name}</td>' in page
    assert '0.500    0.750    0.700        2    0.000    0.700        1' in text


def test_the_plot_has_a_row_for_each_wording(summary: Summary) -> None:
    (plot,) = (plot for plot in plots(summary, LIGHT) if plot.name == 'wordings')
    (axes,) = plot.figure.axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ['plain', 'typo', 'plural', 'unknown noun *']
    there, not_there = (line.get_xdata().tolist() for line in axes.get_lines()[:2])
    assert there == [1.0, 0.0, 0.5]
    assert not_there == [1.0, 0.0, 1.0]


def test_plain_questions_alone_are_no_study() -> None:
    summary = Summary(RECORDS[:2])
    assert not summary.wordings.studied
    assert data(summary, ABOUT)['wordings'] == {}
    assert 'put as' not in table(summary, ABOUT)
    assert 'Ways to put it' not in report_page(summary, ABOUT, [], [])


def test_what_belongs_to_no_wording_is_not_counted() -> None:
    study = WordingStudy()
    one = RECORDS[0]
    study.add(Case(Kind.SEVERAL, one.case.request, one.case.things), one.answer)
    assert study.figures == {}
