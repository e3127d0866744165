# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images of a camera that is not upright, with the embedded model.

Spans ``models.tabletop`` and ``core.images``.
"""

from __future__ import annotations

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.turning import turn_back, turn_box, turn_image, turn_region
from kosmos_ros.core.types import GroundingRequest, Region, Status
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

SEED = 810_000


@pytest.fixture(scope='module')
def grounder() -> Grounder:
    """Load the embedded model."""
    pytest.importorskip('torch')
    return Grounder(make_backend(ModelSettings()))


@pytest.fixture(scope='module')
def frame() -> RenderedFrame:
    with TabletopRenderer() as renderer:
        return renderer.render(sample_scene(SEED))


@pytest.mark.parametrize('rotation', [90, 180, 270])
def test_a_turned_camera_gives_the_same_answers(
    grounder: Grounder, frame: RenderedFrame, rotation: int
) -> None:
    upright = frame.rgb
    height, width = upright.shape[:2]
    turned = np.ascontiguousarray(turn_image(upright, turn_back(rotation)))
    region = Region(width // 4, height // 4, width // 2, height // 2)
    names = '; '.join(thing.name for thing in frame.objects)
    for query, part in ((names, None), ('', None), (names, region), ('', region)):
        there = part and turn_region(part, width, height, turn_back(rotation))
        expected = grounder.ground(upright, GroundingRequest(query, region=part))
        answer = grounder.ground(turned, GroundingRequest(query, region=there), rotation=rotation)
        assert (answer.status, answer.text) == (expected.status, expected.text)
        assert answer.status is Status.FOUND
        assert (answer.image_height, answer.image_width) == turned.shape[:2]
        for one, other in zip(answer.detections, expected.detections, strict=True):
            assert one.score == pytest.approx(other.score, abs=1e-3)
            assert iou(turn_box(one.box, rotation), other.box) > 0.99
        assert answer.detections
