# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The newest image of a camera.

A frame has two ages: the time since it arrived, on the steady clock, which no clock jump can
disturb; and the time since its stamp, on the ROS clock, which also sees what was lost on the way
and images that were replayed. The larger one counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
import threading
import time

from kosmos_ros.ros.conversions import time_from_ros
from kosmos_ros.ros.image_conversions import ImageMessage

REORDERING_NS = 1_000_000_000
"""An image stamped up to this long before the newest one came late; further back, time jumped."""


@dataclass(frozen=True)
class Frame:
    """An image message, and when it arrived in seconds of the steady clock."""

    message: ImageMessage
    arrived: float

    @property
    def stamp_ns(self) -> int:
        """Stamp in nanoseconds; 0 means that the camera sets none."""
        return time_from_ros(self.message.header.stamp)

    def age(self, ros_now_ns: int) -> float:
        """
        Return the age in seconds, 0 or more.

        :param ros_now_ns: now on the ROS clock. A stamp in its future says nothing of the age.
        """
        since_stamp = (ros_now_ns - self.stamp_ns) / 1e9 if self.stamp_ns else 0.0
        return max(self.since_arrival(), since_stamp)

    def since_arrival(self) -> float:
        """Return seconds."""
        return time.monotonic() - self.arrived


class Arrival(Enum):
    """What ``FrameBuffer.put`` made of an image."""

    NEWEST = 'newest'
    DUPLICATE = 'duplicate'
    LATE = 'late'


class FrameBuffer:
    """Holds the newest frame of one camera; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: Frame | None = None

    def put(self, message: ImageMessage) -> Arrival:
        """
        Keep an image that has just arrived, unless it is a repetition or came late.

        A stamp far behind the newest one means that time was set back (a simulation was reset, a
        recording starts again): then the new image counts.
        """
        frame = Frame(message, time.monotonic())
        with self._lock:
            arrival = _judge(frame, self._newest)
            if arrival is Arrival.NEWEST:
                self._newest = frame
        return arrival

    def newest(self) -> Frame | None:
        """Return the newest frame, None before the first."""
        with self._lock:
            return self._newest


def _judge(frame: Frame, newest: Frame | None) -> Arrival:
    if newest is None or not frame.stamp_ns:
        return Arrival.NEWEST
    behind = newest.stamp_ns - frame.stamp_ns
    if behind == 0:
        return Arrival.DUPLICATE
    return Arrival.LATE if 0 < behind <= REORDERING_NS else Arrival.NEWEST
