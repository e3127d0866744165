# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.describe``: captions of tiles add what the caption of all leaves out."""

from __future__ import annotations

from collections.abc import Iterator
import math
import time

import numpy as np
import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, Status, Task

IMAGE = np.zeros((1080, 1920, 3), np.uint8)
CUBE = Box(0.4, 0.4, 0.55, 0.6)


def entity(name: str, box: Box) -> str:
    first, last = cells_from_box(box)
    return f'<phrase> {name}</phrase><object>{first}{last}</object>'


def describe(captions: list[str], query: str = 'detailed', max_looks: int = 8) -> Grounding:
    """Describe a large image, with a caption for each look; the others say nothing."""
    left = iter(captions)
    backend = ScriptedBackend(generated=lambda _: next(left, ' nothing.'))
    request = GroundingRequest(query, Task.DESCRIBE, max_looks=max_looks)
    return Grounder(backend).ground(IMAGE, request)


WHOLE = f' There is{entity("a table", Box(0.1, 0.5, 0.9, 1.0))}.'
TILE = f' There is{entity("a red cube", CUBE)} on{entity("a table", Box(0.0, 0.7, 1.0, 1.0))}.'


def test_what_only_a_tile_shows_is_named_behind_the_caption() -> None:
    answer = describe([WHOLE, TILE])
    assert answer.status is Status.FOUND
    assert answer.text == 'There is a table. Also a red cube.'
    assert [answer.text[one.start : one.end] for one in answer.phrases] == [
        'a table',
        'a red cube',
    ]
    tile = answer.looks[1]
    cube = answer.detections[1].box
    # What was seen in the first tile, the upper left one, lies there in the image.
    assert (tile.x, tile.y) == (0, 0)
    assert cube.x0 * 1920 == pytest.approx(0.4 * tile.width, abs=tile.width / 16)
    assert cube.y1 * 1080 == pytest.approx(0.6 * tile.height, abs=tile.height / 16)
    assert answer.looks_wanted == len(answer.looks) == 7


def test_what_two_tiles_show_is_named_once_and_what_is_cut_is_not() -> None:
    tiles = [look for look in describe([WHOLE]).looks if look != Region(0, 0, 1920, 1080)]
    first, second = tiles[:2]
    assert second.x < first.x + first.width  # they overlap
    left, right = second.x + 40, first.x + first.width - 40
    shared = [
        Box((left - one.x) / one.width, 0.4, (right - one.x) / one.width, 0.6)
        for one in (first, second)
    ]
    captions = [f' There is{entity("a cup", box)}.' for box in shared]
    cut = f' There is{entity("a fork", Box(0.9, 0.4, 1.0, 0.6))}.'
    assert describe([WHOLE, *captions, cut]).text == 'There is a table. Also a cup, a fork.'
    assert describe([WHOLE, cut, *captions]).text == 'There is a table. Also a cup.'


def test_the_caption_is_left_alone_where_tiles_add_nothing() -> None:
    answer = describe([WHOLE])
    assert answer.text == 'There is a table.'
    assert len(answer.phrases) == 1


@pytest.mark.parametrize(('query', 'max_looks'), [('detailed', 1), ('detailed', 0), ('brief', 8)])
def test_nothing_is_merged_unless_asked_for(query: str, max_looks: int) -> None:
    answer = describe([WHOLE, TILE], query, max_looks)
    assert 'Also' not in answer.text
    assert len(answer.looks) == answer.looks_wanted == 1


def test_looks_are_limited_and_the_answer_says_how_many_there_would_be() -> None:
    answer = describe([WHOLE, TILE], max_looks=3)
    assert (len(answer.looks), answer.looks_wanted) == (3, 7)


def test_no_tile_is_described_that_would_not_end_in_time() -> None:
    backend = ScriptedBackend(generated=lambda _: WHOLE, seconds=0.2)
    request = GroundingRequest('detailed', Task.DESCRIBE, max_looks=8)
    answer = Grounder(backend).ground(IMAGE, request, until=time.monotonic() + 0.1)
    assert (len(answer.looks), answer.looks_wanted) == (1, 7)
    assert answer.text == 'There is a table.'
    answer = Grounder(backend).ground(IMAGE, request, until=math.inf)
    assert len(answer.looks) == 7


def test_progress_is_that_of_the_caption() -> None:
    captions: Iterator[str] = iter([WHOLE, TILE])
    backend = ScriptedBackend(generated=lambda _: next(captions, ' nothing.'))
    heard: list[Progress] = []
    request = GroundingRequest('detailed', Task.DESCRIBE, max_looks=4)
    Grounder(backend).ground(IMAGE, request, on_progress=heard.append)
    assert heard
    assert not any('cube' in one.text for one in heard)
