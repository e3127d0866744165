# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.summary`` and ``worst``: answers graded by hand."""

from __future__ import annotations

import json

import pytest

from kosmos_ros.core.types import (
    Box,
    Grounding,
    GroundingRequest,
    Phrase,
    Region,
    ScoredBox,
    Status,
    Task,
)
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.report.figures import About, data, iou_counts, table, title
from kosmos_ros.evaluation.scoring.records import Record, record_from_data, record_to_data
from kosmos_ros.evaluation.scoring.worst import certainty, Worst
from kosmos_ros.evaluation.summary import CORNERS, POSITIONS, Summary

HERE, THERE = Box(0.0, 0.0, 0.4, 0.4), Box(0.5, 0.5, 1.0, 1.0)


def located(
    *found: tuple[Box, float], existence: float = 0.9, seconds: float = 0.1, looks: int = 1
) -> Grounding:
    """Answer a LOCATE with scored boxes."""
    boxes = tuple(ScoredBox(box, score, 'a cup') for box, score in found)
    return Grounding(
        Task.LOCATE,
        Status.FOUND if found else Status.NOT_FOUND,
        640,
        480,
        text='a cup',
        phrases=(Phrase('a cup', 0, 5, existence=existence, detections=tuple(range(len(boxes)))),),
        detections=boxes,
        inference_time=seconds,
        looks=tuple(Region(0, 0, 640 - look, 480) for look in range(looks)),
        looks_wanted=looks,
    )


def record(
    key: str, answer: Grounding, *things: Box, kind: Kind = Kind.UNIQUE, **traits: str
) -> Record:
    """Ask for a cup."""
    boxes = tuple(NamedBox('white cup', box) for box in things)
    request = GroundingRequest('a cup', Task.LOCATE)
    return Record(key, key.partition('#')[0], Case(kind, request, boxes), answer, traits)


RECORDS = (
    record('1#1', located((HERE, 0.9)), HERE, shape='cup', objects='2', group='easy'),
    record('1#2', located((THERE, 0.8)), HERE, shape='cup', objects='2', group='easy'),
    record('2#1', located(), HERE, shape='mug', objects='10', group='hard'),
    record('2#2', located(existence=0.2), kind=Kind.ABSENT, group='hard'),
    record('2#3', located((HERE, 0.7), existence=0.6), kind=Kind.UNKNOWN, group='hard'),
)
ABOUT = About('scripted', 'cups', 2, {'seeds': [0, 1]})


@pytest.fixture
def summary() -> Summary:
    """Collect the records."""
    return Summary(RECORDS)


def test_traits_split_grades_by_task_in_the_order_of_numbers(summary: Summary) -> None:
    splits = summary.splits()
    assert list(splits) == ['group', 'shape', 'objects']
    assert list(splits['objects']) == ['2', '10']
    cups, mugs = (splits['shape'][shape][Task.LOCATE] for shape in ('cup', 'mug'))
    assert (cups.value, cups.count) == (0.5, 2)
    assert (mugs.value, mugs.count) == (0, 1)


def test_ranges_of_numbers_come_in_their_order() -> None:
    widths = ('128 and more', '32 to 64', '0 to 16', '64 to 128', '16 to 32')
    records = [
        record(f'{n}#1', located((HERE, 0.9)), HERE, pixels=width)
        for n, width in enumerate(widths)
    ]
    found = list(Summary(records).splits()['pixels'])
    assert found == ['0 to 16', '16 to 32', '32 to 64', '64 to 128', '128 and more']


def test_times_are_told_by_the_looks_that_locate_took(summary: Summary) -> None:
    assert 'looks' not in table(summary, ABOUT)  # always one
    caption = Grounding(
        Task.DESCRIBE, Status.FOUND, 640, 480, inference_time=3.0, looks=(Region(0, 0, 640, 480),)
    )
    taken = [
        record(f'7#{n}', located((HERE, 0.9), seconds=seconds, looks=looks), HERE)
        for n, (seconds, looks) in enumerate([(0.3, 3), (0.7, 3), (0.4, 3), (0.9, 10)])
    ]
    looked = Summary([*RECORDS, *taken, record('8#1', caption, kind=Kind.CAPTION)])
    saved = data(looked, ABOUT)['seconds_by_looks']
    assert saved == {
        '1': {'median': 0.1, 'of': 5},
        '3': {'median': 0.4, 'of': 3},
        '10': {'median': 0.9, 'of': 1},
    }
    assert list(saved) == ['1', '3', '10']
    text = table(looked, ABOUT)
    assert 'time of LOCATE by the looks it took' in text
    assert '     3     400 ms, median of 3' in text


def test_answers_from_before_there_were_looks_are_read() -> None:
    old = record_to_data(RECORDS[0])
    del old['answer']['looks'], old['answer']['looks_wanted']
    read = record_from_data('1#1', old)
    assert read.answer.looks == ()
    assert not Summary([read]).seconds_by_looks


