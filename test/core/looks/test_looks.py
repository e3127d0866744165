# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Looks at parts of an image through the grounder: their limits, their time, what is kept.

Spans ``core.looks`` and ``core.grounder``.
"""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, NOTHING, ScriptedBackend
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.views import ArrayPicture, FrameKey, View
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, Status

LARGE = np.zeros((1080, 1920, 3), np.uint8)
WHOLE = Region(0, 0, 1920, 1080)
KEY = FrameKey('camera', 0, 1)


def ask(
    backend: ScriptedBackend, asked: int = 0, until: float = math.inf, max_looks: int = 8
) -> Grounding:
    grounder = Grounder(backend, GrounderSettings(max_looks=max_looks))
    return grounder.ground(LARGE, GroundingRequest('a', max_looks=asked), until=until)


def unsure(seconds: float = 0.0) -> ScriptedBackend:
    """Return a model that is not sure of anything, wherever it looks."""
    return ScriptedBackend(lambda phrase: located(phrase, existence=0.3), seconds=seconds)


def test_the_request_goes_before_the_setting() -> None:
    for setting, asked, taken in ((8, 0, 8), (3, 0, 3), (3, 5, 5), (8, 1, 1)):
        answer = ask(unsure(), asked, max_looks=setting)
        assert len(answer.looks) == taken
        assert answer.looks[0] == WHOLE
        assert answer.looks_wanted > taken
        assert answer.status is Status.NOT_FOUND


def test_no_look_is_begun_that_would_not_end_in_time() -> None:
    answer = ask(unsure(0.1), until=time.monotonic() + 0.15)
    assert len(answer.looks) == 1 < answer.looks_wanted
    # The first look is taken all the same: there would be no answer without it.
    assert len(ask(unsure(), until=time.monotonic() - 1.0).looks) == 1


def test_an_answer_of_one_look_wants_no_more() -> None:
    there = ScriptedBackend({'a': located('a', Box(0.2, 0.2, 0.6, 0.8), existence=0.999)})
    answer = ask(there)
    assert (answer.looks, answer.looks_wanted) == ((WHOLE,), 1)


@pytest.mark.parametrize(('kept', 'again'), [(16, 0), (0, 7), (2, 7)])
def test_looks_at_an_image_are_kept_as_far_as_there_is_room(kept: int, again: int) -> None:
    backend = unsure()
    grounder = Grounder(backend, GrounderSettings(max_looks=8, max_cached_looks=kept))
    for query in ('a', 'b'):
        grounder.ground(LARGE, GroundingRequest(query), source=KEY)
        encoded = len(backend.calls.encoded)
    assert encoded == 8 + again
    use = grounder.frames.use()
    assert use.held == 1 + min(kept, 7)
    assert use.nbytes <= LARGE.nbytes * use.held


def test_each_view_is_looked_at_as_it_needs() -> None:
    small = np.zeros((480, 640, 3), np.uint8)
    views = [View(ArrayPicture(image)) for image in (small, LARGE)]
    backend = ScriptedBackend(lambda _: NOTHING)
    near, far = Grounder(backend).ground_views(views, GroundingRequest('a'))
    assert len(near.looks) == 1 < len(far.looks)
    # The first looks at both go through the model together.
    assert backend.calls.located[0] == ('a', 'a')


def test_looks_at_a_turned_image_are_parts_of_the_image_as_it_came() -> None:
    upright = Grounder(unsure()).ground(LARGE, GroundingRequest('a'))
    turned = Grounder(unsure()).ground(
        np.ascontiguousarray(np.rot90(LARGE)), GroundingRequest('a'), rotation=90
    )
    assert [(look.height, look.width) for look in turned.looks] == [
        (look.width, look.height) for look in upright.looks
    ]
    assert all(look.x + look.width <= 1080 for look in turned.looks)
    assert all(look.y + look.height <= 1920 for look in turned.looks)
