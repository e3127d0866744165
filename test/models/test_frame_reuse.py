# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Answers about an image that is encoded already, with the embedded model.

Spans ``models.tabletop`` and ``backends.kosmos2``.
"""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import ArrayPicture, FrameKey, View
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, ScoredBox

REQUESTS = (
    GroundingRequest('the red cube'),
    GroundingRequest(''),
    GroundingRequest('the red cube; the blue ball; a mug', alternatives=3),
    GroundingRequest(region=Region(80, 60, 90, 90)),
    GroundingRequest('the red cube', region=Region(80, 60, 90, 90)),
    GroundingRequest('how many objects are there?'),
    GroundingRequest('the red cube', region=Region(80, 60, 90, 90)),
    GroundingRequest('the red cube'),
)


@pytest.fixture(scope='module')
def backend() -> Backend:
    """Load the embedded model."""
    pytest.importorskip('torch')
    return make_backend(ModelSettings())


def table(height: int = 240, width: int = 320, left: int = 100) -> RgbImage:
    """Draw a red and a blue square on grey."""
    image = np.full((height, width, 3), 150, np.uint8)
    image[80:130, left : left + 50] = (200, 20, 20)
    image[150:200, left + 100 : left + 150] = (20, 40, 200)
    return image


def boxes_of(answer: Grounding) -> list[ScoredBox]:
    """Return all boxes that an answer speaks of."""
    others = (other for phrase in answer.phrases for other in phrase.alternatives)
    return [*answer.detections, *others]


def assert_same(one: Grounding, other: Grounding) -> int:
    """Compare answers up to rounding, and return how many boxes they have."""
    assert (one.status, one.text, one.status_message) == (
        other.status,
        other.text,
        other.status_message,
    )
    for found, expected in zip(boxes_of(one), boxes_of(other), strict=True):
        assert (found.label, found.id) == (expected.label, expected.id)
        assert found.score == pytest.approx(expected.score, abs=1e-3)
        corners = [(box.box.x0, box.box.y0, box.box.x1, box.box.y1) for box in (found, expected)]
        assert corners[0] == pytest.approx(corners[1], abs=1e-3)
    return len(boxes_of(one))


def test_a_kept_frame_gives_the_same_answers(backend: Backend) -> None:
    keeping = Grounder(backend)
    forgetting = Grounder(backend, GrounderSettings(max_cached_frames=0, max_cached_looks=0))
    boxes = 0
    for request in REQUESTS:
        answers = [
            grounder.ground(table(), request, source=FrameKey('front', 1, 1))
            for grounder in (keeping, forgetting)
        ]
        boxes += assert_same(*answers)
    assert boxes >= 6
    assert (keeping.frames.encoded, keeping.frames.reused) == (2, 6)
    assert (forgetting.frames.encoded, forgetting.frames.reused) == (8, 0)
    assert keeping.frames.use().nbytes > 0


@pytest.mark.parametrize('request_', [REQUESTS[1], REQUESTS[2]])
@pytest.mark.parametrize('allowed', [1, 2, 3])
def test_work_that_was_stopped_leaves_a_sound_frame(
    backend: Backend, request_: GroundingRequest, allowed: int
) -> None:
    grounder, source = Grounder(backend), FrameKey('front', 1, 1)
    checks = iter(range(1000))
    with pytest.raises(GroundingStoppedError):
        grounder.ground(table(), request_, lambda: next(checks) >= allowed, source=source)
    for request in REQUESTS[:3]:
        answer = grounder.ground(table(), request, source=source)
        assert_same(answer, Grounder(backend).ground(table(), request))
    assert grounder.frames.reused == 3


def test_several_views_give_the_answers_of_each(backend: Backend) -> None:
    images = [table(), table(300, 500, left=220), table(left=30)]
    request = GroundingRequest('the red cube; the blue ball')
    views = [View(ArrayPicture(image), FrameKey('c', 1, n)) for n, image in enumerate(images)]
    grounder = Grounder(backend)
    grounder.ground(images[1], request, source=FrameKey('c', 1, 1))
    for answer, image in zip(grounder.ground_views(views, request), images, strict=True):
        assert (answer.image_height, answer.image_width) == image.shape[:2]
        assert assert_same(answer, Grounder(backend).ground(image, request))
    assert (grounder.frames.encoded, grounder.frames.reused) == (3, 1)
