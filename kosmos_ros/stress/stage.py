# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The processes of a load or soak, in a ROS domain of their own: start, kill, start again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
import os
from pathlib import Path
import sys

import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.bench.measure.picture import save_picture
from kosmos_ros.bringup import (
    BringupOptions,
    grounding_node,
    middleware_environment,
    ParameterValue,
)
from kosmos_ros.config_files import PACKAGE
from kosmos_ros.demo.domain import free_domain_id
from kosmos_ros.demo.processes import (
    ChildProcess,
    LineListener,
    package_environment,
    ProcessGroup,
    start_node,
)
from kosmos_ros.demo.shared_memory import sweep
from kosmos_ros.stress.driver import Driver

NAMESPACE = '/stress'
NODE, ECHO = 'grounding', 'echo'
CAMERAS = ('front', 'rear')
TARGETS = {name: f'{NAMESPACE}/{name}' for name in (NODE, ECHO)}

_RATE_HZ = 30.0
_STANDING: Mapping[str, ParameterValue] = {
    'standing_enabled': True,
    'standing_task': 'locate',
    'standing_query': 'the pink bowl',
}


def image_topic(camera: str) -> str:
    """Return the topic of a camera's images."""
    return f'{NAMESPACE}/{camera}/image_raw'


class StressStage:
    """
    Running processes by name: the grounding node, two cameras, and what else is started.

    :param group: ends them.
    :param folder: for logs and files.
    """

    def __init__(self, group: ProcessGroup, folder: Path, say: Callable[[str], None]) -> None:
        self.children: dict[str, ChildProcess] = {}
        self.logs = folder / 'logs'
        self.logs.mkdir(parents=True, exist_ok=True)
        self._group = group
        self._picture = str(save_picture(folder / 'picture.png', say))
        self._started = 0

    def start_node(self) -> None:
        """Start the grounding node with the embedded model."""
        topics = {f'{name}.image_topic': image_topic(name) for name in CAMERAS}
        options = BringupOptions(
            namespace=NAMESPACE,
            parameters={'cameras': list(CAMERAS), **topics, **_STANDING},
            log_level='warn',
        )
        node = grounding_node(options, os.environ)
        self._add(NODE, start_node(node, self._log(NODE), package_environment()))

    def start(
        self, name: str, module: str, *arguments: str, listener: LineListener | None = None
    ) -> None:
        """Start a module of this package as the child of a name."""
        command = [sys.executable, '-m', f'{PACKAGE}.{module}', *arguments]
        environment, log = package_environment(), self._log(name)
        self._add(name, ChildProcess(name, command, environment, log, listener))

    def start_camera(self, name: str) -> None:
        """Start a camera of this name."""
        self.start(name, 'stress.camera', self._picture, image_topic(name), str(_RATE_HZ))

    def start_echo(self) -> None:
        """Start a node that answers calls at once."""
        self.start(ECHO, 'bench.measure.echo_node', '--ros-args', '-r', f'__ns:={NAMESPACE}')

    def kill(self, name: str) -> None:
        """Kill a process alone: what it has started has to end by itself."""
        self._group.drop(self.children.pop(name))

    def check(self) -> None:
        """
        Do nothing while all run.

        :raises ProcessDiedError: for the first that has ended.
        """
        for child in self.children.values():
            child.check()

    def _log(self, name: str) -> Path:
        self._started += 1
        return self.logs / f'{self._started:03}_{name}.log'

    def _add(self, name: str, child: ChildProcess) -> None:
        self.children[name] = child
        self._group.add(child)


@contextmanager
def running_stage(
    folder: Path, say: Callable[[str], None]
) -> Iterator[tuple[StressStage, Driver]]:
    """Run the grounding node and its cameras, and who watches over them, until the block ends."""
    if swept := sweep():
        say(swept)
    os.environ['ROS_DOMAIN_ID'] = str(free_domain_id())
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    os.environ.update(middleware_environment(os.environ))
    with ProcessGroup() as group:
        stage = StressStage(group, folder, say)
        for camera in CAMERAS:
            stage.start_camera(camera)
        stage.start_node()
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        driver = Driver(TARGETS[NODE], image_topic(CAMERAS[0]))
        try:
            yield stage, driver
        finally:
            driver.close()
            rclpy.try_shutdown()
