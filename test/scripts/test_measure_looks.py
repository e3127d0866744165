# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The comparison of closer looks with slicing: its slices, its figures, and that it goes on."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.results.journal import Journal
from scripts import measure_looks
from scripts.measure_looks import greedy, grid, main, measured, needed, OURS, sliced, table, WAYS

ONE, FOUR, EIGHT, TWO_BY_TWO, THREE_BY_THREE = WAYS


@pytest.mark.parametrize(('count', 'side'), [(2, 1067), (3, 738)])
def test_tiles_overlap_by_a_fifth_and_show_all(count: int, side: int) -> None:
    tiles = grid(count, 1920, 1080)
    assert len(tiles) == count**2
    assert {tile.width for tile in tiles} == {side}
    xs = sorted({tile.x for tile in tiles})
    ys = sorted({tile.y for tile in tiles})
    assert (xs[0], xs[-1] + side) == (0, 1920)
    assert (ys[0], ys[-1] + tiles[0].height) == (0, 1080)
    for one, other in pairwise(xs):
        assert (one + side - other) / side == pytest.approx(0.2, abs=0.005)


def test_worse_boxes_are_merged_into_better_ones() -> None:
    whole, left, apart = Box(0.1, 0.1, 0.3, 0.3), Box(0.05, 0.1, 0.2, 0.3), Box(0.6, 0.6, 0.7, 0.7)
    touching = Box(0.29, 0.1, 0.5, 0.3)
    found = greedy(
        [
            ScoredBox(left, 0.5),
            ScoredBox(apart, 0.6),
            ScoredBox(touching, 0.4),
            ScoredBox(whole, 0.9),
        ]
    )
    assert [(one.box, one.score) for one in found] == [
        (Box(0.05, 0.1, 0.3, 0.3), 0.9),
        (apart, 0.6),
        (touching, 0.4),
    ]
    assert greedy([]) == []


def test_slices_are_shown_at_once_and_their_boxes_are_the_images() -> None:
    backend = ScriptedBackend(located=lambda _: located('x', Box(0.5, 0.5, 0.6, 0.6)))
    settings = GrounderSettings(max_cached_frames=0, max_cached_looks=0)
    answer = sliced(2)(Grounder(backend, settings), np.zeros((90, 160, 3), np.uint8), 'a cup')
    assert answer.looks == 5
    assert answer.box is not None
    places = [Box(0.0, 0.0, 1.0, 1.0)]
    for tile in grid(2, 160, 90):
        x0, y0 = tile.x / 160, tile.y / 90
        places.append(Box(x0, y0, x0 + tile.width / 160, y0 + tile.height / 90))
    boxes = [(place.x0 + place.width / 2, place.y0 + place.height / 2) for place in places]
    assert any((answer.box.x0, answer.box.y0) == pytest.approx(corner) for corner in boxes)


def row(width: float | None, **answers: tuple[float, int]) -> dict[str, Any]:
    """Return the answers, overlap and looks, about a thing so wide; None: absent."""
    given = {name: answers.get(key, (0.0, 1)) for key, name in NAMES.items()}
    rows = {name: [iou > 0, iou, looks, 0.1 * looks] for name, (iou, looks) in given.items()}
    return {'image': 1920, 'width': width, **rows}


NAMES = {'one': ONE, 'four': FOUR, 'eight': EIGHT, 'two': TWO_BY_TWO, 'three': THREE_BY_THREE}
ROWS = [
    row(20.0, one=(0.2, 1), four=(0.8, 2), eight=(0.9, 5), two=(0.7, 5), three=(0.9, 10)),
    row(24.0, one=(0.0, 1), four=(0.3, 4), eight=(0.6, 7), two=(0.1, 5), three=(0.9, 10)),
    row(100.0, one=(0.9, 1), four=(0.9, 1), eight=(0.9, 1), two=(0.8, 5), three=(0.4, 10)),
    row(None, one=(0.0, 1), four=(0.0, 4), eight=(0.0, 8), two=(0.1, 5), three=(0.1, 10)),
]


