# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The newest images of a camera, and choosing the one that a question asks for.

A frame has two ages: the time since it arrived, on the steady clock, which no clock jump affects;
and the time since its stamp, on the ROS clock, which also sees what was lost on the way and images
that were replayed. The larger one counts. While time is simulated, both are by the ROS clock: a
simulation that stands still or is slow makes no image old.

The thread that receives images only stores them: pixels are made by whoever needs them first, and
then kept as long as the frame is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
import itertools
import threading
import time

from sensor_msgs.msg import Image

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import FrameKey, Picture
from kosmos_ros.core.model.frame_cache import key_of_content
from kosmos_ros.core.types import Status
from kosmos_ros.ros.conversions.images import ImageMessage, rgb_from_ros
from kosmos_ros.ros.conversions.values import time_from_ros
from kosmos_ros.ros.executor.failures import RefusedError

REORDERING_NS = 1_000_000_000
"""An image stamped up to this long before the newest one came late; further back, time jumped."""

# One counter for the process: even after a camera is set up anew, no two images share a number.
_serials = itertools.count(1)


@dataclass(frozen=True)
class Frame(Picture):
    """
    An image message, and when it arrived in seconds of the steady clock.

    ``read`` makes its pixels. ``serial`` is a number that no other frame of this process has.
    """

    message: ImageMessage
    arrived: float
    read: Callable[[ImageMessage], RgbImage] = field(default=rgb_from_ros, compare=False)
    serial: int = field(default_factory=lambda: next(_serials), compare=False)
    ros_arrived_ns: int = field(default=0, compare=False)
    """When it arrived on the ROS clock; 0: not known, or that clock had not begun."""

    @cached_property
    def stamp_ns(self) -> int:
        """Stamp in nanoseconds; 0 means that the camera sets none."""
        return time_from_ros(self.message.header.stamp)

    @property
    def width(self) -> int:
        """
        Width in pixels; only a compressed image has to be decoded to tell.

        :raises InvalidImageError: if it cannot be decoded.
        """
        message = self.message
        return int(message.width if isinstance(message, Image) else self._rgb.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels, as ``width``."""
        message = self.message
        return int(message.height if isinstance(message, Image) else self._rgb.shape[0])

    def pixels(self) -> RgbImage:
        """
        Return the image; converted or decoded once, however often it is asked for.

        :returns: (H, W, 3) uint8 RGB; of ``rgb8`` a view of the message's data.
        :raises InvalidImageError: if it is malformed, of an unknown kind or too large.
        """
        return self._rgb

    def key(self, camera: str) -> FrameKey:
        """Return the identity of a camera's image."""
        return FrameKey(camera, self.stamp_ns, self.serial)

    def content_key(self) -> FrameKey:
        """Return a key that every message with the same picture has, for images without camera."""
        message = self.message
        if not isinstance(message, Image):
            return key_of_content(message.data, message.format)
        layout = (message.width, message.height, message.step, message.is_bigendian)
        return key_of_content(message.data, message.encoding, *layout)

    @cached_property
    def _rgb(self) -> RgbImage:
        return self.read(self.message)

    def age(self, ros_now_ns: int, *, simulated: bool = False) -> float:
        """
        Return the age in seconds, 0 or more.

        :param ros_now_ns: now on the ROS clock. A stamp in the future says nothing about the age.
        :param simulated: whether that clock follows a simulation, and so decides alone once it has
            begun.
        """
        simulated = simulated and ros_now_ns > 0
        told = (self.stamp_ns, self.ros_arrived_ns) if simulated else (self.stamp_ns,)
        by_ros = max(((ros_now_ns - one) / 1e9 for one in told if one), default=0.0)
        return max(0.0, by_ros) if simulated else max(self.since_arrival(), by_ros)

    def since_arrival(self) -> float:
        """Return the seconds since arrival."""
        return time.monotonic() - self.arrived


class Arrival(Enum):
    """What ``FrameBuffer.put`` did with an image."""

    NEWEST = 'newest'
    DUPLICATE = 'duplicate'
    LATE = 'late'


class FrameBuffer:
    """
    Holds the newest frames of one camera; safe to use from several threads.

    :param size: how many, at least 1.
    :param read: makes their pixels.
    """

    def __init__(
        self, size: int = 1, read: Callable[[ImageMessage], RgbImage] = rgb_from_ros
    ) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque(maxlen=size)

    def put(self, message: ImageMessage, ros_now_ns: int = 0) -> Arrival:
        """
        Keep an image that has just arrived, unless it is a repetition or came late.

        A repetition has the stamp and the content of the newest one: other content is another
        image, whatever its stamp.

        A stamp far behind the newest one means that time was set back (a simulation was reset, a
        recording starts again): then only the new image is kept.

        :param ros_now_ns: now on the ROS clock.
        """
        frame = Frame(message, time.monotonic(), self._read, ros_arrived_ns=ros_now_ns)
        with self._lock:
            newest = self._frames[-1] if self._frames else None
            arrival = _judge(frame, newest)
            if arrival is Arrival.NEWEST:
                if newest is not None and frame.stamp_ns < newest.stamp_ns:
                    self._frames.clear()
                self._frames.append(frame)
        return arrival

    def newest(self) -> Frame | None:
        """Return the newest frame, None before the first."""
        with self._lock:
            return self._frames[-1] if self._frames else None

    def nearest(self, stamp_ns: int, newer_than_ns: int = 0) -> Frame | None:
        """
        Return the frame whose stamp is nearest, of equally near ones the newer.

        :param newer_than_ns: only frames stamped later than this; 0: any.
        :returns: None if there is no such frame.
        """
        with self._lock:
            frames = [one for one in self._frames if one.stamp_ns > (newer_than_ns or -1)]
        return min(reversed(frames), key=lambda one: abs(one.stamp_ns - stamp_ns), default=None)

    def drop(self, frame: Frame) -> bool:
        """Forget a frame that turned out to be unusable; tell whether it was there."""
        with self._lock:
            places = [place for place, one in enumerate(self._frames) if one is frame]
            for place in places:
                del self._frames[place]
        return bool(places)

    def clear(self) -> None:
        """Forget all frames."""
        with self._lock:
            self._frames.clear()


def _judge(frame: Frame, newest: Frame | None) -> Arrival:
    if newest is None or not frame.stamp_ns:
        return Arrival.NEWEST
    behind = newest.stamp_ns - frame.stamp_ns
    if behind == 0:
        is_repeated = frame.message == newest.message
        return Arrival.DUPLICATE if is_repeated else Arrival.NEWEST
    return Arrival.LATE if 0 < behind <= REORDERING_NS else Arrival.NEWEST


@dataclass(frozen=True)
class FrameWish:
    """
    Which frame is suitable; zeros ask for nothing.

    Of the frames stamped later than ``newer_than_ns``, that whose stamp is nearest to
    ``nearest_to_ns`` is taken, without the latter the newest. It may be ``max_age`` seconds old.
    """

    newer_than_ns: int = 0
    nearest_to_ns: int = 0
    max_age: float = 0.0


def choose_frame(
    frames: FrameBuffer, wish: FrameWish, topic: str, ros_now_ns: int, *, simulated: bool = False
) -> Frame:
    """
    Return the frame that is wished for.

    :param topic: where frames come from, for the error.
    :param ros_now_ns: now on the ROS clock.
    :param simulated: whether that clock follows a simulation.
    :raises RefusedError: NO_IMAGE or STALE_IMAGE, with the topic and the stamps or ages.
    """
    newest = frames.newest()
    if newest is None:
        raise RefusedError(Status.NO_IMAGE, f'no image has come on {topic}')
    if wish.newer_than_ns and newest.stamp_ns <= wish.newer_than_ns:
        raise RefusedError(
            Status.NO_IMAGE,
            f'no image stamped later than {wish.newer_than_ns / 1e9:.3f} s has come on {topic}; '
            f'the newest is stamped {newest.stamp_ns / 1e9:.3f} s',
        )
    frame, which = newest, 'newest image'
    if wish.nearest_to_ns:
        # Frames may have been dropped since: then the newest will do.
        frame = frames.nearest(wish.nearest_to_ns, wish.newer_than_ns) or newest
        which = f'image nearest to {wish.nearest_to_ns / 1e9:.3f} s'
    age = frame.age(ros_now_ns, simulated=simulated)
    if wish.max_age and age > wish.max_age:
        raise RefusedError(
            Status.STALE_IMAGE,
            f'the {which} on {topic} is {age:.2f} s old, {wish.max_age:g} s are allowed',
        )
    return frame
