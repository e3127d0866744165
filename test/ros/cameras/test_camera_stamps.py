# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Stamps that say nothing of the time are told apart, and from images that repeat."""

from __future__ import annotations

from builtin_interfaces.msg import Time
import pytest
from rclpy.clock import Clock, ClockType
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from kosmos_ros.ros.cameras.camera_stamps import is_simulated, StampWatch
from kosmos_ros.ros.cameras.frames import Arrival, Frame

SECOND = 1_000_000_000
TODAY = 1_800_000_000


def frame(sec: int, arrived: float = 100.0) -> Frame:
    image = Image()
    image.header.stamp = Time(sec=sec)
    return Frame(image, arrived)


@pytest.mark.parametrize(
    ('stamp', 'now', 'simulated', 'problem'),
    [
        (TODAY, TODAY, False, ''),
        (TODAY - 10**6, TODAY, False, ''),  # a recording of last week
        (TODAY + 1, TODAY, False, ''),  # clocks differ a little
        (4711, TODAY, False, 'the stamps are no dates: 4711.000 s count from the start'),
        (4711, TODAY, True, 'uptime'),  # /clock is of a recording
        (300_000_000, TODAY, False, 'uptime'),
        (4711, 4711, True, ''),
        (10, 4711, True, ''),
        (TODAY, 4711, True, 'the camera does not follow /clock'),
        (TODAY + 3600, TODAY, False, '3600.0 s ahead of the time of this node'),
        (4711, 0, True, 'nothing has come on /clock'),
        (0, TODAY, False, ''),
    ],
)
def test_a_stamp_is_a_time_near_the_present(
    stamp: int, now: int, simulated: bool, problem: str
) -> None:
    stamps, newest = watch(frame(stamp))
    told = stamps.problem(newest, now * SECOND, simulated=simulated)
    assert problem in told
    assert bool(problem) == bool(told)


def test_there_is_no_problem_before_the_first_image() -> None:
    assert StampWatch().problem(None, TODAY * SECOND, simulated=False) == ''


def watch(*frames: Frame) -> tuple[StampWatch, Frame]:
    stamps = StampWatch()
    for one in frames:
        stamps.note(one, Arrival.NEWEST)
    return stamps, frames[-1]


def test_stamps_that_never_change_are_told() -> None:
    stamps, newest = watch(*(frame(TODAY, 100.0 + number) for number in range(4)))
    assert stamps.problem(newest, TODAY * SECOND, simulated=False) == (
        'the stamps never change: the last 4 images differ, and all of them are stamped '
        f'{TODAY}.000 s'
    )
    later = frame(TODAY + 1, 105.0)
    stamps.note(later, Arrival.NEWEST)
    assert stamps.problem(later, TODAY * SECOND, simulated=False) == ''


def test_stamps_of_whole_seconds_do_change() -> None:
    frames = [frame(TODAY + number // 10, 100.0 + number / 10) for number in range(30)]
    stamps, newest = watch(*frames)
    assert stamps.problem(newest, TODAY * SECOND, simulated=False) == ''


def test_images_that_repeat_are_no_stamps_that_never_change() -> None:
    stamps, newest = watch(frame(TODAY))
    assert stamps.why_old(newest, simulated=False) == ''
    for _ in range(9):
        stamps.note(newest, Arrival.DUPLICATE)
    assert (
        stamps.why_old(newest, simulated=False)
        == 'it came 10 times, the same image with the same stamp'
    )
    assert stamps.problem(newest, TODAY * SECOND, simulated=False) == ''
    stamps.note(frame(TODAY + 1), Arrival.NEWEST)
    assert stamps.why_old(newest, simulated=False) == ''


def test_which_clock_is_simulated(rig) -> None:
    node = rig.node('grounding')
    assert not is_simulated(node.get_clock())
    node.set_parameters([Parameter('use_sim_time', value=True)])
    assert is_simulated(node.get_clock())
    assert not is_simulated(Clock(clock_type=ClockType.STEADY_TIME))
