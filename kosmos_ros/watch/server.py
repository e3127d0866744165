# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The web server: three files, the pictures of answers, and a WebSocket for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
import logging
from pathlib import Path

from aiohttp import web, WSCloseCode, WSMsgType

from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.origins import Doorkeeper
from kosmos_ros.watch.protocol import MAX_MESSAGE_BYTES

MAX_PAGES = 32

_PAGE = Path(__file__).resolve().parent / 'page'
_FILES = {
    '/': ('index.html', 'text/html'),
    '/app.js': ('app.js', 'text/javascript'),
    '/drawing.js': ('drawing.js', 'text/javascript'),
    '/answers.js': ('answers.js', 'text/javascript'),
    '/style.css': ('style.css', 'text/css'),
    '/icon.svg': ('icon.svg', 'image/svg+xml'),
}
_HEARTBEAT_SECONDS = 20.0
_SECURITY = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
}

_logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """
    Answers HTTP requests until ``stop``.

    :param doorkeeper: checks every request first.
    """

    def __init__(self, hub: Hub, doorkeeper: Doorkeeper) -> None:
        self._hub = hub
        self._doorkeeper = doorkeeper
        self._sockets: set[web.WebSocketResponse] = set()
        self._files = {
            path: ((_PAGE / name).read_text(encoding='utf-8'), kind)
            for path, (name, kind) in _FILES.items()
        }
        app = web.Application(middlewares=[self._guarded], client_max_size=MAX_MESSAGE_BYTES)
        app.router.add_get('/ws', self._talk)
        app.router.add_get(r'/picture/{number:\d{1,9}}', self._picture)
        for path in _FILES:
            app.router.add_get(path, self._file)
        self._runner = web.AppRunner(app, handle_signals=False, access_log=None)

    async def start(self, host: str, port: int) -> int:
        """
        Listen.

        :param port: 0: any free one.
        :returns: the port.
        :raises OSError: if it is in use, or the address is none of this machine's.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self, timeout: float) -> None:
        """
        Close all pages and stop listening.

        :param timeout: seconds, for each of the two.
        """
        goodbyes = [
            one.close(code=WSCloseCode.GOING_AWAY, message=b'kosmos-ros watch was ended')
            for one in self._sockets
        ]
        for ending in (asyncio.gather(*goodbyes, return_exceptions=True), self._runner.cleanup()):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ending, timeout)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        objection = self._doorkeeper.objection(request.headers)
        if objection:
            _logger.warning('refused a request from %s: %s', request.remote, objection)
            return web.Response(status=403, text=f'{objection}\n', headers=_SECURITY)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_SECURITY)
        return response

    async def _file(self, request: web.Request) -> web.Response:
        text, kind = self._files[request.path]
        return web.Response(text=text, content_type=kind)

    async def _picture(self, request: web.Request) -> web.Response:
        entry = self._hub.history.get(int(request.match_info['number']))
        if entry is None or entry.picture is None:
            return web.Response(status=404, text='This picture is not kept (any more).\n')
        return web.Response(body=entry.picture.jpeg, content_type='image/jpeg')

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        if len(self._sockets) >= MAX_PAGES:
            return web.Response(status=503, text=f'{MAX_PAGES} pages are connected already.\n')
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_SECONDS, max_msg_size=MAX_MESSAGE_BYTES, compress=False
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        client = Client(give_up=lambda: _abort(request))
        self._hub.join(client)
        pump = asyncio.ensure_future(client.pump(socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hub.receive(client, message.data)
                elif message.type is WSMsgType.BINARY:
                    client.tell('refused', ask=None, message='expected text, got a binary message')
        finally:
            self._hub.leave(client)
            self._sockets.discard(socket)
            pump.cancel()
            # The connection broke while something was sent.
            with suppress(asyncio.CancelledError, ConnectionError, RuntimeError):
                await pump
        return socket


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
