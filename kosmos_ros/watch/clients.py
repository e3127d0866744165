# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A connected page, and its queue of messages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
import time
from typing import Any

from aiohttp.web import WebSocketResponse

from kosmos_ros.watch.pictures import JpegPicture
from kosmos_ros.watch.protocol import encode, encode_frame

FRAME_SECONDS = 1 / 15
"""Frames of a camera are at least this far apart."""

MAX_WAITING = 8_000_000
"""Characters of messages; with more waiting a page is disconnected, and gets all on its return."""

_OVERHEAD = 100
"""What a message takes besides its characters."""


class Client:
    """
    Sends a page every message, and the newest frame of each camera when it is ready for it.

    A camera's next frame is sent when the page has reported the one before as shown. So a slow
    page or network loses frames, but gets no old ones.

    :param give_up: ends the connection; called when too much waits to be sent.
    :param may_ask: whether its questions are taken.
    """

    def __init__(self, give_up: Callable[[], None], may_ask: bool = True) -> None:
        self.may_ask = may_ask
        self.cameras: tuple[str, ...] = ()
        """Those that the page shows."""
        self._give_up = give_up
        self._messages: deque[str] = deque()
        self._waiting = 0
        self._frames: dict[str, tuple[JpegPicture, dict[str, Any] | None]] = {}
        self._next_frame: dict[str, float] = {}
        self._busy: set[str] = set()
        self._wake = asyncio.Event()

    def tell(self, kind: str, /, **fields: Any) -> None:
        """Queue a message."""
        self.send(encode(kind, **fields))

    def send(self, message: str) -> None:
        """Queue an encoded message."""
        self._waiting += len(message) + _OVERHEAD
        if self._waiting > MAX_WAITING:
            self._give_up()
            return
        self._messages.append(message)
        self._wake.set()

    def look(self, cameras: tuple[str, ...]) -> None:
        """Show frames of these cameras from now on."""
        self.cameras = cameras
        self._frames = {name: one for name, one in self._frames.items() if name in cameras}
        self._busy &= set(cameras)

    def offer(self, picture: JpegPicture, tracks: dict[str, Any] | None = None) -> None:
        """
        Show this frame unless a newer one comes before the page is ready.

        :param tracks: the carried answer whose boxes are those of this very frame.
        """
        if picture.camera in self.cameras:
            self._frames[picture.camera] = (picture, tracks)
            self._wake.set()

    def shown(self, camera: str) -> None:
        """Note that the page is ready for the camera's next frame."""
        self._busy.discard(camera)
        self._wake.set()

    async def pump(self, channel: WebSocketResponse) -> None:
        """Send until cancelled or the connection breaks."""
        while True:
            self._wake.clear()
            while self._messages:
                message = self._messages.popleft()
                self._waiting -= len(message) + _OVERHEAD
                await channel.send_str(message)
            pause = await self._send_frames(channel)
            if not self._messages:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)

    async def _send_frames(self, channel: WebSocketResponse) -> float | None:
        """Send what is due; return the seconds until the next is, None if nothing waits."""
        pauses = []
        for camera in [name for name in self._frames if name not in self._busy]:
            pause = self._next_frame.get(camera, 0.0) - time.monotonic()
            if pause > 0:
                pauses.append(pause)
                continue
            picture, tracks = self._frames.pop(camera)
            self._busy.add(camera)
            self._next_frame[camera] = time.monotonic() + FRAME_SECONDS
            await channel.send_bytes(encode_frame(_header(picture, tracks), picture.jpeg))
        return min(pauses, default=None)


def _header(picture: JpegPicture, tracks: dict[str, Any] | None) -> dict[str, Any]:
    return {
        'camera': picture.camera,
        'stamp': str(picture.stamp),
        'width': picture.width,
        'height': picture.height,
        'lag': picture.lag,
        'tracks': tracks,
    }
