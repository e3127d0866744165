# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The thread that carries boxes, with a real publisher and a real listener."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
import itertools
import logging
import threading
import time
from typing import Any

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import numpy as np
import pytest
from sensor_msgs.msg import Image

from kosmos_ros.core.types import Box, Grounding, ScoredBox, Status, Task
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.endpoints.image_annotations import ImageAnnotations
from kosmos_ros.ros.endpoints.publishers import TracksOutput
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.tracks.carrier import Carrier

WIDTH, HEIGHT = 160, 120
WALL = np.random.default_rng(1).integers(0, 255, (HEIGHT // 4, WIDTH // 4), dtype=np.uint8)
_stamps = itertools.count(1)


def frame(shift: int = 0) -> Frame:
    pixels = np.roll(np.kron(WALL, np.ones((4, 4), dtype=np.uint8)), shift, axis=1)
    message = Image(width=WIDTH, height=HEIGHT, step=WIDTH, encoding='mono8')
    message.header.stamp.nanosec = 1_000_000 * next(_stamps)
    message.data = array('B', pixels.tobytes())
    return Frame(message, time.monotonic())


def answer(about: Frame, camera: str = 'front', name: str = 'standing') -> Answer:
    boxes = (ScoredBox(Box(0.3, 0.3, 0.7, 0.7), 0.9, 'a cup'),)
    grounding = Grounding(Task.LOCATE, Status.FOUND, WIDTH, HEIGHT, detections=boxes)
    return Answer(grounding, name, camera, about.message.header, about, 0.1, None)


class Stand:
    """A carrier, its node, and a switch."""

    def __init__(self, rig: Any) -> None:
        self._rig = rig
        self.is_enabled = True
        node = rig.node('grounding')
        self.publisher = node.create_publisher(GroundingMessage, '~/tracks', 10)
        self.failures = Failures(node.get_logger())
        output = TracksOutput(
            self.publisher, ImageAnnotations(node, ['front', 'wrist']), lambda: self.is_enabled
        )
        self.carrier = Carrier(output, node.get_clock(), self.failures)
        self.carrier.start()
        self.messages: list[GroundingMessage] = []
        self._listener: Any = None

    def listen(self) -> None:
        node = self._listener = self._rig.node('listener')
        node.create_subscription(GroundingMessage, '/grounding/tracks', self.messages.append, 10)
        self._rig.spin_until(lambda: self.publisher.get_subscription_count() == 1)

    def next(self, camera: str = 'front', shift: int = 0) -> GroundingMessage:
        """Show a frame and return the message about it."""
        count = len(self.messages)
        self.carrier.see(camera, frame(shift))
        self._rig.spin_until(lambda: len(self.messages) > count)
        return self.messages[-1]

    def spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._rig.executor.spin_once(timeout_sec=0.02)


@pytest.fixture
def stand(rig: Any) -> Iterator[Stand]:
    """Start a carrier."""
    stand = Stand(rig)
    yield stand
    stand.carrier.stop()
    assert stand.failures.unexpected == 0, stand.failures.latest


def test_boxes_are_carried_from_frame_to_frame(stand: Stand) -> None:
    stand.listen()
    stand.carrier.answer(answer(frame()))
    centers = [stand.next(shift=shift).detections.detections[0] for shift in (2, 4, 6)]
    xs = [one.bbox.center.position.x for one in centers]
    assert xs == pytest.approx([82.0, 84.0, 86.0], abs=0.5)
    assert {one.id for one in centers} == {'1'}


def test_cameras_are_carried_apart(stand: Stand) -> None:
    stand.listen()
    for camera in ('front', 'wrist'):
        stand.carrier.answer(answer(frame(), camera))
    assert stand.carrier.needed_camera() is None  # until it is known that there are boxes
    first, second = stand.next('front', shift=2), stand.next('wrist', shift=-2)
    assert (first.camera, second.camera) == ('front', 'wrist')
    assert first.detections.detections[0].bbox.center.position.x > 81
    assert second.detections.detections[0].bbox.center.position.x < 79
    assert stand.carrier.needed_camera() == '*'


def test_an_image_that_came_with_its_question_is_not_carried(stand: Stand) -> None:
    stand.listen()
    stand.carrier.answer(answer(frame(), camera=''))
    stand.carrier.answer(answer(frame(), camera='wrist'))
    stand.next('wrist')
    assert stand.carrier.needed_camera() == 'wrist'
    assert [message.camera for message in stand.messages] == ['wrist']


@pytest.mark.parametrize('reason', ['nobody listens', 'switched off', 'stopped'])
def test_nothing_is_computed_in_vain(
    stand: Stand, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr(Frame, 'pixels', lambda *_: looked.append('pixels'))
    if reason != 'nobody listens':
        stand.listen()
    stand.is_enabled = reason != 'switched off'
    if reason == 'stopped':
        stand.carrier.stop()
    stand.carrier.answer(answer(frame()))
    for _ in range(5):
        stand.carrier.see('front', frame())
    stand.spin(0.3)
    assert (looked, stand.messages) == ([], [])


def test_what_was_before_a_pause_is_forgotten(stand: Stand) -> None:
    stand.listen()
    stand.carrier.answer(answer(frame()))
    stand.next()
    stand.is_enabled = False
    stand.carrier.see('front', frame())
    stand.is_enabled = True
    stand.messages.clear()
    stand.carrier.see('front', frame())
    stand.spin(0.3)
    assert stand.messages == []
    stand.carrier.answer(answer(frame()))
    assert stand.next().detections.detections[0].id == '2'


def test_clearing_forgets_boxes(stand: Stand) -> None:
    stand.listen()
    stand.carrier.answer(answer(frame()))
    stand.next()
    stand.carrier.clear()
    stand.messages.clear()
    stand.carrier.see('front', frame())
    stand.spin(0.3)
    assert stand.messages == []


def test_of_frames_that_come_too_fast_the_newest_wins(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.listen()
    hold = threading.Event()
    pixels = Frame.pixels

    def slow(self: Frame) -> Any:
        hold.wait(10.0)
        return pixels(self)

    monkeypatch.setattr(Frame, 'pixels', slow)
    stand.carrier.answer(answer(frame()))
    frames = [frame(shift) for shift in range(8)]
    for one in frames:
        stand.carrier.see('front', one)
    hold.set()
    stand._rig.spin_until(lambda: stand.messages)
    stand.spin(0.2)
    stamps = [message.header.stamp for message in stand.messages]
    assert stamps[-1] == frames[-1].message.header.stamp
    assert len(stamps) <= 2


def test_a_damaged_image_does_no_harm(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stand.listen()
    stand.carrier.answer(answer(frame()))
    damaged = frame()
    damaged.message.encoding = 'no such'
    stand.carrier.answer(answer(damaged, name='q1'))
    stand.carrier.see('front', damaged)
    stand.spin(0.1)
    assert stand.next().id == 'standing'
    assert 'no such' in caplog.text


def test_starts_again_after_a_stop(stand: Stand) -> None:
    stand.listen()
    stand.carrier.start()  # it runs already
    for expected in ('1', '2'):
        stand.carrier.answer(answer(frame()))
        assert stand.next().detections.detections[0].id == expected
        stand.carrier.stop()
        stand.carrier.stop()
        assert not any(one.name == 'carrier' for one in threading.enumerate())
        stand.carrier.start()


def test_two_threads_may_stop_it_at_once(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    clear = stand.carrier.clear

    def clear_while_another_one_stops() -> None:
        monkeypatch.setattr(stand.carrier, 'clear', clear)
        other = threading.Thread(target=stand.carrier.stop)
        other.start()
        other.join()
        clear()

    monkeypatch.setattr(stand.carrier, 'clear', clear_while_another_one_stops)
    stand.carrier.stop()
    assert not any(one.name == 'carrier' for one in threading.enumerate())
