# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Composes the page's server and runs it until it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import errno
import signal
from typing import Any

from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground
import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.node import WatchNode
from kosmos_ros.watch.origins import Doorkeeper
from kosmos_ros.watch.pictures import JpegPicture
from kosmos_ros.watch.ros_thread import RosThread
from kosmos_ros.watch.server import Server
from kosmos_ros.watch.states import NodeState

_GOODBYE_SECONDS = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class WatchOptions:
    """
    What to show, and where to serve it.

    ``port`` 0 takes any free one; ``image_topics`` by camera, instead of those in the node's
    diagnostics.
    """

    host: str
    port: int
    namespace: str
    image_topics: Mapping[str, str] = field(default_factory=dict)


class Inbox:
    """Passes events of the ROS thread to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hub: Hub) -> None:
        self._loop = loop
        self._hub = hub

    def on_picture(self, picture: JpegPicture) -> None:
        """See ``Hub``."""
        self._post(self._hub.on_picture, picture)

    def on_answer(self, message: Grounding) -> None:
        """See ``Hub``."""
        self._post(self._hub.on_answer, message)

    def on_tracks(self, message: Grounding) -> None:
        """See ``Hub``."""
        self._post(self._hub.on_tracks, message)

    def on_state(self, state: NodeState, cameras: Mapping[str, str]) -> None:
        """See ``Hub``."""
        self._post(self._hub.on_state, state, cameras)

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with suppress(RuntimeError):  # the loop was closed: the program ends
            self._loop.call_soon_threadsafe(function, *args)


class RobotLine:
    """Passes requests of the event loop to the ROS thread."""

    def __init__(
        self, node: WatchNode, thread: RosThread, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._node = node
        self._thread = thread
        self._loop = loop

    def look(self, cameras: tuple[str, ...]) -> None:
        """See ``WatchNode``."""
        self._thread.run(self._node.look, cameras)

    def ask(self, request: Ground.Request, on_response: Callable[[Ground.Response], None]) -> None:
        """See ``WatchNode``; the response comes back in the event loop."""

        def bring(response: Ground.Response) -> None:
            with suppress(RuntimeError):  # the loop was closed: the program ends
                self._loop.call_soon_threadsafe(on_response, response)

        self._thread.run(self._node.ask, request, bring)


def watch(options: WatchOptions, on_address: Callable[[str], None]) -> None:
    """
    Serve the page until SIGINT or SIGTERM.

    :param on_address: called with the page's address as soon as it can be opened.
    :raises OSError: if the port is in use or the address is none of this machine's.
    """
    # rclpy's own handlers would close the context while it is used.
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    try:
        asyncio.run(_serve(options, on_address))
    finally:
        rclpy.try_shutdown()


async def _serve(options: WatchOptions, on_address: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    hub = Hub(f'{options.namespace.rstrip("/")}/grounding')
    server = Server(hub, Doorkeeper(options.host))
    port = await _listen(server, options)
    node = WatchNode(options.namespace, options.image_topics, Inbox(loop, hub))
    thread = RosThread(node)
    hub.connect(RobotLine(node, thread, loop))
    try:
        on_address(_address(options.host, port))
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


def _address(host: str, port: int) -> str:
    if host in ('0.0.0.0', '::'):  # noqa: S104  everywhere, so here too
        host = '127.0.0.1'
    return f'http://[{host}]:{port}/' if ':' in host else f'http://{host}:{port}/'
