# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The page's server as a process, beside a grounding node and a camera in theirs.

Spans ``watch``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
import json
from pathlib import Path
import socket
from typing import Any

from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError
import cv2
import numpy as np
import pytest
from yarl import URL

PATIENCE = 60.0


class Page:
    """A WebSocket client that shows every frame at once."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def do(self, kind: str, /, **fields: Any) -> None:
        """Send a message."""
        await self._socket.send_str(json.dumps({'v': 1, 'type': kind, **fields}))

    async def next(self, kind: str, /, **expected: Any) -> dict[str, Any]:
        """Return the next message of a type in which these fields are as expected."""
        return await asyncio.wait_for(self._next(kind, expected), PATIENCE)

    async def _next(self, kind: str, expected: dict[str, Any]) -> dict[str, Any]:
        while True:
            message = await self._socket.receive()
            assert message.type in (WSMsgType.TEXT, WSMsgType.BINARY), message
            if message.type is WSMsgType.BINARY:
                length = int.from_bytes(message.data[:4], 'big')
                data = json.loads(message.data[4 : 4 + length])
                data['jpeg'] = message.data[4 + length :]
                await self.do('shown', camera=data['camera'])
            else:
                data = json.loads(message.data)
            if data['type'] == kind and expected.items() <= data.items():
                return data


def visit(
    address: str, scenario: Callable[[Page, ClientSession], Coroutine[Any, Any, None]]
) -> None:
    """Run a scenario with a page that is connected."""

    async def main() -> None:
        async with ClientSession() as session, session.ws_connect(f'{address}ws') as socket:
            await scenario(Page(socket), session)

    asyncio.run(main())


@pytest.fixture
def address(
    start_node: Callable[..., Any],
    start_camera: Callable[..., Any],
    start_watch: Callable[..., tuple[Any, str]],
) -> str:
    """Start camera, node and page, and return the page's address."""
    start_camera()
    start_node()
    return start_watch()[1]


def test_images_questions_answers_and_pictures(address: str) -> None:
    async def scenario(page: Page, session: ClientSession) -> None:
        hello = await page.next('hello')
        assert hello['node'] == '/grounding'
        state = await page.next('state', kind='ready')
        assert state['cameras'] == [{'name': 'camera', 'topic': '/image'}]
        await page.do('look', cameras=['camera'])
        frames = [await page.next('frame', camera='camera') for _ in range(3)]
        assert len({frame['stamp'] for frame in frames}) == 3
        pixels = cv2.imdecode(np.frombuffer(frames[0]['jpeg'], np.uint8), cv2.IMREAD_COLOR)
        assert pixels.shape == (48, 64, 3)

        await page.do('ask', ask=1, query='the red cube', camera='camera')
        answer = (await page.next('answer'))['entry']
        assert (await page.next('answered', ask=1))['entries'] == [answer['number']]
        assert answer['answer']['status'] == 'FOUND'
        (found,) = answer['answer']['detections']
        assert found['box'] == [16, 12, 32, 36]
        assert answer['picture'] == {'width': 64, 'height': 48}
        async with session.get(f'{address}picture/{answer["number"]}') as response:
            assert response.content_type == 'image/jpeg'
            picture = cv2.imdecode(
                np.frombuffer(await response.read(), np.uint8), cv2.IMREAD_COLOR
            )
        assert picture.shape == (48, 64, 3)

        region = {'x': 400, 'y': 0, 'width': 9, 'height': 9}
        await page.do('ask', ask=2, query='the red cube', region=region)
        refusal = (await page.next('answer'))['entry']['answer']
        assert refusal['status'] == 'INVALID_REQUEST'
        assert '64' in refusal['status_message']

    visit(address, scenario)


def test_bad_messages_are_answered_and_a_huge_one_ends_the_connection(address: str) -> None:
    async def scenario(page: Page, session: ClientSession) -> None:
        await page.next('state', kind='ready')
        await page._socket.send_str('no json')
        assert 'JSON' in (await page.next('refused'))['message']
        await page.do('ask', ask=1, query='x' * 1001)
        assert '1001 characters' in (await page.next('refused', ask=1))['message']
        await page.do('ask', ask=2, query='the red cube')
        await page.next('answered', ask=2)
        await page._socket.send_str('x' * 200_000)
        with pytest.raises(AssertionError):
            await page.next('never')
        async with session.get(address) as response:
            assert response.status == 200

    visit(address, scenario)


