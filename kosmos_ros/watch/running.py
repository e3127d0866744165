# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Runs the page's server and, in a thread of its own, ROS, until it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import errno
import socket
import threading
from typing import Any

from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.ending import end_by
from kosmos_ros.ros.executor.lasting_executor import LastingExecutor
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.node import WatchNode
from kosmos_ros.watch.origins import Doorkeeper, TOKEN
from kosmos_ros.watch.server import Server
from kosmos_ros.watch.tokens import Tokens

_GOODBYE_SECONDS = 0.5
_SPIN_SECONDS = 0.1


@dataclass(frozen=True)
class WatchOptions:
    """
    What to show, and where to serve it.

    ``port`` 0 takes any free one; ``image_topics`` by camera, instead of those in the node's
    diagnostics. Without ``tokens`` everybody may look and ask who reaches the port.
    """

    host: str
    port: int
    namespace: str
    image_topics: Mapping[str, str] = field(default_factory=dict)
    tokens: Tokens | None = None


class RosThread:
    """
    Spins a ``WatchNode`` until it is stopped; to be made and used in the event loop.

    :param hub: gets what arrives, and asks.
    """

    def __init__(self, namespace: str, image_topics: Mapping[str, str], hub: Hub) -> None:
        self._loop = asyncio.get_running_loop()
        self._node = WatchNode(namespace, image_topics, hub, self._post)
        self._stopping = threading.Event()
        self._executor = LastingExecutor(self._node.failures, self._node.context)
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name='ros', daemon=True)
        self._cameras: tuple[str, ...] = ()
        self._is_to_look = False
        self._thread.start()
        hub.connect(self)

    def look(self, cameras: tuple[str, ...]) -> None:
        """See ``WatchNode``; of what it has no time for, the newest counts."""
        self._cameras = cameras
        if not self._is_to_look:
            self._is_to_look = True
            self._run(self._look)

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        """See ``WatchNode``; the response comes back in the event loop."""
        self._run(self._node.ask, request, lambda response: self._post(on_response, response))

    def stop(self, timeout: float) -> None:
        """
        End the thread and leave ROS.

        :param timeout: seconds for a callback to finish.
        """
        self._stopping.set()
        self._thread.join(timeout)
        if not self._thread.is_alive():
            self._executor.shutdown(timeout_sec=0.0)
            self._node.destroy_node()

    def _look(self) -> None:
        self._is_to_look = False
        self._node.look(self._cameras)

    def _run(self, function: Callable[..., None], *args: Any) -> None:
        self._executor.create_task(self._node.failures.guard(function), *args)

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop was closed: the program ends
            self._loop.call_soon_threadsafe(function, *args)

    def _spin(self) -> None:
        spin_once = self._node.failures.guard(self._executor.spin_once)
        while not self._stopping.is_set():
            spin_once(_SPIN_SECONDS)


def watch(options: WatchOptions, on_addresses: Callable[..., None]) -> None:
    """
    Serve the page until SIGINT or SIGTERM.

    :param on_addresses: called as soon as the page can be opened, with its address, or with
        that to look and that to ask.
    :raises OSError: if the port is in use or the address is none of this machine's.
    """
    # rclpy's own handlers would close the context while it is used.
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        asyncio.run(_serve(options, on_addresses))
    finally:
        rclpy.try_shutdown()


async def _serve(options: WatchOptions, on_addresses: Callable[..., None]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    end_by(lambda _: loop.call_soon_threadsafe(stop.set), status=0)
    hub = Hub(f'{options.namespace.rstrip("/")}/grounding')
    server = Server(hub, Doorkeeper(options.host, options.tokens))
    port = await _listen(server, options)
    thread = RosThread(options.namespace, options.image_topics, hub)
    try:
        on_addresses(*_addresses(options, port))
        await stop.wait()
    finally:
        await server.stop(_GOODBYE_SECONDS)
        thread.stop(_GOODBYE_SECONDS)


async def _listen(server: Server, options: WatchOptions) -> int:
    try:
        return await server.start(options.host, options.port)
    except OSError as error:
        where = f'port {options.port} of {options.host}'
        if error.errno == errno.EADDRINUSE:
            raise OSError(f'{where} is in use; choose another one with --port') from error
        raise OSError(f'cannot listen on {where}: {error.strerror or error}') from error


def _addresses(options: WatchOptions, port: int) -> list[str]:
    """Return where the page is to be looked at, and where to ask; one address if that is one."""
    host = options.host
    if host in ('', '0.0.0.0', '::'):  # noqa: S104  everywhere
        host = _own_address()
    base = f'http://[{host}]:{port}/' if ':' in host else f'http://{host}:{port}/'
    if options.tokens is None:
        return [base]
    return [f'{base}?{TOKEN}={token}' for token in options.tokens]


def _own_address() -> str:
    """Return the address that others most likely reach this machine by."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(('192.0.2.1', 9))  # chooses the way; sends nothing
        except OSError:
            return '127.0.0.1'
        return str(probe.getsockname()[0])
