# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers that come late, ids that stay, and which box is which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.tracking.tracker import BoxTracker, matches, MAX_MISSES

Place = tuple[float, float]


@pytest.fixture
def found(film: Any) -> Callable[..., list[ScoredBox]]:
    """Make the boxes of an answer that finds things at places."""
    return lambda *places: [ScoredBox(film.around(*place), 0.9, 'a thing') for place in places]


def right(number: int) -> Place:
    """Return where a thing is that goes to the right."""
    return 60 + 4 * number, 100


def left(number: int) -> Place:
    """Return where one is that comes to meet it."""
    return 260 - 4 * number, 170


def test_an_answer_about_an_old_image_is_replayed(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    images = [film.picture(right(number)) for number in range(20)]
    for number, image in enumerate(images):
        tracker.see(number, image)
    tracker.answer('standing', 2, images[2], found(right(2)))
    (track,) = tracker.tracks('standing')
    assert iou(track.box, film.around(*right(19))) > 0.85
    assert iou(film.around(*right(2)), film.around(*right(19))) < 0.01  # as it was answered


def test_boxes_go_on_after_the_answer(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    tracker.answer('standing', 0, film.picture(right(0)), found(right(0)))
    for number in range(1, 20):
        tracker.see(number, film.picture(right(number)))
    assert iou(tracker.tracks('standing')[0].box, film.around(*right(19))) > 0.85


def test_ids_stay_with_the_objects_over_answers_in_any_order(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    seen = []
    for number in range(40):
        image = film.picture(right(number), left(number))
        tracker.see(number, image)
        if number % 10 == 5:  # about an image that is five images old
            about = number - 5
            places = [right(about), left(about)]
            places = places[::-1] if number % 20 == 5 else places
            tracker.answer(
                'standing', about, film.picture(right(about), left(about)), found(*places)
            )
            for track in tracker.tracks('standing'):
                to_the_right = iou(track.box, film.around(*right(number))) > 0.7
                seen.append((to_the_right, track.id))
    assert len(seen) == 8
    assert len(set(seen)) == 2


def test_a_new_object_gets_a_new_id(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    image = film.picture((60, 100), (260, 100))
    tracker.answer('standing', 1, image, found((60, 100)))
    assert [track.id for track in tracker.tracks('standing')] == ['1']
    tracker.answer('standing', 2, image, found((260, 100), (60, 100)))
    assert [track.id for track in tracker.tracks('standing')] == ['2', '1']


@pytest.mark.parametrize('misses', range(1, MAX_MISSES + 3))
def test_an_object_that_some_answers_miss_keeps_its_id(film: Any, found: Any, misses: int) -> None:
    tracker = BoxTracker()

    def answer(number: int, *places: Place) -> list[str]:
        image = film.picture(right(number), left(number))
        tracker.see(number, image)
        tracker.answer('standing', number, image, found(*places))
        return [track.id for track in tracker.tracks('standing')]

    assert answer(0, right(0), left(0)) == ['1', '2']
    for number in range(1, misses + 1):
        assert answer(number, left(number)) == ['2']
    number = misses + 1
    expected = '1' if misses <= MAX_MISSES else '3'
    assert answer(number, right(number), left(number)) == [expected, '2']


def test_an_object_that_is_lost_gets_a_new_id(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    image = film.picture((60, 100))
    tracker.answer('standing', 1, image, found((60, 100)))
    tracker.see(2, film.empty())
    tracker.see(3, image)
    tracker.answer('standing', 3, image, found((60, 100)))
    assert [track.id for track in tracker.tracks('standing')] == ['2']


def test_objects_of_the_same_phrase_that_cross_keep_their_ids(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    ids: dict[bool, set[str]] = {True: set(), False: set()}
    for number in range(40):
        # Their boxes overlap in the middle of the way; the upper one stays the upper one.
        places = (80 + 4 * number, 100.0), (236 - 4 * number, 130.0)
        image = film.picture(*places)
        tracker.see(number, image)
        if number % 4 == 0:
            tracker.answer('standing', number, image, found(*places))
            for track in tracker.tracks('standing'):
                ids[track.index == 0].add(track.id)
    assert ids[True] & ids[False] == set()
    assert len(ids[True]) == len(ids[False]) == 1


def test_answers_of_other_names_are_carried_beside(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    image = film.picture((60, 100), (260, 100))
    tracker.answer('standing', 1, image, found((60, 100)))
    tracker.answer('asked', 1, image, found((260, 100)))
    tracker.see(2, film.picture((64, 100), (260, 104)))
    (one,), (other,) = tracker.tracks('standing'), tracker.tracks('asked')
    assert one.id != other.id
    assert iou(one.box, film.around(64, 100)) > 0.9
    assert iou(other.box, film.around(260, 104)) > 0.9


def test_an_image_that_was_passed_already_changes_nothing(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    tracker.answer('standing', 8, film.picture(right(8)), found(right(8)))
    tracker.see(7, film.picture(right(0)))
    tracker.see(8, film.picture(right(8)))
    assert [track.box for track in tracker.tracks('standing')] == [film.around(*right(8))]


def test_after_clearing_nothing_is_left_but_the_count_of_ids(film: Any, found: Any) -> None:
    tracker = BoxTracker()
    image = film.picture((60, 100))
    tracker.answer('standing', 1, image, found((60, 100)))
    tracker.clear()
    assert tracker.tracks('standing') == ()
    tracker.answer('standing', 2, image, found((60, 100)))
    assert [track.id for track in tracker.tracks('standing')] == ['2']


@pytest.mark.parametrize('name', ['standing', 'never answered'])
def test_without_boxes_there_are_no_tracks(film: Any, name: str) -> None:
    tracker = BoxTracker()
    tracker.see(1, film.empty())
    tracker.answer('standing', 1, film.empty(), [])
    tracker.see(2, film.empty())
    assert tracker.tracks(name) == ()


def cup(
    x0: float, label: str = 'a cup', y0: float = 0.4, x1: float = 0.0, y1: float = 0.6
) -> ScoredBox:
    return ScoredBox(Box(x0, y0, x1 or x0 + 0.2, y1), 0.9, label)


@pytest.mark.parametrize(
    ('old', 'new', 'pairs'),
    [
        ([], [cup(0.1)], {}),
        ([cup(0.1)], [], {}),
        ([cup(0.1)], [cup(0.15)], {0: 0}),
        # Too far away, or called something else.
        ([cup(0.1)], [cup(0.25)], {}),
        ([cup(0.1)], [cup(0.1, 'a box')], {}),
        # Order says nothing.
        ([cup(0.1), cup(0.6)], [cup(0.62), cup(0.12)], {0: 1, 1: 0}),
        # Two claim one, and one is claimed by two: the better overlap has it.
        ([cup(0.1)], [cup(0.17), cup(0.11)], {1: 0}),
        ([cup(0.17), cup(0.11)], [cup(0.1)], {0: 1}),
        # One comes into the image, where only a part of it was seen before.
        ([cup(0.0, x1=0.04)], [cup(0.0)], {0: 0}),
        # But what fits better goes first, and a box without extent is within nothing.
        ([cup(0.1)], [cup(0.15, y0=0.45, x1=0.2, y1=0.5), cup(0.15)], {1: 0}),
        ([cup(0.1, x1=0.1)], [cup(0.05)], {}),
        # Side by side: each keeps its own, although each overlaps both.
        ([cup(0.30), cup(0.36)], [cup(0.31), cup(0.37)], {0: 0, 1: 1}),
    ],
)
def test_boxes_are_paired(
    old: list[ScoredBox], new: list[ScoredBox], pairs: dict[int, int]
) -> None:
    assert matches(old, new) == pairs
