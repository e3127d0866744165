# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The demo's processes, a client that talks to them, and a line that shows what is awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
import os
from pathlib import Path
import shutil
import signal
import sys
from types import MappingProxyType
from typing import TextIO

import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.bringup import BringupOptions, NodeProcess, ParameterValue, processes
from kosmos_ros.demo.client import DemoClient, Patience, Waiting
from kosmos_ros.demo.domain import free_domain_id
from kosmos_ros.demo.processes import package_environment, ProcessGroup, start_node
from kosmos_ros.demo.shared_memory import sweep

START_TIMEOUT = 300.0
"""Seconds; a busy machine with a cold disk is slow, and the user sees why."""

_SILENT_SECONDS = 2.0
"""Waiting that goes without saying."""


class ProgressLine:
    """
    Rewrites its line if ``live``; else prints one when there is something new.

    :param live: whether the stream is a terminal that nothing else writes to.
    """

    def __init__(self, stream: TextIO, *, live: bool) -> None:
        self._stream = stream
        self._live = live
        self._shown = ''

    def update(self, text: str, seconds: float) -> None:
        """Say what is being waited for, and for how many seconds already."""
        if self._live:
            self.hint(f'{text} ({seconds:.0f} s)')
        elif text != self._shown:
            self._write(f'{text}\n')
            self._shown = text

    def hint(self, text: str) -> None:
        """Show a hint that is not worth its own line."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write(f'\r\x1b[K{text[:width]}')
            self._shown = text

    def done(self, text: str) -> None:
        """Replace the line by the outcome."""
        self._write(f'\r\x1b[K{text}\n' if self._live else f'{text}\n')
        self._shown = ''

    def clear(self) -> None:
        """Clear the line, for something else to be printed."""
        if self._live and self._shown:
            self._write('\r\x1b[K')
        self._shown = ''

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


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
def running_system(
    output: Path,
    seed: int,
    parameters: Mapping[str, ParameterValue] = MappingProxyType({}),
    *,
    shared: bool = False,
) -> Iterator[RunningSystem]:
    """
    Run a simulated camera and a grounding node, ready to answer, until the block ends.

    :param output: folder for logs.
    :param seed: of the first scene.
    :param parameters: of the grounding node.
    :param shared: join the user's ROS domain, and show what the processes print; otherwise the
        system has a domain of its own on this machine.
    :raises ProcessDiedError: as soon as one of the processes ends.
    :raises NoResponseError: if one is not ready in time.
    """
    if swept := sweep():
        print(swept, flush=True)
    if not shared:
        os.environ['ROS_DOMAIN_ID'] = str(free_domain_id())
        os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    bringup = BringupOptions('sim', parameters=parameters, camera_parameters={'seed': seed})
    camera, grounding = processes(bringup, os.environ)
    os.environ.update(camera.environment)  # for the client, which also receives images
    progress = ProgressLine(sys.stdout, live=sys.stdout.isatty() and not shared)

    with ProcessGroup() as group:
        for process in (camera, grounding):
            log_file = output / 'logs' / f'{process.name}.log'
            listener = partial(print, f'[{process.name}]', flush=True) if shared else None
            group.add(start_node(process, log_file, package_environment(), listener))

        def waiting(patience: Patience) -> None:
            group.check()
            if patience.elapsed > _SILENT_SECONDS:
                progress.update(f'waiting for {patience.what}', patience.elapsed)

        try:
            with _client(camera, grounding, waiting) as client:
                try:
                    _wait_until_ready(client, progress)
                    yield RunningSystem(client, group.check, progress)
                finally:
                    progress.hint('stopping both processes')
                    group.tell(signal.SIGINT)  # they end while the client does
        finally:
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
