# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The web server: three files, the pictures of answers, and a WebSocket for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from aiohttp import web, WSCloseCode, WSMsgType

from kosmos_ros.watch.clients import Client
from kosmos_ros.watch.entrance import Entrance, logger
from kosmos_ros.watch.hub import Hub
from kosmos_ros.watch.origins import Doorkeeper, TOKEN
from kosmos_ros.watch.protocol import MAX_MESSAGE_BYTES
from kosmos_ros.watch.tokens import Right

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
_CLOSE_SECONDS = 1.0
_MESSAGE_SECONDS = 0.005
_SECURITY = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
}

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
        app.on_response_prepare.append(_secure)
        app.router.add_get('/ws', self._talk)
        app.router.add_get(r'/picture/{number:\d{1,9}}', self._picture)
        for path in _FILES:
            app.router.add_get(path, self._file)
        self._entrance = Entrance(app)

    async def start(self, host: str, port: int) -> int:
        """Listen and return the port, see ``Entrance.open``."""
        return await self._entrance.open(host, port)

    async def stop(self, timeout: float) -> None:
        """
        Close all pages and stop listening.

        :param timeout: seconds, for each of the two.
        """
        goodbyes = [
            one.close(code=WSCloseCode.GOING_AWAY, message=b'kosmos-ros watch was ended')
            for one in self._sockets
        ]
        for ending in (asyncio.gather(*goodbyes, return_exceptions=True), self._entrance.close()):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ending, timeout)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        status, objection = self._doorkeeper.objection(request)
        if not objection:
            if request.path == '/' and TOKEN in request.query:
                return self._doorkeeper.admit(request)
            return await handler(request)
        logger.warning('refused a request from %s: %s', request.remote, objection)
        refusal = web.Response(status=status, text=f'{objection}\n')
        refusal.force_close()
        return refusal

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
            timeout=_CLOSE_SECONDS,
            heartbeat=_HEARTBEAT_SECONDS,
            max_msg_size=MAX_MESSAGE_BYTES,
            compress=False,
        )
        try:
            await socket.prepare(request)
        except ValueError as error:  # a key that is no key
            raise web.HTTPBadRequest(text=f'{error}\n') from None
        except ConnectionError:
            return socket
        self._sockets.add(socket)
        may_ask = self._doorkeeper.right(request) is Right.ASK
        client = Client(give_up=lambda: _abort(request), may_ask=may_ask)
        self._hub.join(client)
        pump = asyncio.ensure_future(client.pump(socket))
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b'expected text')
                    break
                self._hub.receive(client, message.data)
                # A page that sends faster is read no faster, and so has to wait.
                await asyncio.sleep(_MESSAGE_SECONDS)
        finally:
            self._hub.leave(client)
            self._sockets.discard(socket)
            pump.cancel()
            # The connection broke while something was sent.
            with suppress(asyncio.CancelledError, ConnectionError, RuntimeError):
                await pump
        return socket


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_SECURITY)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
