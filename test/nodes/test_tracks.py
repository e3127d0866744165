# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Boxes that keep up with a thing that moves, over DDS, while answers come late.

Spans ``nodes.grounding_node`` and ``ros.tracks``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
import math
from pathlib import Path
import time
from typing import Any

from builtin_interfaces.msg import Time
import cv2
from kosmos_ros_msgs.msg import Grounding
import numpy as np
import pytest
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, SIDE = 320, 240, 48


def textured(seed: int, height: int, width: int) -> np.ndarray:
    rough = np.random.default_rng(seed).integers(0, 255, (height // 6, width // 6), np.uint8)
    return cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)


class Stage:
    """A thing that circles before a wall, filmed 12 times a second, and what is said of it."""

    def __init__(self, robot: Any) -> None:
        self._wall, self._thing = textured(1, HEIGHT, WIDTH), textured(2, SIDE, SIDE)
        self._robot = robot
        self.places: dict[int, tuple[int, int]] = {}
        """Left and upper edge of the thing by stamp."""
        self.tracks: list[Grounding] = []
        self.answers: list[Grounding] = []
        self._publisher = robot.node.create_publisher(Image, 'image', QoSProfile(depth=1))
        robot.node.create_timer(0.08, self._film)
        self._listen('groundings', self.answers)

    def listen_to_tracks(self) -> None:
        self._listen('tracks', self.tracks)

    def wait_for_tracks(self, count: int) -> None:
        self._robot.wait_until(lambda: len(self.tracks) >= count)

    def was_carried(self, stamp: Time) -> bool:
        """Tell whether an answer comes with five images; a busy machine may lose sight of it."""
        deadline = time.monotonic() + 10.0
        while time.monotonic() < deadline:
            self._robot.spin_for(0.2)
            if sum(one.answered_stamp == stamp for one in self.tracks) >= 5:
                return True
        return False

    def errors(self, message: Grounding) -> list[float]:
        """Return how far each box is from the thing in the image that it is about, in pixels."""
        place = self.places[nanoseconds(message.header.stamp)]
        return [
            math.hypot(
                one.bbox.center.position.x - SIDE / 2 - place[0],
                one.bbox.center.position.y - SIDE / 2 - place[1],
            )
            for one in message.detections.detections
        ]

    def _listen(self, topic: str, messages: list[Grounding]) -> None:
        self._robot.node.create_subscription(
            Grounding, f'/grounding/{topic}', messages.append, 100
        )

    def _film(self) -> None:
        angle = len(self.places) / 24
        x, y = 136 + round(40 * math.cos(angle)) * 2, 96 + round(30 * math.sin(angle)) * 2
        grey = self._wall.copy()
        grey[y : y + SIDE, x : x + SIDE] = self._thing
        pixels = np.repeat(grey[..., None], 3, axis=2)
        pixels[0, 0] = (x // 2, y // 2, 0)
        image = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding='rgb8')
        image.header.frame_id = 'robot_camera'
        image.header.stamp = self._robot.node.get_clock().now().to_msg()
        image.data = array('B', pixels.tobytes())
        self.places[nanoseconds(image.header.stamp)] = (x, y)
        self._publisher.publish(image)


def nanoseconds(stamp: Time) -> int:
    return stamp.sec * 10**9 + stamp.nanosec


@pytest.fixture
def stage(robot: Any) -> Stage:
    """Film a thing."""
    return Stage(robot)


@pytest.fixture
def start(start_process: Callable[..., Any]) -> Callable[..., Any]:
    """Start the node with a standing query for the thing."""

    def start(**parameters: object) -> Any:
        parameters = {'standing_enabled': True, 'standing_query': 'the thing', **parameters}
        arguments = [
            word for item in parameters.items() for word in ('-p', '{}:={}'.format(*item))
        ]
        return start_process(HERE / 'following_node.py', '--ros-args', *arguments)

    return start


def test_boxes_keep_up_while_answers_come_late(stage: Stage, start: Any) -> None:
    start()
    stage.listen_to_tracks()

    stage.wait_for_tracks(40)

    carried = [message for message in stage.tracks if message.detections.detections]
    errors = [error for message in carried for error in stage.errors(message)]
    assert np.median(errors) < 3.0
    assert np.percentile(errors, 90) < 6.0
    # What the answers themselves say of these images is far off by then.
    late = []
    stamps = {nanoseconds(answer.header.stamp): answer for answer in stage.answers}
    for message in carried:
        answer = stamps[nanoseconds(message.answered_stamp)]
        place = stage.places[nanoseconds(message.header.stamp)]
        center = answer.detections.detections[0].bbox.center.position
        late.append(math.hypot(center.x - SIDE / 2 - place[0], center.y - SIDE / 2 - place[1]))
    assert np.median(late) > 15.0
    # One thing, one id, over several answers; those have ids of their own.
    assert {one.id for message in carried for one in message.detections.detections} == {'1'}
    assert len({nanoseconds(message.answered_stamp) for message in carried}) >= 3


def test_a_carried_answer_says_what_it_is(stage: Stage, start: Any) -> None:
    start()
    stage.listen_to_tracks()

    stage.wait_for_tracks(10)

    stamps = {nanoseconds(answer.header.stamp): answer for answer in stage.answers}
    seen = [nanoseconds(message.header.stamp) for message in stage.tracks]
    assert seen == sorted(set(seen))
    for message in stage.tracks:
        answer = stamps[nanoseconds(message.answered_stamp)]
        assert message.carried
        assert not answer.carried
        assert answer.answered_stamp == answer.header.stamp
        assert nanoseconds(message.answered_stamp) < nanoseconds(message.header.stamp)
        assert nanoseconds(message.header.stamp) in stage.places
        assert (message.id, message.camera, message.query) == ('standing', 'camera', 'the thing')
        assert message.inference_time == answer.inference_time
        assert message.detections.header == message.header
        for one in message.detections.detections:
            assert one.header == message.header
            score = answer.detections.detections[0].results[0].hypothesis.score
            assert one.results[0].hypothesis.score == score
        (phrase,) = message.phrases
        assert list(phrase.detections) == list(range(len(message.detections.detections)))
        assert message.status_3d == Grounding.STATUS_3D_NOT_CONFIGURED


def test_boxes_are_not_carried_when_switched_off(stage: Stage, start: Any, robot: Any) -> None:
    start(carry_boxes=False)
    stage.listen_to_tracks()

    robot.wait_until(lambda: len(stage.answers) >= 3)

    assert stage.tracks == []


def test_the_answer_to_a_caller_is_carried_too(stage: Stage, start: Any, robot: Any) -> None:
    start(standing_enabled=False)
    stage.listen_to_tracks()

    asked = (robot.ask_until(Grounding.STATUS_FOUND, 'a thing', id='pick 7') for _ in range(10))
    response = next(one for one in asked if stage.was_carried(one.grounding.header.stamp))

    stamp = response.grounding.header.stamp
    stage.tracks[:] = [one for one in stage.tracks if one.answered_stamp == stamp]
    for message in stage.tracks:
        assert (message.id, message.query) == ('pick 7', 'a thing')
        assert message.answered_stamp == stamp
    assert np.median([stage.errors(message)[0] for message in stage.tracks]) < 6.0


def test_a_node_at_rest_carries_nothing_and_forgets(stage: Stage, start: Any, robot: Any) -> None:
    start()
    stage.listen_to_tracks()
    stage.wait_for_tracks(3)

    assert robot.transition('deactivate')
    robot.spin_for(0.3)
    stage.tracks.clear()
    robot.spin_for(0.5)
    assert stage.tracks == []

    rested = max(stage.places)
    assert robot.transition('activate')
    stage.wait_for_tracks(3)
    assert all(nanoseconds(message.answered_stamp) >= rested for message in stage.tracks)
