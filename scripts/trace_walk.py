# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Through which files a call walks: a LOCATE call to the real node, with a scripted model.

    python -m scripts.trace_walk
    python -m scripts.trace_walk --query 'put the mug on the plate' --list

The node runs in this process, looks through a camera and answers ``~/ground`` over DDS. A crossing
is a call, or a property that is read, from one file of the package to another; calls by code of
others, such as the executor's, count for whoever called that. What timers do meanwhile is no part
of the walk: of some calls, each about a new image, the shortest walk counts.
"""

from __future__ import annotations

from argparse import ArgumentParser
from array import array
from collections import Counter
from collections.abc import Callable
from pathlib import Path
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any

from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image

import kosmos_ros
from kosmos_ros.bench.measure.instant_node import instant_backend
from kosmos_ros.nodes.grounding_node import GroundingNode

PACKAGE = str(Path(kosmos_ros.__file__).parent)
CALLS = 5

_PATIENCE = 60.0


class Walk:
    """The crossings of one call, in order, each as (from, to, function)."""

    def __init__(self) -> None:
        self.is_on = False
        self.steps: list[tuple[str, str, str]] = []

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        """Note a call, if it leads into another file of the package."""
        if not self.is_on or event != 'call' or not _is_ours(frame.f_code):
            return
        here, came_from = _file(frame.f_code), _caller(frame)
        if came_from != here:
            self.steps.append((came_from, here, frame.f_code.co_name))

    def files(self) -> Counter[str]:
        """Return how often each file was entered."""
        return Counter(step[1] for step in self.steps)


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(PACKAGE)


def _file(code: CodeType) -> str:
    return code.co_filename[len(PACKAGE) + 1 :]


def _caller(frame: FrameType) -> str:
    """Return the file of the nearest caller in the package; code of others is passed over."""
    caller = frame.f_back
    while caller is not None and not _is_ours(caller.f_code):
        caller = caller.f_back
    return '' if caller is None else _file(caller.f_code)


class Stage:
    """The node, a camera and a caller."""

    def __init__(self) -> None:
        self._node = GroundingNode(instant_backend)
        self._visitor = Node('visitor')
        self._executor = SingleThreadedExecutor()
        for node in (self._node, self._visitor):
            self._executor.add_node(node)
        self._camera = self._visitor.create_publisher(Image, 'image', 1)
        self._client = self._visitor.create_client(Ground, '/grounding/ground')
        self._node.start_up()
        self.until(self._client.service_is_ready)

    def close(self) -> None:
        """End the nodes."""
        self._node.destroy_node()
        self._visitor.destroy_node()

    def until(self, is_true: Callable[[], bool]) -> None:
        """Let the nodes work until something is so."""
        deadline = time.monotonic() + _PATIENCE
        while not is_true():
            if time.monotonic() > deadline:
                raise TimeoutError(f'not within {_PATIENCE:g} s')
            self._executor.spin_once(0.05)

    def show(self) -> None:
        """Show a new image."""
        image = Image(width=64, height=48, step=192, encoding='rgb8', data=array('B', bytes(9216)))
        image.header.stamp = self._visitor.get_clock().now().to_msg()
        image.header.frame_id = 'camera'
        self._camera.publish(image)
        self.rest()

    def rest(self) -> None:
        """Let the nodes finish what they are at; the model's thread publishes after it answers."""
        over = time.monotonic() + 0.2
        self.until(lambda: time.monotonic() > over)

    def ask(self, query: str) -> Ground.Response:
        """Call ``~/ground``."""
        outcome = self._client.call_async(Ground.Request(query=query))
        self.until(outcome.done)
        return outcome.result()


def trace(query: str) -> Walk:
    """Return the shortest of some walks of a call."""
    walk = Walk()
    # Before the model's thread starts.
    threading.setprofile(walk.profile)
    rclpy.init(args=['--ros-args', '--log-level', 'error'])
    stage = Stage()
    while not stage.ask(query).success:
        stage.show()
    walks = []
    sys.setprofile(walk.profile)
    for _ in range(CALLS):
        stage.show()
        walk.steps, walk.is_on = [], True
        stage.ask(query)
        stage.rest()
        walk.is_on = False
        walks.append(walk.steps)
    sys.setprofile(None)
    walk.steps = min(walks, key=len)
    stage.close()
    rclpy.shutdown()
    return walk


def main() -> None:
    """Print files and crossings."""
    parser = ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('--query', default='the red cube')
    parser.add_argument('--list', action='store_true', help='print each crossing')
    arguments = parser.parse_args()
    walk = trace(arguments.query)
    if arguments.list:
        for came_from, to, function in walk.steps:
            print(f'{came_from or "(outside)"} -> {to}: {function}')
    folders = Counter(name.split('/')[0] for name in walk.files())
    parts = ', '.join(f'{count} {folder}' for folder, count in sorted(folders.items()))
    print(f'{len(walk.files())} files ({parts}), {len(walk.steps)} crossings between files')


if __name__ == '__main__':
    main()
