# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Composes the page's server and runs it until it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import errno
import socket

import rclpy
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.ending import end_by
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.origins import Doorkeeper, TOKEN
from kosmos_ros.watch.ros_thread import RosThread
from kosmos_ros.watch.server import Server
from kosmos_ros.watch.tokens import Tokens

_GOODBYE_SECONDS = 0.5


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
