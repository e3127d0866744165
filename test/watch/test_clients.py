# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A slow page loses frames and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
import json
from typing import Any

from kosmos_ros.watch.clients import Client, MAX_WAITING
from kosmos_ros.watch.pictures import JpegPicture


class Recorder:
    """A connection that keeps what is sent, and blocks while it is congested."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.stamps: list[str] = []
        self.tracks: list[object] = []
        self.free = asyncio.Event()
        self.free.set()

    async def send_str(self, data: str) -> None:
        await self.free.wait()
        self.texts.append(json.loads(data))

    async def send_bytes(self, data: bytes) -> None:
        await self.free.wait()
        header = json.loads(data[4 : 4 + int.from_bytes(data[:4], 'big')])
        self.stamps.append(header['stamp'])
        self.tracks.append(header['tracks'])


def picture(stamp: int, camera: str = 'front') -> JpegPicture:
    return JpegPicture(camera, stamp, 4, 4, b'jpeg')


async def until(condition: Callable[[], object]) -> None:
    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(wait(), 30.0)


def run(scenario: Callable[[Client, Recorder, list[int]], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario with a page whose queue is being sent."""

    async def main() -> None:
        given_up: list[int] = []
        client, channel = Client(lambda: given_up.append(1)), Recorder()
        client.look(('front',))
        pump = asyncio.ensure_future(client.pump(channel))
        await scenario(client, channel, given_up)
        pump.cancel()
        with suppress(asyncio.CancelledError):
            await pump

    asyncio.run(main())


def test_messages_come_in_order_and_all_of_them() -> None:
    async def scenario(client: Client, channel: Recorder, _: list[int]) -> None:
        channel.free.clear()
        for number in range(50):
            client.tell('answer', number=number)
            client.offer(picture(number))
        channel.free.set()
        await until(lambda: len(channel.texts) == 50 and channel.stamps)
        assert [one['number'] for one in channel.texts] == list(range(50))
        assert channel.stamps == ['49']

    run(scenario)


def test_the_next_frame_waits_until_the_page_has_shown_the_last_one() -> None:
    async def scenario(client: Client, channel: Recorder, _: list[int]) -> None:
        client.offer(picture(1))
        await until(lambda: channel.stamps == ['1'])
        client.offer(picture(2))
        client.offer(picture(3), {'text': 'carried'})
        await asyncio.sleep(0.2)
        assert channel.stamps == ['1']
        client.shown('front')
        await until(lambda: channel.stamps == ['1', '3'])
        assert channel.tracks == [None, {'text': 'carried'}]

    run(scenario)


def test_only_cameras_that_are_looked_at_are_sent() -> None:
    async def scenario(client: Client, channel: Recorder, _: list[int]) -> None:
        client.offer(picture(1, 'wrist'))
        client.offer(picture(2, 'front'))
        await until(lambda: channel.stamps)
        assert channel.stamps == ['2']
        client.look(('wrist',))
        client.offer(picture(3, 'front'))
        client.offer(picture(4, 'wrist'))
        await until(lambda: len(channel.stamps) > 1)
        assert channel.stamps == ['2', '4']

    run(scenario)


def test_a_page_that_takes_nothing_is_let_go() -> None:
    async def scenario(client: Client, channel: Recorder, given_up: list[int]) -> None:
        channel.free.clear()
        await asyncio.sleep(0)
        text = 'x' * (MAX_WAITING // 10)
        for _ in range(9):
            client.tell('answer', text=text)
        assert not given_up
        for _ in range(2):
            client.tell('answer', text=text)
        assert given_up

    run(scenario)


def test_what_was_sent_does_not_wait_any_more() -> None:
    async def scenario(client: Client, channel: Recorder, given_up: list[int]) -> None:
        text = 'x' * (MAX_WAITING // 3)
        for number in range(1, 5):
            client.tell('answer', text=text)
            await until(lambda number=number: len(channel.texts) == number)
        assert not given_up

    run(scenario)
