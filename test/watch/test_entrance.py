# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Nobody can have connections, time or log lines without limit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
import socket
from typing import Any

import pytest

from kosmos_ros.watch import entrance

SERVER = Path(__file__).resolve().parent / 'bare_server.py'
GET = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
PATIENCE = 60.0


def connect(port: int) -> socket.socket:
    return socket.create_connection(('127.0.0.1', port), PATIENCE)


def answer(port: int) -> bytes:
    """Ask for the page and return the first line of what comes, empty if nothing does."""
    with connect(port) as connection, suppress(ConnectionError):
        connection.sendall(GET)
        return connection.recv(1000).partition(b'\r\n')[0]
    return b''


@pytest.mark.parametrize(('files', 'connections'), [(64, 130), (400, 500)])
def test_more_connections_than_there_may_be(
    start_process: Callable[..., Any], files: int, connections: int
) -> None:
    server = start_process(SERVER, str(files))
    port = int(server.wait_for_output(r'port (\d+)')[1])
    with ExitStack() as held:
        # A listening socket keeps some more of them waiting.
        for _ in range(connections):
            held.enter_context(connect(port))
        server.wait_for_output('more are refused' if files > 64 else 'Too many open files')
    while answer(port) != b'HTTP/1.1 200 OK':
        pass  # the others are still leaving
    assert server.returncode is None
    assert len(server.output.splitlines()) < connections / 10


def is_ended(connection: socket.socket, byte: int) -> bool:
    """Send a byte, and tell whether the server has had enough."""
    try:
        connection.send(bytes([byte]))
        return connection.recv(1) == b''
    except TimeoutError:
        return False
    except ConnectionError:  # the end came before the byte
        return True


def test_a_request_that_never_ends_is_ended(
    serve: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, 'REQUEST_SECONDS', 0.5)
    with connect(serve()) as slow:
        slow.settimeout(0.05)
        trickle = GET[:-2] + b'X: ' + b'x' * 8000
        assert any(is_ended(slow, byte) for byte in trickle)
