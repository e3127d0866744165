# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Whatever a configured node makes is gone after cleanup, however often that is done.

Spans ``nodes.grounding_node`` and ``ros.pipeline``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from kosmos_ros_msgs.msg import Grounding
import pytest

from kosmos_ros.ros.endpoints.image_annotations import foxglove_messages

CYCLES = 20
MEGABYTE = 1e6

pytestmark = pytest.mark.skipif(
    not Path('/proc/self/status').exists(), reason='the threads of a process are counted in /proc'
)


class Leftovers(NamedTuple):
    """What a process holds."""

    threads: int
    files: int
    topics: list[str]


def threads(pid: int) -> int:
    status = Path(f'/proc/{pid}/status').read_text()
    return int(status.split('Threads:')[1].split()[0])


def resident(pid: int) -> float:
    """Return megabytes."""
    kilobytes = Path(f'/proc/{pid}/status').read_text().split('VmRSS:')[1].split()[0]
    return int(kilobytes) * 1024 / MEGABYTE


def test_what_is_configured_again_and_again_leaves_nothing(start_node, robot) -> None:
    cameras = ['camera', 'wrist']
    parameters = {
        'cameras': str(cameras),
        'camera.depth_topic': '/camera/depth/image_raw',
        'standing_enabled': True,
        'standing_query': 'the red cube',
        'autostart': False,
    }
    node = start_node('quick', **parameters)
    robot.film()
    robot.film('wrist/image_raw')
    tracks: list[Grounding] = []
    robot.node.create_subscription(Grounding, '/grounding/tracks', tracks.append, 10)
    annotations: list[object] = []
    if (messages := foxglove_messages()) is not None:
        robot.node.create_subscription(
            messages.ImageAnnotations, '/grounding/annotations', annotations.append, 10
        )

    images = {'/image', '/wrist/image_raw', '/camera/depth/image_raw'}

    def leftovers() -> Leftovers:
        files = len(list(Path(f'/proc/{node.pid}/fd').iterdir()))
        return Leftovers(threads(node.pid), files, robot.topics())

    def cycle() -> None:
        assert robot.transition('configure')
        assert robot.transition('activate')
        count = len(tracks)
        robot.wait_until(lambda: len(tracks) > count)
        robot.wait_until(lambda: set(robot.topics()) >= images)
        assert robot.transition('deactivate')
        assert robot.transition('cleanup')

    robot.wait_until(lambda: robot.status('model').message == 'unconfigured')
    robot.wait_for_no_more_topics()
    # What is made once for the process, such as caches and pools, comes with the first.
    for _ in range(3):
        cycle()
    robot.wait_for_no_more_topics()
    before, megabytes = leftovers(), resident(node.pid)
    for _ in range(CYCLES - 3):
        cycle()
    robot.wait_until(lambda: leftovers() == before)
    assert messages is None or annotations
    grown = resident(node.pid) - megabytes
    print(f'{before.threads} threads, {megabytes:.0f} MB, {grown:.1f} MB more in the end')
    assert grown < 0.5 * CYCLES
    assert 'Traceback' not in node.output
    assert node.interrupt() == 0