def test_the_table_has_recall_by_width_false_boxes_looks_and_time() -> None:
    head, _, *lines = table(ROWS).splitlines()
    assert head.split(' | ')[2:7] == [
        *('0 to 16 px', '16 to 32 px', '32 to 64 px', '64 to 128 px', '128 px and more')
    ]
    assert [line.split(' | ')[0][2:] for line in lines] == list(WAYS)
    four = lines[1].strip('| ').split(' | ')
    assert four[1:] == [
        *('1920 wide', '-', '0.500 of 2', '-', '1.000 of 1', '-', '0.000 of 1'),
        *('2.33, absent 4.00', '300'),
    ]
    assert '1.000 of 1 | 5.00, absent 5.00 | 500' in lines[3]


def test_ours_is_compared_at_the_recall_of_slicing() -> None:
    lines = [line.strip('| ').split(' | ') for line in needed(ROWS).splitlines()[2:]]
    assert lines == [
        [TWO_BY_TWO, '1920 wide', '0.667', '5.00', FOUR, '0.667', '2.75', '45%'],
        [THREE_BY_THREE, '1920 wide', '0.667', '10.00', FOUR, '0.667', '2.75', '72%'],
    ]
    worse = [row(20.0, two=(0.9, 5), three=(0.0, 10))]
    first, second = needed(worse).splitlines()[2:]
    assert first.endswith('| 1.000 | 5.00 | none finds as much | - | - | - |')
    assert f'| 0.000 | 10.00 | {ONE} | 0.000 | 1.00 | 90% |' in second


def test_figures_of_present_things_alone_are_figures_too() -> None:
    assert 'nan' not in table(ROWS[:3]) + needed(ROWS[:3])
    assert '5.00, absent -' in table(ROWS[:3])


def test_each_way_answers_each_question(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = ScriptedBackend(located=lambda _: located('x', Box(0.4, 0.4, 0.6, 0.6)))
    with TabletopSet(range(1), ('standard',)) as data:
        monkeypatch.setattr(measure_looks, '_state', {'grounder': Grounder(backend), 'data': data})
        item, rows = measure_looks._ask('tabletop-standard/00000')
    assert item == 'tabletop-standard/00000'
    assert {bool(one['width']) for one in rows} == {True, False}
    for one in rows:
        assert one['image'] == 640
        assert one[ONE][2] == 1
        assert one[TWO_BY_TWO][2] == 5
        assert one[THREE_BY_THREE][2] == 10
        assert all(1 <= one[way][2] <= 8 for way in OURS)
        assert all(one[way][3] > 0 for way in WAYS)


def test_what_was_measured_is_not_measured_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {'level': 'standard', 'ways': list(WAYS), 'model': 'the fingerprint'}
    monkeypatch.setattr(measure_looks, 'model_fingerprint', lambda _: 'the fingerprint')
    with Journal(tmp_path / 'standard.jsonl', settings) as journal:
        journal.append('tabletop-standard/00000', {'rows': ROWS})
    monkeypatch.setattr(
        'sys.argv',
        ['x', '--scenes', '1', '--level', 'standard', '--output', str(tmp_path)],
    )
    main()
    printed = capsys.readouterr().out
    assert printed.startswith('1 scenes of level standard, ')
    assert table(ROWS) in printed
    assert needed(ROWS) in printed
    monkeypatch.setattr(measure_looks, 'model_fingerprint', lambda _: 'another')
    with pytest.raises(InvalidRequestError, match='results of other settings'):
        measured('tabletop', 'standard', range(1), tmp_path / 'standard.jsonl', 1)


def test_an_unknown_level_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr('sys.argv', ['x', '--level', 'farther'])
    with pytest.raises(SystemExit):
        main()
    assert 'invalid choice' in capsys.readouterr().err
