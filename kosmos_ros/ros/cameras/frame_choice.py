# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which image of a camera a question wants."""

from __future__ import annotations

from dataclasses import dataclass

from kosmos_ros.core.types import Status
from kosmos_ros.ros.cameras.frames import Frame, FrameBuffer
from kosmos_ros.ros.executor.failures import RefusedError


@dataclass(frozen=True)
class FrameWish:
    """
    Which frame will do; zeros wish for nothing.

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
        # Frames may have gone since: then the newest is as good as any.
        frame = frames.nearest(wish.nearest_to_ns, wish.newer_than_ns) or newest
        which = f'image nearest to {wish.nearest_to_ns / 1e9:.3f} s'
    age = frame.age(ros_now_ns, simulated=simulated)
    if wish.max_age and age > wish.max_age:
        raise RefusedError(
            Status.STALE_IMAGE,
            f'the {which} on {topic} is {age:.2f} s old, {wish.max_age:g} s are allowed',
        )
    return frame
