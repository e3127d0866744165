# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Connections and log lines, which nobody can have without limit."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

MAX_CONNECTIONS = 128
"""Far below the 1024 files that a process may usually open."""

REQUEST_SECONDS = 10.0
"""A connection without a complete request for so long is closed, however it trickles."""

_UNREAD_MS = 30_000
"""Who takes nothing of what is sent for so long is gone."""

LOG_SECONDS = 10.0
"""Between two lines about the same."""

logger = logging.getLogger(__name__)


class _OncePerWhile(logging.Filter):
    """Lets a message of each kind through now and then, and no traceback of a bad request."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to log it."""
        now = time.monotonic()
        if now < self._latest.get(record.msg, -LOG_SECONDS) + LOG_SECONDS:
            return False
        self._latest[record.msg] = now
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.exc_info = None
        return True


logger.addFilter(_OncePerWhile())


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101  TCP's is
        transport.write(b'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
        transport.close()


class Entrance:
    """
    Listens for as many connections as there may be.

    :param app: answers their requests.
    """

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,  # addresses may hold tokens
            logger=logger,
            keepalive_timeout=REQUEST_SECONDS,
            lingering_time=0.0,  # no request has a body that would be read
        )
        self._listening: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """
        Listen.

        :param port: 0: any free one.
        :returns: the port.
        :raises OSError: if it is in use, or the address is none of this machine's.
        """
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_report)
        await self._runner.setup()
        self._listening = await loop.create_server(self._accept, host, port)
        for listening in self._listening.sockets:  # and all connections that are made to them
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MS)
        return int(self._listening.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and end all connections."""
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()

    def _accept(self) -> asyncio.BaseProtocol:
        server = self._runner.server
        if server is None or len(server.connections) >= MAX_CONNECTIONS:
            logger.warning('there are %d connections; more are refused', MAX_CONNECTIONS)
            return _Refusal()
        return server()


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log in a line what is due to the network, or to a lack of file descriptors."""
    error = context.get('exception')
    if isinstance(error, OSError):
        logger.warning('%s: %s', context['message'], error)
    else:
        loop.default_exception_handler(context)
