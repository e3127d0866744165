# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo's processes and a client that talks to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
import os
from pathlib import Path
import sys

import rclpy
from rclpy.signals import SignalHandlerOptions

import kosmos_ros
from kosmos_ros.bringup import BringupOptions, NodeProcess, ParameterValue, processes
from kosmos_ros.demo.client import DemoClient, Patience, Waiting
from kosmos_ros.demo.domain import free_domain_id
from kosmos_ros.demo.processes import ChildProcess, LineListener, ProcessGroup
from kosmos_ros.demo.progress import ProgressLine
from kosmos_ros.demo.shared_memory import sweep

START_TIMEOUT = 300.0
"""Seconds; a busy machine with a cold disk is slow, and the user sees why."""


_SILENT_SECONDS = 2.0
"""Waiting that goes without saying."""


@dataclass(frozen=True)
class SystemOptions:
    """
    Options of the processes.

    ``output`` is the folder for logs, ``seed`` the first scene, ``parameters`` those of the
    grounding node. ``isolated`` gives the system a ROS domain of its own on this machine;
    otherwise it joins the user's. ``verbose`` shows what the processes print.
    """

    output: Path
    seed: int
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    isolated: bool = True
    verbose: bool = False


@dataclass(frozen=True)
class RunningSystem:
    """
    The result of ``running_system``.

    ``check`` raises ProcessDiedError if a process has ended; ``progress`` has to be cleared
    before anything else is printed.
    """

    client: DemoClient
    check: Callable[[], None]
    progress: ProgressLine


@contextmanager
def running_system(options: SystemOptions) -> Iterator[RunningSystem]:
    """
    Run a simulated camera and a grounding node, ready to answer, until the block ends.

    :raises ProcessDiedError: as soon as one of the processes ends.
    :raises NoResponseError: if one is not ready in time.
    """
    if swept := sweep():
        print(swept, flush=True)
    if options.isolated:
        os.environ['ROS_DOMAIN_ID'] = str(free_domain_id())
        os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    bringup = BringupOptions(
        camera='sim',
        parameters=options.parameters,
        camera_parameters={'seed': options.seed},
    )
    camera, grounding = processes(bringup, os.environ)
    os.environ.update(camera.environment)  # for the client, which also receives images
    progress = ProgressLine(sys.stdout, live=sys.stdout.isatty() and not options.verbose)

    with ProcessGroup() as group:
        for process in (camera, grounding):
            group.add(_start(process, options))

        def waiting(patience: Patience) -> None:
            group.check()
            if patience.elapsed > _SILENT_SECONDS:
                progress.update(f'waiting for {patience.what}', patience.elapsed)

        try:
            with _client(camera, grounding, waiting) as client:
                _wait_until_ready(client, progress)
                yield RunningSystem(client, group.check, progress)
        finally:
            progress.hint('stopping both processes')
            group.stop()
            progress.clear()


@contextmanager
def _client(camera: NodeProcess, grounding: NodeProcess, waiting: Waiting) -> Iterator[DemoClient]:
    # The demo's own signal handlers end the processes too; rclpy's would only end rclpy.
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    client = DemoClient(camera, grounding, waiting)
    try:
        yield client
    finally:
        client.close()
        rclpy.try_shutdown()


def _wait_until_ready(client: DemoClient, progress: ProgressLine) -> None:
    patience = Patience('the simulated camera to start', START_TIMEOUT)
    view = client.wait_for_view(0, patience)
    size = f'{view.truth.width}x{view.truth.height} pixels'
    progress.done(f'camera ready after {patience.elapsed:.1f} s: {size}')
    patience = replace(patience, what='the grounding node to load its model')
    model = client.wait_for_model(patience).model
    progress.done(f'grounding node ready after {patience.elapsed:.1f} s: model {model}')


def _start(process: NodeProcess, options: SystemOptions) -> ChildProcess:
    logs = options.output / 'logs'
    logs.mkdir(parents=True, exist_ok=True)
    overrides = logs / f'{process.name}.yaml'
    overrides.write_text(process.parameters_yaml() + '\n', encoding='utf-8')
    # The checkout need not be installed to be found by a child.
    package_root = str(Path(kosmos_ros.__file__).parents[1])
    paths = [package_root, *filter(None, [os.environ.get('PYTHONPATH')])]
    return ChildProcess(
        process.name,
        process.command(overrides),
        {**os.environ, **process.environment, 'PYTHONPATH': os.pathsep.join(paths)},
        logs / f'{process.name}.log',
        _shown_as(process.name) if options.verbose else None,
    )


def _shown_as(name: str) -> LineListener:
    def show(line: str) -> None:
        print(f'[{name}] {line}', flush=True)

    return show
