# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The table fits its terminal, and the figures add up."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path

import pytest

from kosmos_ros.core.types import Grounding, Status, Task
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.report import DemoSummary, JudgedAnswer, save_json, summarize, Table
from kosmos_ros.demo.truth import TruthObject
from kosmos_ros.demo.verdicts import Verdict

GROUNDING = Grounding(Task.LOCATE, Status.FOUND, 640, 480, model='tabletop')


@pytest.fixture
def answers(mug: TruthObject, cube: TruthObject) -> list[JudgedAnswer]:
    """Return a LOCATE of three, one of them absent, and a long description."""
    locate = DemoQuestion(Task.LOCATE, 'the red mug; the blue cube; x', targets=(mug, cube, None))
    verdicts = (
        Verdict('the red mug', 'at 64,96 size 128x144', True, 'right', 0.91, 0.8),
        Verdict('the blue cube', 'not in the image', False, 'missed', 0.2, 0.0),
        Verdict('the green and very long name', 'not in the image', True, 'right', 0.01),
    )
    text = 'An image of ' + ', '.join(['a blue cube'] * 9) + '.'
    described = Verdict('describe', text, False, '3 of 4, 1 wrong', 0.7, 0.88)
    return [
        JudgedAnswer(1, locate, GROUNDING, verdicts, 41.6, 12.5),
        JudgedAnswer(2, DemoQuestion(Task.DESCRIBE, ''), GROUNDING, (described,), 120.0, 13.5),
    ]


@pytest.mark.parametrize('columns', [20, 40, 60, 75, 76, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(answers: list[JudgedAnswer], columns: int) -> None:
    table = Table(columns)
    summary = table.paragraph(str(summarize(answers)))
    lines = [table.header, *(table.rows(answer) for answer in answers), summary]
    assert max(len(line) for text in lines for line in text.splitlines()) <= columns


@pytest.mark.parametrize('columns', [40, 80, 120])
def test_nothing_is_left_out(answers: list[JudgedAnswer], columns: int) -> None:
    words = ' '.join(' '.join(Table(columns).rows(answer) for answer in answers).split())
    for expected in ('LOCATE', 'DESCRIBE', '0.91', '0.80', 'missed', '42', '120', 'very'):
        assert expected in words
    assert words.count('cube') == 1 + 9


def test_a_narrow_terminal_gets_no_columns(answers: list[JudgedAnswer]) -> None:
    table = Table(40)
    assert table.header == ''
    assert table.rows(answers[0]).splitlines()[:3] == [
        'LOCATE: the red mug',
        '  at 64,96 size 128x144',
        '  -> right, score 0.91, IoU 0.80, 42 ms',
    ]


def test_only_what_went_wrong_is_coloured(answers: list[JudgedAnswer]) -> None:
    plain, colored = Table(120), Table(120, color=True)
    lines = colored.rows(answers[0]).splitlines()
    assert [line.startswith('\x1b[33m') for line in lines] == [False, True, False]
    assert lines[0] == plain.rows(answers[0]).splitlines()[0]


def test_the_summary_counts_verdicts(answers: list[JudgedAnswer]) -> None:
    summary = summarize(answers)
    assert summary == DemoSummary(
        right=2,
        asked=4,
        absent_refused=1,
        absent_asked=1,
        mean_iou=0.4,
        median_milliseconds=pytest.approx(80.8),
    )
    assert str(summary) == (
        '2 of 4 answers right, mean IoU of LOCATE 0.40, 1 of 1 absent objects refused, '
        '81 ms per question (median)'
    )


def test_the_summary_tells_the_middle_error_in_space(answers: list[JudgedAnswer]) -> None:
    (first, *others) = answers[0].verdicts
    verdicts = (replace(first, centimetres=1.24), *others)
    asked = [replace(answers[0], verdicts=verdicts)]
    assert summarize(asked).median_centimetres == 1.24
    assert ', median 3D error 1.2 cm, ' in str(summarize(asked))
    assert ' 1.2  right' in Table(120).rows(asked[0])
    assert '3D 1.2 cm off' in Table(60).rows(asked[0])


@pytest.mark.parametrize(
    ('changes', 'acceptable'),
    [
        ({}, True),
        ({'mean_iou': 0.49}, False),
        ({'mean_iou': None}, True),
        ({'right': 4}, False),
        ({'right': 0, 'asked': 0}, False),
    ],
)
def test_grossly_wrong_answers_are_not_acceptable(
    changes: dict[str, float | None], acceptable: bool
) -> None:
    good = DemoSummary(9, 10, 2, 2, 0.8, 50.0)
    assert replace(good, **changes).acceptable is acceptable


def test_json_holds_what_was_asked_and_found(answers: list[JudgedAnswer], tmp_path: Path) -> None:
    path = tmp_path / 'results.json'
    save_json(path, answers, summarize(answers))
    content = json.loads(path.read_text())
    assert content['summary']['right'] == 2
    first = content['answers'][0]
    assert (first['scene'], first['task'], first['stamp']) == (1, 'LOCATE', 12.5)
    assert first['verdicts'][0]['iou'] == 0.8
    assert [one['shape'] for one in first['truth']] == ['mug', 'cube']