def test_traits_that_do_not_sort_are_left_out() -> None:
    one_value = [record(f'{n}#1', located(), HERE, shape='cup') for n in range(60)]
    names = [record(f'{n}#2', located(), HERE, name=f'cup {n}') for n in range(60)]
    assert Summary([*one_value, *names]).splits() == {}


def test_overlaps_count_things_without_a_box_apart(summary: Summary) -> None:
    assert list(summary.overlaps) == pytest.approx([1, 0, 0])
    assert summary.boxless == 1
    counts = iou_counts(summary)
    assert (counts[0], counts[-1], counts.sum()) == (2, 1, 3)


def test_absence_is_judged_by_the_kind_of_what_is_not_there(summary: Summary) -> None:
    judged = summary.absent_against_present()
    assert list(judged) == [Kind.ABSENT.value, Kind.UNKNOWN.value, 'all of them']
    assert judged[Kind.ABSENT.value].scores.tolist() == [0.9, 0.9, 0.9, 0.2]
    assert judged['all of them'].right.tolist() == [1, 1, 1, 0, 0]


def test_groups_have_figures_of_their_own(summary: Summary) -> None:
    assert summary.groups['easy'].value(Kind.UNIQUE, 'Acc@0.5') == 0.5
    assert summary.groups['hard'].value(Kind.ABSENT, 'refused') == 1
    assert summary.groups['easy'].questions + summary.groups['hard'].questions == 5


def test_studies_are_taken_back() -> None:
    studies = {
        CORNERS: [['small, below 4 cells', 0.5, 0.6, 0.7, 0.8]],
        POSITIONS: [['TRUE', 'cup', 0.02], ['RETURNED', 'cup', None]],
    }
    one = RECORDS[0]
    taken = Summary([Record(one.key, one.image, one.case, one.answer, {}, studies)])
    figures = taken.corners.figures[Kind.UNIQUE]['all']
    assert [figures[way].value for way in figures] == [0.5, 0.6, 0.7, 0.8]
    saved = data(taken, ABOUT)['position_errors']
    assert saved['true boxes']['cup']['median'] == 0.02
    assert saved['boxes as returned']['cup'] == {'none': 1, 'of': 1}


def test_the_data_is_json_without_holes(summary: Summary) -> None:
    saved = json.loads(json.dumps(data(summary, ABOUT), allow_nan=False))
    assert saved['questions'] == 5
    assert saved['figures'][Kind.UNIQUE.value]['Acc@0.5'] == {'value': 0.3333, 'of': 3}
    assert saved['absent']['all of them'] == {'auc': 1.0, 'present': 3, 'absent': 2}
    assert saved['seconds']['LOCATE']['50 %'] == 0.1
    assert saved['splits']['objects']['10']['LOCATE'] == {'value': 0.0, 'of': 1}


def test_an_empty_evaluation_is_one_too() -> None:
    nothing = Summary([])
    assert '0 questions about 0 of 2 images (not complete yet)' in table(nothing, ABOUT)
    json.dumps(data(nothing, ABOUT), allow_nan=False)


def test_the_table_tells_groups_splits_and_how_far_it_came(summary: Summary) -> None:
    text = table(summary, ABOUT)
    assert text.startswith('scripted on cups: 5 questions about 2 images\n')
    assert 'easy' in text.splitlines()[2]
    assert '0.500 of 2' in text
    assert 'of 9 images (not complete yet)' in title(summary, About('scripted', 'cups', 9))


def test_the_worst_come_by_grade_then_by_turns_of_kinds_then_by_certainty() -> None:
    worst = Worst(most=4)
    for key, kind, grade, score in (
        ('sure', Kind.UNIQUE, 0.0, 0.9),
        ('surer', Kind.UNIQUE, 0.0, 0.99),
        ('half', Kind.UNIQUE, 0.5, 1.0),
        ('other', Kind.UNKNOWN, 0.0, 0.4),
        ('right', Kind.UNIQUE, 1.0, 0.9),
        ('unsure', Kind.UNIQUE, 0.0, 0.1),
        ('last', Kind.UNKNOWN, 0.7, 1.0),
    ):
        worst.add(record(key, located((HERE, score)), HERE, kind=kind), grade)
    chosen = [graded.record.key for graded in worst.chosen()]
    assert chosen == ['surer', 'other', 'sure', 'unsure']


def test_being_sure_of_nothing_is_being_sure_too() -> None:
    assert certainty(located(existence=0.1)) == pytest.approx(0.9)
    assert certainty(located((HERE, 0.3), (THERE, 0.6))) == 0.6
    assert certainty(Grounding(Task.ASK, Status.FOUND, 1, 1, text='yes')) == 0
