# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent to the server, it answers, or ends the connection with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
import json
from random import Random
import socket
from typing import Any

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    CookieJar,
    WSMsgType,
    WSServerHandshakeError,
)
import pytest

from kosmos_ros.watch import entrance
from kosmos_ros.watch.origins import Doorkeeper
from kosmos_ros.watch.tokens import Tokens

SEED = 20260101
UPGRADE = (
    b'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
    b'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n'
)
ODD_COOKIES = (
    b'GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ' + bytes(range(128, 255)) + b';=;;"\r\n\r\n'
)
GET = b'GET /style.css HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
BAD_REQUESTS = [
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    b'GET\r\n\r\n',
    b'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost localhost\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: localhost\r\nX: ' + b'x' * 100_000 + b'\r\n\r\n',
    b'GET /' + b'x' * 100_000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: localhost\r\n' + b'X: y\r\n' * 5000 + b'\r\n',
    b'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    b'GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b'GET /%zz?token=%ff%00 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b'GET /picture/999999999999 HTTP/1.1\r\nHost: localhost\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello',
    b'GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n',
    UPGRADE.replace(b'Version: 13', b'Version: 3'),
    UPGRADE.replace(b'AAAAAAAAAAAAAAAAAAAAAA==', b'?'),
]
VALUES = [None, True, -1, 0, 7, 2**53, 10**4000, 1e308, 'x', '', '*', '\ud800\0', 'x' * 60_000]
VALUES += [[], {}, ['front'] * 33, [['front']], {'x': 1, 'y': 1, 'width': 10**400, 'height': 1}]
VALUES += [json.loads('[' * 500 + ']' * 500), json.loads('{"a":' * 500 + '1' + '}' * 500)]
FIELDS = ('v', 'type', 'ask', 'task', 'query', 'camera', 'cameras', 'region', 'min_score')
RAW = ['', '{', 'null', '"', '[' * 60_000, '{"a":' * 9000, '1e999', '9' * 5000, 'NaN', '\0']


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test if a traceback was logged."""
    monkeypatch.setattr(entrance, 'REQUEST_SECONDS', 1.0)
    yield
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


def exchange(port: int, data: bytes, and_no_more: bool = False) -> bytes:
    """Send this and return all that comes back."""
    with socket.create_connection(('127.0.0.1', port), 60.0) as connection:
        received = b''
        # Whoever sends nonsense may be cut off before all of it is sent.
        with suppress(ConnectionError):
            connection.sendall(data)
            if and_no_more:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
        return received


def run(scenario: Callable[[ClientSession], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario with a visitor who keeps cookies."""

    async def main() -> None:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            await scenario(session)

    asyncio.run(main())


def is_served(port: int) -> bool:
    return exchange(port, GET).startswith(b'HTTP/1.1 200 OK')


@pytest.mark.usefixtures('quiet')
def test_bad_requests_are_refused_by_a_status(serve: Callable[..., int]) -> None:
    port = serve()
    for request in BAD_REQUESTS:
        status = exchange(port, request)[:12]
        assert status[9:] in (b'400', b'404', b'405', b''), request[:99]
        assert is_served(port)


@pytest.mark.usefixtures('quiet')
def test_damaged_requests_and_frames_do_no_harm(serve: Callable[..., int]) -> None:
    port, random = serve(), Random(SEED)
    frames = b'\x81\x85\0\0\0\0hello\x82\x80\0\0\0\0\x89\x80\0\0\0\0\x88\x82\0\0\0\0\x03\xe8'
    requests = [GET, ODD_COOKIES, UPGRADE + frames, UPGRADE + random.randbytes(40)]
    for _ in range(150):
        data = bytearray(random.choice(requests))
        for _ in range(random.randrange(4)):
            data[random.randrange(len(data))] = random.randrange(256)
        exchange(port, bytes(data[: random.randrange(len(data)) + 1]), and_no_more=True)
    assert is_served(port)


@pytest.mark.usefixtures('quiet')
def test_each_bad_message_is_answered_or_ends_the_page(serve: Callable[..., int]) -> None:
    random = Random(SEED)
    messages = list(RAW)
    for _ in range(250):
        fields = random.sample(FIELDS, random.randrange(1, len(FIELDS)))
        chosen = {name: random.choice(VALUES) for name in fields}
        kind = random.choice(['look', 'shown', 'ask'])
        messages.append(json.dumps({'v': 1, 'type': kind, 'ask': 1, **chosen}))

    async def scenario(session: ClientSession) -> None:
        left = messages[::-1]
        while left:
            async with session.ws_connect(f'http://127.0.0.1:{port}/ws') as page:
                while left and await is_answered(page, left.pop()):
                    pass

    async def is_answered(page: ClientWebSocketResponse, message: str) -> bool:
        await page.send_str(message)
        await page.send_str('{"v": 1, "type": "the end"}')
        while (news := await page.receive(60.0)).type is WSMsgType.TEXT:
            if 'the end' in news.data:
                return True
        assert len(message) > 65536
        assert page.close_code in (1009, 1006)  # the rest of it was not read
        return False

    port = serve()
    run(scenario)


@pytest.mark.usefixtures('quiet')
def test_bad_frames_end_the_page_with_a_code(serve: Callable[..., int]) -> None:
    port = serve()
    for frame, code in (
        (b'\x82\x85\0\0\0\0hello', 1003),  # binary
        (b'\x81\x82\0\0\0\0\xff\xfe', 1007),  # no UTF-8
        (b'\xf3\x80\0\0\0\0', 1002),  # reserved
        (b'\x81\xff' + b'\x7f' * 8 + b'\0\0\0\0', 1009),  # far too long
    ):
        received = exchange(port, UPGRADE + frame)
        assert b'\x88' in received, frame
        closing = received[received.rindex(b'\x88') :]
        assert int.from_bytes(closing[2:4], 'big') == code, frame
    assert is_served(port)


def test_two_tokens_one_to_look_and_one_to_ask(
    serve: Callable[..., int], caplog: pytest.LogCaptureFixture
) -> None:
    tokens = Tokens('look-' * 5, 'asks-' * 5)
    address = f'http://127.0.0.1:{serve(Doorkeeper("0.0.0.0", tokens))}'  # noqa: S104

    async def nobody(session: ClientSession) -> None:
        for path in ('/', '/app.js', '/picture/1', '/?token=', '/?token=look-look-'):
            async with session.get(address + path) as response:
                assert response.status == 401, path
                assert 'hold a token' in await response.text()
        with pytest.raises(WSServerHandshakeError) as caught:
            await session.ws_connect(f'{address}/ws')
        assert caught.value.status == 401

    def visitor(token: str, may_ask: bool) -> Callable[[ClientSession], Coroutine[Any, Any, None]]:
        async def visit(session: ClientSession) -> None:
            async with session.get(f'{address}/?token={token}') as response:
                assert response.status == 200
                assert 'token' not in str(response.url)
                assert response.headers['Referrer-Policy'] == 'no-referrer'
                assert response.history[0].status == 303
            async with session.ws_connect(f'{address}/ws') as page:
                assert (await page.receive_json())['may_ask'] is may_ask
                await page.receive_json()
                await page.send_json({'v': 1, 'type': 'ask', 'ask': 1, 'query': 'the mug'})
                refusal = (await page.receive_json())['message']
                assert ('No grounding node' if may_ask else 'for looking only') in refusal

        return visit

    run(nobody)
    run(visitor(tokens.look, may_ask=False))
    run(visitor(tokens.ask, may_ask=True))
    assert 'refused a request' in caplog.text
    assert not any(token[:10] in caplog.text for token in tokens)
