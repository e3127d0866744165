# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The depth images that belong to a camera's images, and the camera's model.

Depth images are kept as they came, raw; the transport ``compressedDepth`` is not understood, as
registered depth of a robot's own camera does not pass a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import threading
from typing import NamedTuple

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from kosmos_ros.ros.cameras.frames import REORDERING_NS
from kosmos_ros.ros.cameras.rectification import Rectification
from kosmos_ros.ros.cameras.topic_hints import depth_advice
from kosmos_ros.ros.cameras.topic_subscription import TopicSubscription
from kosmos_ros.ros.conversions.values import time_from_ros
from kosmos_ros.ros.executor.failures import Failures

_RAW = Rectification()

HISTORY = 8
"""Depth images kept: a colour image and its depth come within some frames of each other."""


class DepthPair(NamedTuple):
    """
    The messages that positions are computed from.

    ``problem`` says what is missing, and is empty where both are there. ``rectified`` says which
    images the model is read for, ``doubt`` what speaks against that. ``scale`` is in metres for
    each unit of depth, 0 as the encoding says.
    """

    image: Image | None
    info: CameraInfo | None
    problem: str
    rectified: bool = False
    doubt: str = ''
    scale: float = 0.0


class DepthSource:
    """
    Subscribes to a depth camera between ``start`` and ``stop``; safe to use from several threads.

    :param node: subscribes.
    :param tolerance: returns the most seconds between the stamps of an image and its depth.
    :param rectification: of the images and their depth.
    :param scale: metres for each unit of depth, 0: as the encoding says.
    """

    def __init__(
        self,
        node: Node,
        depth_topic: str,
        info_topic: str,
        tolerance: Callable[[], float],
        failures: Failures,
        rectification: Rectification = _RAW,
        scale: float = 0.0,
    ) -> None:
        self._tolerance = tolerance
        self.rectification = rectification
        """Whether images and depth are rectified."""
        self._scale = scale
        self._depth = TopicSubscription(
            node,
            Image,
            depth_topic,
            failures.guard(self._receive),
            depth=HISTORY,
            advice=depth_advice(node.resolve_topic_name(depth_topic)),
        )
        self._info = TopicSubscription(
            node, CameraInfo, info_topic, failures.guard(self._receive_info)
        )
        self._condition = threading.Condition()
        self._images: dict[int, Image] = {}  # by stamp, in the order in which they came
        self._newest_info: CameraInfo | None = None
        self._held: list[int] = []

    def start(self) -> None:
        """Subscribe; does nothing if subscribed already."""
        self._info.start()
        self._depth.start()

    def stop(self) -> None:
        """Unsubscribe and forget what came."""
        self._depth.stop()
        self._info.stop()
        with self._condition:
            self._images.clear()
            self._newest_info = None

    def adapt(self) -> None:
        """Follow the quality of service that the publishers offer."""
        self._depth.adapt()
        self._info.adapt()

    def clear(self) -> None:
        """Forget the images, as when the clock was set back; the model stays valid."""
        with self._condition:
            self._images.clear()
        self._depth.recall()

    def problem(self) -> str:
        """Return what has not come yet, and what may explain it; empty if both have."""
        with self._condition:
            return self._missing()

    def near(self, stamp_ns: int, patience: float = 0.0) -> DepthPair:
        """
        Return the depth image of a moment, the nearest there is, and the newest model.

        :param patience: most seconds to wait for them if they are published: a camera sends its
            images one after the other.
        """
        if not (self._depth.publishers() and self._info.publishers()):
            patience = 0.0
        with self._condition:
            self._condition.wait_for(lambda: self._is_complete(stamp_ns), patience)
            info = self._newest_info
            nearest = self._nearest(stamp_ns)
            image = None if nearest is None else self._images[nearest]
            problems = [self._missing()]
        if nearest is not None and abs(nearest - stamp_ns) > self._tolerance() * 1e9:
            image = None
            problems.insert(0, self._too_far(nearest - stamp_ns))
        is_rectified, _, doubt = self.rectification
        said = '; '.join(filter(None, problems))
        return DepthPair(image, info, said, is_rectified, doubt, self._scale)

    @contextmanager
    def holding(self, stamp_ns: int) -> Iterator[None]:
        """
        Keep the depth image of a moment, which may still be to come, within the context.

        A model may take longer for its answer than the newest few depth images last.
        """
        with self._condition:
            self._held.append(stamp_ns)
        try:
            yield
        finally:
            with self._condition:
                self._held.remove(stamp_ns)

    def _missing(self) -> str:
        problems = []
        if not self._images:
            problems.append(f'no depth image has come on {self._depth.topic}{self._depth.hint()}')
        if self._newest_info is None:
            problems.append(f'no CameraInfo has come on {self._info.topic}{self._info.hint()}')
        return '; '.join(problems)

    def _is_complete(self, stamp_ns: int) -> bool:
        """Tell whether the pair is complete, or its depth image will not come."""
        nearest = self._nearest(stamp_ns)
        if nearest is None or self._newest_info is None:
            return False
        is_near = abs(nearest - stamp_ns) <= self._tolerance() * 1e9
        return is_near or next(reversed(self._images)) > stamp_ns

    def _nearest(self, stamp_ns: int) -> int | None:
        return min(self._images, key=lambda stamp: abs(stamp - stamp_ns), default=None)

    def _too_far(self, difference_ns: int) -> str:
        seconds = abs(difference_ns) / 1e9
        side = 'after' if difference_ns > 0 else 'before'
        return (
            f'the nearest depth image on {self._depth.topic} is stamped {seconds:.3f} s {side} '
            f'the image, {self._tolerance():g} s are allowed{self._depth.hint()}'
        )

    def _receive(self, message: Image) -> None:
        stamp_ns = time_from_ros(message.header.stamp)
        with self._condition:
            newest = next(reversed(self._images), stamp_ns)
            if newest - stamp_ns > REORDERING_NS:
                # Time was set back: earlier ones belong to other images.
                self._images.clear()
            self._images[stamp_ns] = message
            keep = {self._nearest(held) for held in self._held}
            spare = [stamp for stamp in self._images if stamp not in keep]
            for stamp in spare[: max(0, len(spare) - HISTORY)]:
                del self._images[stamp]
            self._condition.notify_all()

    def _receive_info(self, message: CameraInfo) -> None:
        with self._condition:
            self._newest_info = message
            self._condition.notify_all()
