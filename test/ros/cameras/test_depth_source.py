# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The depth image of an image's moment, and what is missing where there is none."""

from __future__ import annotations

import functools
import threading

from builtin_interfaces.msg import Time
import pytest
from sensor_msgs.msg import CameraInfo, Image

from kosmos_ros.ros.cameras.depth_source import DepthSource, HISTORY
from kosmos_ros.ros.conversions.values import time_from_ros
from kosmos_ros.ros.executor.failures import Failures

SECOND = 1_000_000_000


class Stage:
    """A depth source and publishers in front of it."""

    def __init__(self, rig) -> None:
        self.rig = rig
        node = rig.node('grounding')
        self.tolerance = 0.05
        self.source = DepthSource(
            node,
            'depth',
            'info',
            lambda: self.tolerance,
            Failures(node.get_logger()),
            scale=0.25,
        )
        self.source.start()
        camera = rig.node('camera')
        self._depth = camera.create_publisher(Image, 'depth', 100)
        self._info = camera.create_publisher(CameraInfo, 'info', 10)
        rig.spin_until(self._depth.get_subscription_count)
        rig.spin_until(self._info.get_subscription_count)

    def show(self, *stamps_ns: int) -> None:
        """Publish depth images, and wait until the last one is there."""
        for stamp_ns in stamps_ns:
            image = Image(width=2)
            image.header.stamp = Time(sec=stamp_ns // SECOND, nanosec=stamp_ns % SECOND)
            self._depth.publish(image)
            self.rig.spin_until(functools.partial(self._has, stamp_ns))

    def _has(self, stamp_ns: int) -> bool:
        return self.near(stamp_ns) == stamp_ns

    def show_info(self, width: int = 4) -> None:
        self._info.publish(CameraInfo(width=width))

        def came() -> bool:
            info = self.source.near(0).info
            return info is not None and info.width == width

        self.rig.spin_until(came)

    def near(self, stamp_ns: int) -> int | None:
        """Return the stamp of the depth image that goes with an image's."""
        image = self.source.near(stamp_ns).image
        return None if image is None else time_from_ros(image.header.stamp)


@pytest.fixture
def stage(rig) -> Stage:
    return Stage(rig)


def test_image_and_model_make_a_pair(stage: Stage) -> None:
    stage.show(5 * SECOND)
    stage.show_info(width=4)
    stage.show_info(width=6)
    pair = stage.source.near(5 * SECOND)
    assert (pair.image.width, pair.info.width, pair.problem) == (2, 6, '')
    assert pair.scale == 0.25


def test_the_nearest_within_the_tolerance_counts(stage: Stage) -> None:
    stage.show(SECOND, 2 * SECOND, 3 * SECOND)
    assert stage.near(2 * SECOND + 49_000_000) == 2 * SECOND
    assert stage.near(2 * SECOND - 49_000_000) == 2 * SECOND
    assert stage.near(2 * SECOND + 51_000_000) is None
    stage.tolerance = 0.5
    assert stage.near(2 * SECOND + 51_000_000) == 2 * SECOND


def test_what_is_missing_is_told(stage: Stage, rig) -> None:
    missing = stage.source.near(SECOND)
    assert (missing.image, missing.info) == (None, None)
    assert missing.problem == 'no depth image has come on /depth; no CameraInfo has come on /info'
    stage.show(SECOND)
    assert stage.source.near(SECOND).problem == 'no CameraInfo has come on /info'
    stage.show_info()
    assert stage.source.near(SECOND + 300_000_000).problem == (
        'the nearest depth image on /depth is stamped 0.300 s before the image, 0.05 s are allowed'
    )
    assert '0.700 s after the image' in stage.source.near(300_000_000).problem
    node = rig.node('other')
    other = DepthSource(node, 'a', 'b', lambda: 0.05, Failures(node.get_logger()))
    assert 'no depth image has come on /a (nobody publishes it)' in other.near(0).problem


def test_only_the_newest_are_kept_and_those_that_are_held(stage: Stage) -> None:
    # The model looks at the image of 2 s, whose depth is still to come, for a long time.
    with stage.source.holding(2 * SECOND):
        stage.show(*(sec * SECOND for sec in range(1, HISTORY + 5)))
        assert stage.near(2 * SECOND) == 2 * SECOND
        assert stage.near(3 * SECOND) is None
        assert stage.near((HISTORY + 4) * SECOND) == (HISTORY + 4) * SECOND
    stage.show((HISTORY + 5) * SECOND)
    assert stage.near(2 * SECOND) is None


def test_depth_that_comes_a_little_later_is_waited_for(stage: Stage) -> None:
    stage.show_info()
    pairs = []
    waiting = threading.Thread(
        target=lambda: pairs.append(stage.source.near(2 * SECOND, patience=60.0))
    )
    waiting.start()
    stage.show(SECOND)
    assert waiting.is_alive()
    stage.show(2 * SECOND)
    waiting.join(60.0)
    assert pairs[0].problem == ''
    # It is not going to come once a later one has: no more waiting.
    stage.show(3 * SECOND)
    assert stage.source.near(2 * SECOND + SECOND // 2, patience=3600.0).image is None


def test_nobody_waits_for_what_nobody_publishes(rig) -> None:
    node = rig.node('grounding')
    source = DepthSource(node, 'a', 'b', lambda: 0.05, Failures(node.get_logger()))
    assert source.near(0, patience=3600.0).problem


def test_a_clock_that_is_set_back_makes_a_new_beginning(stage: Stage) -> None:
    stage.show(90 * SECOND, 5 * SECOND)
    assert stage.near(90 * SECOND) is None
    stage.source.clear()
    assert stage.near(5 * SECOND) is None


def test_what_was_seen_is_forgotten_at_the_end(stage: Stage) -> None:
    stage.show(5 * SECOND)
    stage.source.stop()
    stage.source.stop()
    assert stage.near(5 * SECOND) is None