def test_foreign_web_sites_are_kept_out(address: str) -> None:
    async def main() -> None:
        async with ClientSession() as session:
            async with session.get(address, headers={'Host': 'evil.example'}) as response:
                assert response.status == 403
                assert 'evil.example' in await response.text()
            with pytest.raises(WSServerHandshakeError) as caught:
                await session.ws_connect(f'{address}ws', origin='http://evil.example')
            assert caught.value.status == 403
            async with session.get(address) as response:
                assert "default-src 'none'" in response.headers['Content-Security-Policy']
            for path in ('picture/1', 'nothing', '..%2fserver.py'):
                async with session.get(address + path) as response:
                    assert response.status == 404

    asyncio.run(main())


def test_a_node_that_loads_its_model_and_one_that_comes_later(
    start_node: Callable[..., Any], start_watch: Callable[..., tuple[Any, str]]
) -> None:
    _, address = start_watch()

    async def scenario(page: Page, session: ClientSession) -> None:
        state = await page.next('state')
        assert state['kind'] == 'absent'
        await page.do('ask', ask=1, query='the red cube')
        assert 'No grounding node answers' in (await page.next('refused', ask=1))['message']
        node = start_node()
        state = await page.next('state', kind='problem')
        assert 'no image yet' in state['sentence']
        assert node.interrupt() == 0
        await page.next('state', kind='absent')
        start_node('loading')
        state = await page.next('state', kind='waiting')
        while not state['sentence'].startswith('Model: '):
            state = await page.next('state', kind='waiting')

    visit(address, scenario)


def test_ctrl_c_ends_it_while_pages_are_open(
    start_camera: Callable[..., Any], start_watch: Callable[..., tuple[Any, str]]
) -> None:
    start_camera()
    process, address = start_watch('--image-topic', 'front=/image')

    async def scenario(page: Page, session: ClientSession) -> None:
        await page.next('state')
        await page.do('look', cameras=['front'])
        await page.next('frame', camera='front')
        process.signal()
        with pytest.raises(AssertionError):
            await page.next('never')

    visit(address, scenario)
    assert process.wait() == 0
    assert 'Traceback' not in process.output


def test_a_port_in_use_is_told_in_words(start_process: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start_process('-m', 'kosmos_ros.cli', 'watch', '--port', str(port))
        assert process.wait() == 2
    assert f'port {port} of 127.0.0.1 is in use; choose another one with --port' in process.output
    assert 'Traceback' not in process.output


def test_a_flood_of_messages_is_read_no_faster_than_it_is_dealt_with(
    start_watch: Callable[..., tuple[Any, str]],
) -> None:
    process, address = start_watch('--image-topic', 'a=/a', '--image-topic', 'b=/b')

    async def scenario(page: Page, session: ClientSession) -> None:
        await page.next('state')
        before = memory(process.pid)
        looks = [json.dumps({'v': 1, 'type': 'look', 'cameras': [name]}) for name in 'ab' * 500]

        async def flood() -> None:
            while True:
                for look in looks:
                    await asyncio.wait_for(page._socket.send_str(look), 3.0)

        with pytest.raises(asyncio.TimeoutError):  # nothing more is taken
            await flood()
        assert memory(process.pid) - before < 60_000
        process.signal()
        with suppress(AssertionError, ConnectionError):
            await page.next('never')

    visit(address, scenario)
    assert process.wait() == 0
    assert 'Traceback' not in process.output


def memory(pid: int) -> int:
    """Return the kilobytes that a process holds."""
    status = Path(f'/proc/{pid}/status').read_text(encoding='ascii')
    return int(status.partition('VmRSS:')[2].split()[0])


def test_others_than_this_machine_need_the_tokens_of_the_printed_addresses(
    start_watch: Callable[..., tuple[Any, str]], tmp_path: Path
) -> None:
    file = tmp_path / 'tokens'
    everywhere = ('--host', '0.0.0.0', '--token-file', str(file))  # noqa: S104
    process, address = start_watch(*everywhere)
    assert 'nothing is encrypted' in process.output
    looking = process.wait_for_output(r'To look only, the page is at (http://\S+)')[1]
    here = URL(address).with_host('127.0.0.1')

    async def main() -> None:
        async with ClientSession() as session:
            async with session.get(here.with_query(None)) as response:
                assert response.status == 401
            for link, may_ask in ((address, True), (looking, False)):
                socket = here.with_path('/ws').with_query(URL(link).query)
                async with session.ws_connect(socket) as page:
                    assert (await Page(page).next('hello'))['may_ask'] is may_ask

    asyncio.run(main())
    assert process.interrupt() == 0
    logged = process.output.partition('Ctrl-C')[2]
    assert not any(token in logged for token in file.read_text(encoding='ascii').split())
    _, again = start_watch(*everywhere)
    assert URL(again).query == URL(address).query
