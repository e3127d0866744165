# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.looks.trail``: what counts as found."""

from __future__ import annotations

import pytest

from kosmos_ros.core.looks.merge import SeenBox
from kosmos_ros.core.looks.trail import Doubt, Glimpse, LookInfo, Sought, Trail
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import Box, ScoredBox

SHOWN, OTHER = Box(0.40, 0.40, 0.46, 0.46), Box(0.50, 0.40, 0.56, 0.46)
WHOLE, PART = Box(0.0, 0.0, 1.0, 1.0), Box(0.35, 0.35, 0.6, 0.6)
FIRST, SECOND = LookInfo(0, is_coarse=True, firsts=1), LookInfo(1, is_coarse=False, firsts=1)


def seen(box: Box, look: LookInfo, part: Box) -> SeenBox:
    return SeenBox.of(ScoredBox(box, 0.9), look.number, part)


def glimpse(existence: float, *boxes: Box) -> Glimpse:
    there = tuple(ScoredBox(box, existence) for box in boxes)
    return Glimpse(
        Located(existence, there if existence >= 0.5 else ()), Located(existence, there), 0.5
    )


def closer(trail: Trail, existence: float, *boxes: Box) -> Located:
    """Take a closer look at all that is in doubt, and return what is found then."""
    answer = glimpse(existence, *boxes)
    shown = [seen(one.box, SECOND, PART) for one in answer.answer.boxes]
    trail.confirm(SECOND, answer, shown, list(trail.doubts))
    return trail.found(8)


def after_one_look(existence: float) -> Trail:
    trail = Trail(Sought('the mugs', several=True))
    answer = glimpse(existence, SHOWN)
    boxes = [seen(one.box, FIRST, WHOLE) for one in answer.answer.boxes]
    trail.note(FIRST, answer, boxes, None if boxes else seen(SHOWN, FIRST, WHOLE))
    return trail


def test_what_the_first_look_showed_needs_no_more_than_to_be_seen_again() -> None:
    assert [one.box for one in closer(after_one_look(0.9), 0.7, SHOWN).boxes] == [SHOWN]
    assert closer(after_one_look(0.9), 0.1).boxes == ()


@pytest.mark.parametrize(('existence', 'count'), [(0.7, 0), (0.95, 1)])
def test_what_it_did_not_show_needs_a_look_that_is_sure(existence: float, count: int) -> None:
    found = closer(after_one_look(0.2), existence, SHOWN)
    assert len(found.boxes) == count
    assert (found.existence >= 0.5) is bool(count)


def test_a_weak_find_takes_nothing_from_a_sure_one_in_the_same_look() -> None:
    for weak_first in (True, False):
        trail = after_one_look(0.9)
        weak = Doubt(seen(OTHER, FIRST, WHOLE), counts=False, is_weak=True)
        trail.doubts.insert(0 if weak_first else 1, weak)
        assert SHOWN in [one.box for one in closer(trail, 0.7, SHOWN).boxes]


def test_a_part_that_is_not_sure_says_no_more_than_the_whole() -> None:
    trail = after_one_look(0.1)
    trail.doubts.clear()
    trail.note(SECOND, glimpse(0.7, OTHER), [seen(OTHER, SECOND, PART)], None)
    assert (trail.found(8).boxes, trail.found(8).existence) == ((), 0.1)
    assert not trail.is_found
    assert [one.counts for one in trail.doubts] == [False]
