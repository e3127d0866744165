# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Access to the page: refused to foreign web sites in the same browser, and to who has no token.

Any web page may open a WebSocket to this server, and a name under its control may resolve to this
address (DNS rebinding). The browser reveals both: the first by the header Origin, the second by
Host.
"""

from __future__ import annotations

from hashlib import sha256
from ipaddress import ip_address
import socket
from urllib.parse import urlsplit

from aiohttp import web

from kosmos_ros.watch.tokens import Right, Tokens

TOKEN = 'token'  # noqa: S105  no token itself
"""Parameter of addresses."""

LOOPBACK_NAMES = frozenset({'localhost', 'localhost.localdomain'})


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is reached from this machine only."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Doorkeeper:
    """
    Checks who sends a request.

    :param host: what the server listens on.
    :param tokens: of those who may look and ask; None: all may.
    """

    def __init__(self, host: str, tokens: Tokens | None = None) -> None:
        self._host = host.lower()
        self._tokens = tokens
        # Ports of one machine share their cookies.
        self._cookie = f'kosmos_watch_{sha256("".join(tokens or ()).encode()).hexdigest()[:8]}'
        self._loopback_only = is_loopback(host)

    def objection(self, request: web.BaseRequest) -> tuple[int, str]:
        """Return the HTTP status and the reason why a request is refused, empty if it is not."""
        host, origin = request.headers.get('Host', ''), request.headers.get('Origin')
        name = _hostname(f'//{host}')
        if name is None or not self._is_own(name):
            return 403, (
                f'This server is not known as {host[:100]!r}. Use its address in numbers, or the '
                'name that it was started with (--host).'
            )
        if origin is not None and origin.lower() not in (
            f'http://{host.lower()}',
            f'https://{host.lower()}',
        ):
            return 403, (
                f'Requests of {origin[:100]!r} are refused: another web site is behind them.'
            )
        if not self.right(request):
            return (
                401,
                'Open one of the addresses that kosmos-ros watch printed: they hold a token.',
            )
        return 200, ''

    def right(self, request: web.BaseRequest) -> Right:
        """Return what who sends this may do."""
        if self._tokens is None:
            return Right.ASK
        given = request.query.get(TOKEN) or request.cookies.get(self._cookie, '')
        return self._tokens.right(given)

    def admit(self, request: web.BaseRequest) -> web.Response:
        """Put the token of an address into a cookie, and have the browser forget that address."""
        response = web.Response(status=303, headers={'Location': './'})
        response.set_cookie(self._cookie, request.query[TOKEN], httponly=True, samesite='Lax')
        return response

    def _is_own(self, name: str) -> bool:
        if name in LOOPBACK_NAMES or is_loopback(name):
            return True
        if self._loopback_only:
            return False
        # A numeric address cannot be rebound.
        return _is_address(name) or name in (self._host, socket.gethostname().lower())


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
