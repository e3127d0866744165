# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which looks are taken, with eyes that see what is large enough.

The eyes stand in for a model: they are sure of what takes enough of their 224 pixels, in doubt
about what takes less, and see nothing of what takes still less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import math

import pytest

from kosmos_ros.core.geometry import box_from_pixels, iou, uncrop, within
from kosmos_ros.core.looks.budget import Budget
from kosmos_ros.core.looks.search import ImageSearch, Part
from kosmos_ros.core.looks.trail import Glimpse, Sought
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.types import Box, Region, ScoredBox

FULL_HD = (1920, 1080)
SURE, DOUBT = 7.0, 3.0
"""Pixels of the model's 224 from which on the eyes are sure of a thing, and in doubt."""

NOTHING = Located(0.001, ())


def thing(x: int, y: int, side: int, size: tuple[int, int] = FULL_HD) -> Box:
    """Return the box of a thing of so many pixels."""
    return box_from_pixels(x, y, x + side, y + side, *size)


class Eyes:
    """Answers looks at an image with things in it."""

    def __init__(
        self, things: Mapping[str, Sequence[Box]], size: tuple[int, int] = FULL_HD
    ) -> None:
        self._things = things
        self._size = size
        self.seconds = 1.0

    def look(self, part: Part) -> dict[str, Glimpse]:
        """Return what a look shows of each phrase."""
        return {phrase: self._glimpse(part, phrase) for phrase in part.phrases}

    def search(
        self, phrases: Sequence[str | Sought], most: int = 8, until: float = math.inf
    ) -> ImageSearch:
        """Take all looks."""
        sought = [one if isinstance(one, Sought) else Sought(one) for one in phrases]
        search = ImageSearch(*self._size, sought, Budget(most, until))
        while parts := search.next():
            for part in parts:
                search.take(part, self.look(part), self.seconds)
        return search

    def _glimpse(self, part: Part, phrase: str) -> Glimpse:
        region = part.region or Region(0, 0, *self._size)
        boxes, existence = [], 0.001
        for box in self._things.get(phrase, ()):
            shown = within(box, region, *self._size)
            pixels = 224 * min(shown.width, shown.height)
            if pixels >= DOUBT:
                sure = 0.999 if pixels >= SURE else 0.3
                existence = max(existence, sure)
                boxes.append(ScoredBox(shown, sure))
        if existence < 0.01:
            return Glimpse(NOTHING, NOTHING, 0.5)
        raw = Located(existence, tuple(boxes))
        placed = tuple(
            ScoredBox(uncrop(one.box, region, *self._size), one.score)
            for one in boxes
            if one.score >= 0.5
        )
        return Glimpse(Located(existence, placed), raw, 0.5)


def test_what_is_near_takes_one_look() -> None:
    search = Eyes({'a mug': [thing(600, 300, 300)]}).search(['a mug'])
    assert [part.region for part in search.looked] == [None]
    assert search.wanted == 1
    assert search.trails['a mug'].found(8).boxes[0].box == thing(600, 300, 300)


def test_what_is_small_is_looked_at_once_more() -> None:
    mug = thing(600, 300, 100)
    search = Eyes({'a mug': [mug]}).search(['a mug'])
    whole, closer = search.looked
    assert whole.region is None
    assert closer.closer
    assert closer.region is not None
    assert 1 / 3 < 100 / closer.region.width < 1 / 2
    assert iou(search.trails['a mug'].found(8).boxes[0].box, mug) > 0.99
    assert search.wanted == 2


@pytest.mark.parametrize('existence', [0.4, 0.6])
def test_what_fills_the_look_already_is_not_looked_at_again(existence: float) -> None:
    raw = Located(existence, (ScoredBox(Box(0.2, 0.2, 0.8, 0.8), existence),))
    answer = raw if existence >= 0.5 else Located(existence, ())
    search = ImageSearch(64, 48, [Sought('a mug')], Budget(8))
    (first,) = search.next()
    search.take(first, {'a mug': Glimpse(answer, raw, 0.5)}, 1.0)
    assert search.next() == []
    assert search.wanted == 1
    assert search.trails['a mug'].found(8) == answer


@pytest.mark.parametrize(('x', 'y'), [(30, 20), (951, 533), (1880, 1040), (1300, 200)])
@pytest.mark.parametrize('side', [16, 24, 40])
def test_what_the_first_look_misses_is_searched_for(x: int, y: int, side: int) -> None:
    mug = thing(x, y, side)
    search = Eyes({'a mug': [mug]}).search(['a mug'], most=40)
    found = search.trails['a mug'].found(8)
    assert len(found.boxes) == 1
    assert iou(found.boxes[0].box, mug) > 0.95
    assert found.existence > 0.9
    assert search.looked[-1].closer


def test_what_is_not_there_is_given_up() -> None:
    search = Eyes({}).search(['a mug'], most=64)
    found = search.trails['a mug'].found(8)
    assert (found.boxes, found.existence) == ((), 0.001)
    assert 2 <= len(search.looked) < 30
    assert search.wanted == len(search.looked)


def test_phrases_share_their_looks() -> None:
    things = {'a mug': [thing(700, 500, 20)], 'a cup': [thing(760, 520, 20)]}
    alone = Eyes(things).search(['a mug'], most=40)
    both = Eyes(things).search(['a mug', 'a cup'], most=40)
    assert all(both.trails[phrase].found(8).boxes for phrase in things)
    assert len(both.looked) <= len(alone.looked) + 1


