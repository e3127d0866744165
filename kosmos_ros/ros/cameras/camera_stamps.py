# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What is wrong with the stamps of a camera's images.

Drivers without a clock stamp with what they have: seconds since they or their computer started,
always the moment of their own start, or nothing. Callers then hear that images are old although
they arrive, unless this explains why.
"""

from __future__ import annotations

from rclpy.clock import Clock, ROSClock

from kosmos_ros.ros.cameras.frames import Arrival, Frame

_SECOND = 1_000_000_000
_EARLIEST_NS = 315_532_800 * _SECOND
"""1980: no image of a robot was taken before; a computer does not run for ten years."""

_PRESENT_NS = 946_684_800 * _SECOND
"""2000: a clock that shows less is of a simulation, whose images may be stamped with anything."""

_AHEAD_NS = 5 * _SECOND
"""Clocks of two machines that are set by the network differ by far less."""

_JUST_NOW = 1.0

_UNCHANGED_SECONDS = 2.0
"""Different images have one stamp for a second where a camera's clock is that coarse."""


def is_simulated(clock: Clock) -> bool:
    """Tell whether a clock follows ``/clock``, so that its time may stand still or be set back."""
    return isinstance(clock, ROSClock) and bool(clock.ros_time_is_active)


class StampWatch:
    """Observes the images of one camera as they arrive."""

    def __init__(self) -> None:
        self._stamp_ns = 0
        self._since = 0.0
        self._pictures = 0
        self._repetitions = 0

    def note(self, frame: Frame, arrival: Arrival) -> None:
        """
        Observe an arrival.

        :param frame: the newest one after it.
        """
        if arrival is Arrival.DUPLICATE:
            self._repetitions += 1
        elif arrival is Arrival.NEWEST:
            if frame.stamp_ns != self._stamp_ns:
                self._stamp_ns, self._since, self._pictures = frame.stamp_ns, frame.arrived, 0
            self._pictures += 1
            self._repetitions = 0

    def problem(self, newest: Frame | None, ros_now_ns: int, *, simulated: bool) -> str:
        """
        Return what is wrong with the stamps, empty if nothing is.

        :param ros_now_ns: now on the ROS clock.
        :param simulated: whether that clock follows ``/clock``.
        """
        if newest is None or not newest.stamp_ns:
            return ''
        stamp = newest.stamp_ns
        if newest.arrived - self._since >= _UNCHANGED_SECONDS:
            return (
                f'the stamps never change: the last {self._pictures} images differ, and all of '
                f'them are stamped {stamp / _SECOND:.3f} s'
            )
        if simulated and not ros_now_ns:
            return 'use_sim_time is set, and nothing has come on /clock'
        if stamp < _EARLIEST_NS and ros_now_ns >= _PRESENT_NS:
            return (
                f'the stamps are no dates: {stamp / _SECOND:.3f} s count from the start of a '
                'computer (uptime), a camera or a simulation, not from 1970'
            )
        ahead = stamp - ros_now_ns
        if ahead > _AHEAD_NS:
            return f'the stamps are {ahead / _SECOND:.1f} s ahead of the time of this node: ' + (
                'the camera does not follow /clock'
                if simulated
                else "the clocks of two machines differ, or images are a simulation's"
            )
        return ''

    def why_old(self, newest: Frame | None, *, simulated: bool) -> str:
        """
        Return why the newest image may be old although images come, empty if nothing is known.

        :param simulated: whether the clock of the node follows ``/clock``.
        """
        if self._repetitions:
            return f'it came {self._repetitions + 1} times, the same image with the same stamp'
        if newest is None or newest.since_arrival() >= _JUST_NOW:
            return ''
        whose = (
            "another recording than /clock's" if simulated else 'a recording without use_sim_time'
        )
        return f'by its stamp; it came just now: {whose}?'
