# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Through which files a call walks: calls to the real node, with a scripted model.

    python -m scripts.trace_walk
    python -m scripts.trace_walk 'the red cube' 'put the mug on the plate' --list

The node runs in this process, has a camera and answers ``~/ground`` over DDS. A crossing is a
call, or a property read, from one file of the package to another; calls by other code, such as the
executor's, count for its caller. To exclude what timers do meanwhile, the shortest walk of some
calls, each about a new image, counts.
"""

from __future__ import annotations

from argparse import ArgumentParser
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any, NamedTuple

from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image

import kosmos_ros
from kosmos_ros.backends.scripted import instant_backend
from kosmos_ros.nodes.grounding_node import GroundingNode

PACKAGE = str(Path(kosmos_ros.__file__).parent)
CALLS = 5

_PATIENCE = 60.0


class Step(NamedTuple):
    """A call of a function that is in another file."""

    came_from: str
    to: str
    function: str


class Tracer:
    """Notes crossings while it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.steps: list[Step] = []

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        """Note a call, if it leads into another file of the package."""
        if self.is_on and event == 'call' and _is_ours(frame.f_code):
            here, came_from = _file(frame.f_code), _caller(frame)
            if came_from != here:
                self.steps.append(Step(came_from, here, frame.f_code.co_name))


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(PACKAGE)


def _file(code: CodeType) -> str:
    return code.co_filename[len(PACKAGE) + 1 :]


def _caller(frame: FrameType) -> str:
    """Return the file of the nearest caller in the package, skipping other code."""
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
        """Spin the nodes until a condition holds."""
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
        """Let the nodes finish their work; the model's thread publishes after it answers."""
        over = time.monotonic() + 0.2
        self.until(lambda: time.monotonic() > over)

    def ask(self, query: str) -> Ground.Response:
        """Call ``~/ground``."""
        outcome = self._client.call_async(Ground.Request(query=query))
        self.until(outcome.done)
        return outcome.result()


def trace(queries: Sequence[str]) -> list[list[Step]]:
    """Return the shortest of some walks of each call."""
    tracer = Tracer()
    # Before the model's thread starts.
    threading.setprofile(tracer.profile)
    rclpy.init(args=['--ros-args', '--log-level', 'error'])
    stage = Stage()
    while not stage.ask('').success:
        stage.show()
    sys.setprofile(tracer.profile)
    walks = [min((_walk(tracer, stage, one) for _ in range(CALLS)), key=len) for one in queries]
    sys.setprofile(None)
    stage.close()
    rclpy.shutdown()
    return walks


def _walk(tracer: Tracer, stage: Stage, query: str) -> list[Step]:
    stage.show()
    tracer.steps, tracer.is_on = [], True
    stage.ask(query)
    stage.rest()
    tracer.is_on = False
    return tracer.steps


def main() -> None:
    """Print files and crossings."""
    parser = ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('query', nargs='*', default=['the red cube'])
    parser.add_argument('--list', action='store_true', help='print each crossing')
    arguments = parser.parse_args()
    for query, walk in zip(arguments.query, trace(arguments.query), strict=True):
        if arguments.list:
            for step in walk:
                print(f'{step.came_from or "(outside)"} -> {step.to}: {step.function}')
        files = {step.to for step in walk}
        folders = Counter(name.split('/')[0] for name in files)
        parts = ', '.join(f'{count} {folder}' for folder, count in sorted(folders.items()))
        print(f'{query!r}: {len(files)} files ({parts}), {len(walk)} crossings between files')


if __name__ == '__main__':
    main()