@pytest.mark.parametrize('most', [1, 2, 3])
def test_there_are_no_more_looks_than_allowed_and_it_tells_how_many_it_wanted(most: int) -> None:
    search = Eyes({}).search(['a mug'], most=most)
    assert len(search.looked) == most
    assert search.wanted > most


def test_with_one_look_the_answer_is_that_of_the_look() -> None:
    eyes = Eyes({'a mug': [thing(600, 300, 100), thing(900, 300, 100)]})
    search = eyes.search(['a mug'], most=1)
    whole = eyes.look(Part(None, ('a mug',)))['a mug'].answer
    assert search.trails['a mug'].found(8) == whole
    assert search.wanted == 3


def test_of_several_each_is_looked_at_and_those_beside_each_other_together() -> None:
    far, near = [thing(200, 300, 90), thing(1500, 300, 90)], thing(330, 300, 90)
    search = Eyes({'the mugs': [*far, near]}).search(['the mugs'])
    found = [one.box for one in search.trails['the mugs'].found(8).boxes]
    assert len(found) == 3
    for box in (*far, near):
        assert max(iou(box, other) for other in found) > 0.99


def test_of_several_those_are_searched_for_that_the_first_look_misses() -> None:
    large, small = thing(200, 300, 120), thing(1500, 600, 24)
    eyes = Eyes({'the mugs': [large, small]})
    for several, count in ((False, 1), (True, 2)):
        search = eyes.search([Sought('the mugs', several=several)], most=30)
        found = [one.box for one in search.trails['the mugs'].found(8).boxes]
        assert len(found) == count
    assert max(iou(small, other) for other in found) > 0.95


@pytest.mark.parametrize('side', [24, 100, 300])
def test_what_the_rest_of_the_image_tells_is_asked_of_all_of_it_alone(side: int) -> None:
    mug = thing(600, 300, side)
    alone = Sought('the mug next to the plate', by_the_rest=True)
    search = Eyes({alone.phrase: [mug], 'a mug': [mug]}).search([alone, 'a mug'], most=30)
    assert all(alone.phrase not in part.phrases for part in search.looked[1:])
    found = search.trails[alone.phrase].found(8)
    assert [one.box for one in found.boxes] == ([mug] if side > 60 else [])


def test_time_ends_a_search_and_what_was_found_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('kosmos_ros.core.looks.budget.time.monotonic', lambda: 100.0)
    search = Eyes({'a mug': [thing(600, 300, 100)]}).search(['a mug'], until=100.5)
    assert len(search.looked) == 1
    assert search.trails['a mug'].found(8).boxes
    assert search.wanted == 2


def test_strips_are_never_judged_by_a_squashed_view() -> None:
    size = (1920, 480)
    mug = thing(1700, 200, 100, size)
    search = Eyes({'a mug': [mug]}, size).search(['a mug'])
    assert all(part.region is not None for part in search.looked)
    assert iou(search.trails['a mug'].found(8).boxes[0].box, mug) > 0.99


def test_what_an_edge_between_tiles_cuts_is_one_object() -> None:
    size = (1920, 480)
    banana = box_from_pixels(380, 200, 700, 300, *size)
    search = Eyes({'a banana': [banana]}, size).search(['a banana'])
    (found,) = search.trails['a banana'].found(8).boxes
    assert iou(found.box, banana) > 0.9


def test_what_a_closer_look_denies_is_dropped() -> None:
    mug = thing(600, 300, 100)

    class Deceived(Eyes):
        """Sees a mug only from afar."""

        def look(self, part: Part) -> dict[str, Glimpse]:
            if part.region is None:
                return super().look(part)
            return {phrase: Glimpse(NOTHING, NOTHING, 0.5) for phrase in part.phrases}

    found = Deceived({'a mug': [mug]}).search(['a mug']).trails['a mug'].found(8)
    assert found.boxes == ()
    assert found.existence < 0.5


def test_in_a_small_image_only_what_is_small_is_looked_at_again() -> None:
    size = (640, 480)
    for side, looks in ((90, 1), (40, 2), (15, 2)):
        box = thing(300, 200, side, size)
        search = Eyes({'a mug': [box]}, size).search(['a mug'])
        assert len(search.looked) == looks
        assert iou(search.trails['a mug'].found(8).boxes[0].box, box) > 0.9
    assert len(Eyes({}, size).search(['a mug']).looked) == 1


@pytest.mark.parametrize(('closer', 'found'), [(0.66, False), (0.95, True)])
def test_two_looks_that_are_not_sure_are_no_find(closer: float, found: bool) -> None:
    box = Box(0.4, 0.4, 0.55, 0.55)

    def glimpse(existence: float, region: Region | None) -> Glimpse:
        shown = box if region is None else within(box, region, 640, 480)
        raw = Located(existence, (ScoredBox(shown, existence),))
        boxes = (ScoredBox(box, existence),) if existence >= 0.5 else ()
        return Glimpse(Located(existence, boxes), raw, 0.5)

    search = ImageSearch(640, 480, [Sought('a mug')], Budget(2))
    (whole,) = search.next()
    search.take(whole, {'a mug': glimpse(0.2, None)}, 1.0)
    (part,) = search.next()
    search.take(part, {'a mug': glimpse(closer, part.region)}, 1.0)
    answer = search.trails['a mug'].found(8)
    assert bool(answer.boxes) is found
    assert (answer.existence >= 0.5) is found
