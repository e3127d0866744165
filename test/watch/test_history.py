# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers are kept once, a limited number of them, and repetitions take one place."""

from __future__ import annotations

from typing import Any

from kosmos_ros.core.types import Region
from kosmos_ros.watch.history import History
from kosmos_ros.watch.pictures import JpegPicture


def answer(query: str, stamp: int, identity: str = '') -> dict[str, Any]:
    return {
        'id': identity or f'{query}{stamp}',
        'camera': 'c',
        'stamp': str(stamp),
        'task': 'LOCATE',
        'query': query,
    }


def test_repeated_answers_of_others_take_one_place() -> None:
    history = History()
    first, replaced = history.add(answer('mug', 1), None, '')
    assert replaced is None
    own, replaced = history.add(answer('mug', 2), None, '', asked_here=True)
    assert replaced is None
    newer, replaced = history.add(answer('mug', 3), None, '')
    assert replaced == first.number
    assert newer.repeats == 1
    history.add(answer('bowl', 4), None, '')
    assert [one.answer['stamp'] for one in history.entries()] == ['2', '3', '4']
    assert history.get(first.number) is None
    assert history.get(own.number) is own


def test_an_answer_that_comes_twice_is_known() -> None:
    history = History()
    entry, _ = history.add(answer('mug', 1, 'id'), None, '')
    assert history.knows(answer('mug', 1, 'id')) is entry
    assert history.knows(answer('mug', 2, 'id')) is None


def test_the_oldest_goes() -> None:
    history = History(length=2)
    for stamp in range(4):
        history.add(answer(f'{stamp}', stamp), None, '', asked_here=True)
    assert [one.answer['stamp'] for one in history.entries()] == ['2', '3']


def test_an_entry_as_data() -> None:
    picture = JpegPicture('c', 1, 640, 480, b'')
    entry, _ = History().add(answer('mug', 1), picture, '', Region(1, 2, 3, 4), asked_here=True)
    data = entry.as_data()
    assert data['picture'] == {'width': 640, 'height': 480}
    assert data['region'] == [1, 2, 3, 4]
    assert 0.0 <= data['age'] < 60.0
    assert data['number'] == entry.number
