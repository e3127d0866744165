# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Access to the page: refused to foreign web sites in the same browser.

Any web page may open a WebSocket to this server, and a name under its control may resolve to this
address (DNS rebinding). The browser reveals both: the first by the header Origin, the second by
Host.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
import socket
from urllib.parse import urlsplit

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
    Checks the headers of requests.

    :param host: what the server listens on.
    """

    def __init__(self, host: str) -> None:
        self._host = host.lower()
        self._loopback_only = is_loopback(host)

    def objection(self, headers: Mapping[str, str]) -> str:
        """Return why a request is refused, empty if it is not."""
        host, origin = headers.get('Host', ''), headers.get('Origin')
        name = _hostname(f'//{host}')
        if name is None or not self._is_own(name):
            return (
                f'This server is not known as {host[:100]!r}. Use its address in numbers, or the '
                'name that it was started with (--host).'
            )
        if origin is not None and origin.lower() not in (
            f'http://{host.lower()}',
            f'https://{host.lower()}',
        ):
            return f'Requests of {origin[:100]!r} are refused: another web site is behind them.'
        return ''

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
