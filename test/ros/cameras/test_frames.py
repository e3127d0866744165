# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The newest image of a camera and its age."""

from __future__ import annotations

from array import array
import threading
import time

from builtin_interfaces.msg import Time
import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.ros.cameras.frames import Arrival, Frame, FrameBuffer

SECOND = 1_000_000_000


def image(stamp_ns: int) -> Image:
    message = Image()
    message.header.stamp = Time(sec=stamp_ns // SECOND, nanosec=stamp_ns % SECOND)
    return message


@pytest.mark.parametrize(
    ('before', 'then', 'arrival'),
    [
        (5 * SECOND, 5 * SECOND + 1, Arrival.NEWEST),
        (5 * SECOND, 5 * SECOND, Arrival.DUPLICATE),
        (5 * SECOND, 5 * SECOND - 1, Arrival.LATE),
        (5 * SECOND, 4 * SECOND, Arrival.LATE),
        (5 * SECOND, 4 * SECOND - 1, Arrival.NEWEST),  # time was set back
        (5 * SECOND, 0, Arrival.NEWEST),  # the camera sets no stamps
        (0, 0, Arrival.NEWEST),
        (0, 5 * SECOND, Arrival.NEWEST),
    ],
)
def test_which_image_is_the_newest(before: int, then: int, arrival: Arrival) -> None:
    buffer = FrameBuffer()
    assert buffer.put(image(before)) is Arrival.NEWEST
    second = image(then)
    assert buffer.put(second) is arrival
    assert (buffer.newest().message is second) == (arrival is Arrival.NEWEST)


def test_an_image_of_the_same_stamp_counts_if_it_is_another() -> None:
    buffer = FrameBuffer(3)
    first, other = image(5 * SECOND), image(5 * SECOND)
    first.data, other.data = [1, 2], [1, 3]
    assert buffer.put(first) is Arrival.NEWEST
    assert buffer.put(other) is Arrival.NEWEST
    assert buffer.put(other) is Arrival.DUPLICATE
    assert buffer.newest().message is other
    assert buffer.nearest(5 * SECOND).message is other


def test_a_new_buffer_is_empty() -> None:
    assert FrameBuffer().newest() is None


def test_a_repetition_does_not_make_an_image_younger() -> None:
    buffer = FrameBuffer()
    buffer.put(image(SECOND))
    arrived = buffer.newest().arrived
    buffer.put(image(SECOND))
    assert buffer.newest().arrived == arrived


@given(
    stamp=st.integers(0, 100 * SECOND),
    now=st.integers(0, 100 * SECOND),
    since_arrival=st.floats(0.0, 100.0),
)
def test_the_larger_age_counts(stamp: int, now: int, since_arrival: float) -> None:
    age = Frame(image(stamp), time.monotonic() - since_arrival).age(now)
    since_stamp = (now - stamp) / SECOND if stamp else 0.0
    assert age >= max(since_arrival, since_stamp) - 1e-6
    assert age >= 0.0
    if since_stamp > since_arrival + 60:
        assert age == since_stamp


@given(
    stamp=st.integers(0, 100 * SECOND),
    arrived=st.integers(0, 100 * SECOND),
    now=st.integers(1, 100 * SECOND),
    since_arrival=st.floats(0.0, 1e6),
)
def test_in_simulated_time_the_clock_that_may_stand_still_alone_counts(
    stamp: int, arrived: int, now: int, since_arrival: float
) -> None:
    frame = Frame(image(stamp), time.monotonic() - since_arrival, ros_arrived_ns=arrived)
    age = frame.age(now, simulated=True)
    told = [(now - one) / SECOND for one in (stamp, arrived) if one]
    assert age == max([0.0, *told])


def test_before_the_clock_of_a_simulation_begins_a_silent_camera_is_noticed() -> None:
    frame = Frame(image(5 * SECOND), time.monotonic() - 30.0)
    assert frame.age(0, simulated=True) >= 30.0


def test_a_stamp_in_the_future_says_nothing_of_the_age() -> None:
    arrived = time.monotonic() - 3.0
    assert 3.0 <= Frame(image(50 * SECOND), arrived).age(10 * SECOND) < 50.0


def test_of_many_writers_the_newest_stamp_wins() -> None:
    buffer = FrameBuffer()
    # All within the span in which older stamps count as late.
    stamps = [10 * SECOND + index for index in range(800)]
    writers = [
        threading.Thread(target=lambda mine=stamps[first::4]: [buffer.put(image(s)) for s in mine])
        for first in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert buffer.newest().stamp_ns == stamps[-1]


def test_no_two_frames_have_the_same_number() -> None:
    first, second = Frame(image(0), 0.0), Frame(image(0), 0.0)
    assert first.key('front') != second.key('front')
    assert first.key('front') == first.key('front')
    assert first.key('front') != first.key('rear')


def test_the_size_of_a_raw_image_takes_no_pixels() -> None:
    frame = Frame(Image(width=640, height=480, encoding='pink'), 0.0)
    assert (frame.width, frame.height) == (640, 480)
    with pytest.raises(InvalidImageError):
        frame.pixels()


def test_a_compressed_image_is_decoded_once() -> None:
    encoded = cv2.imencode('.png', np.full((3, 5, 3), 9, np.uint8))[1]
    frame = Frame(CompressedImage(format='png', data=array('B', encoded.tobytes())), 0.0)
    assert (frame.width, frame.height) == (5, 3)
    assert frame.pixels() is frame.pixels()
    assert frame.content_key() == Frame(frame.message, 1.0).content_key()
