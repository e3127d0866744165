# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Carried boxes and 3D positions in the browser; the test itself plays camera and node.

Spans ``watch``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
import json
import threading
import time
from typing import Any

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from kosmos_ros_msgs.msg import GroundedPhrase, Grounding
from kosmos_ros_msgs.srv import Ground
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    Detection3D,
    Detection3DArray,
    ObjectHypothesisWithPose,
)

WIDTH, HEIGHT = 64, 48
LABEL = '<i>mug</i>'
PATIENCE = 60.0


class PlayedNode:
    """Publishes an image ten times a second, and boxes carried to each from half a second ago."""

    def __init__(self, domain: int) -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        node = self._node = Node('grounding', context=self._context)
        self._image = node.create_publisher(Image, '/image', 1)
        self._tracks = node.create_publisher(Grounding, '~/tracks', 1)
        self.answers = node.create_publisher(Grounding, '~/groundings', 10)
        self._diagnostics = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        node.create_service(Ground, '~/ground', lambda _, response: response)
        node.create_timer(0.1, self._play)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(node)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()

    def close(self) -> None:
        """Leave the network."""
        self._stop.set()
        self._thread.join()
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _spin(self) -> None:
        while not self._stop.is_set():
            self._executor.spin_once(0.1)

    def _play(self) -> None:
        now = self._node.get_clock().now().nanoseconds
        image = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding='rgb8')
        image.header.stamp = stamp_of(now)
        image.data = array('B', bytes([128]) * (3 * WIDTH * HEIGHT))
        self._image.publish(image)
        carried = answer(now)
        carried.carried, carried.answered_stamp = True, stamp_of(now - 500_000_000)
        self._tracks.publish(carried)
        camera = DiagnosticStatus(
            name='grounding: camera front',
            level=DiagnosticStatus.OK,
            values=[KeyValue(key='topic', value='/image')],
        )
        self._diagnostics.publish(DiagnosticArray(status=[camera]))


def stamp_of(nanoseconds: int) -> Time:
    """Make a stamp."""
    return Time(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def answer(stamp: int) -> Grounding:
    """Make an answer with one box, and where that is in space."""
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id, result.hypothesis.score = LABEL, 0.5
    box = Detection2D(results=[result], id='0')
    box.bbox.center.position.x, box.bbox.center.position.y = 24.0, 24.0
    box.bbox.size_x = box.bbox.size_y = 16.0
    place = Detection3D(id='0')
    place.bbox.center.position.x, place.bbox.center.position.z = -0.125, 0.75
    place.bbox.size.x = 0.08
    return Grounding(
        header=Header(stamp=stamp_of(stamp)),
        camera='front',
        task=Grounding.TASK_INSTRUCT,
        status=Grounding.STATUS_FOUND,
        query=f'take {LABEL}',
        text=f'take {LABEL}',
        phrases=[
            GroundedPhrase(
                text=LABEL, start=5, end=15, detections=[0], role=GroundedPhrase.ROLE_TARGET
            )
        ],
        detections=Detection2DArray(detections=[box]),
        detections_3d=Detection3DArray(header=Header(frame_id='world'), detections=[place]),
        status_3d=Grounding.STATUS_3D_FOUND,
    )


@pytest.fixture
def played(ros_domain: int) -> Iterator[PlayedNode]:
    """Play camera and node in the test's domain."""
    node = PlayedNode(ros_domain)
    yield node
    node.close()


def test_carried_boxes_and_positions(
    browser: Any, played: PlayedNode, start_watch: Callable[..., tuple[Any, str]]
) -> None:
    def text(selector: str) -> str:
        script = 'return document.querySelector(arguments[0])?.innerText ?? ""'
        return str(browser.execute_script(script, selector))

    def canvas() -> dict[str, str]:
        script = "return {...document.querySelector('#stage canvas')?.dataset}"
        return dict(browser.execute_script(script))

    def wait(condition: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f'{what} did not come: {text("body")}'
            time.sleep(0.05)

    browser.get(start_watch()[1])
    wait(lambda: 'carried' in canvas().get('boxes', ''), 'carried boxes')
    shown = canvas()
    assert shown['view'] == 'live'
    assert json.loads(shown['boxes']) == [
        {'label': LABEL, 'kind': 'carried', 'x0': 16, 'y0': 16, 'x1': 32, 'y1': 32}
    ]
    # Every frame has its own boxes, and says from when they are.
    wait(lambda: canvas()['stamp'] != shown['stamp'], 'the next frame')
    assert 'carried' in canvas()['boxes']
    assert 'boxes carried for 500 ms since the answer' in text('#stage')

    played.answers.publish(answer(int(canvas()['stamp'])))
    wait(lambda: 'TARGET' in text('#answer'), 'the answer')
    for part in (LABEL, 'x -0.125', 'z 0.750 m', 'size 8.0', 'cm', 'frame world'):
        assert part in text('#answer')
    assert not browser.find_elements('css selector', '#answer i')
    browser.find_element('id', 'view-answer').click()
    wait(lambda: canvas().get('view') == 'answer', 'the image of the answer')
    assert [box['kind'] for box in json.loads(canvas()['boxes'])] == ['answer']
    assert browser.get_log('browser') == []
