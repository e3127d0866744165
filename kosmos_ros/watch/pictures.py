# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Camera images as JPEG, kept by stamp so that an answer can show its own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import cv2

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.ros.conversions.images import ImageMessage, rgb_from_ros
from kosmos_ros.ros.conversions.values import time_from_ros

MAX_SIDE = 1280
"""Pixels; larger images are scaled down before they are sent."""

_JPEG_QUALITY = 80
_MAX_LAG = 60.0
ALBUM_BYTES = 32_000_000


@dataclass(frozen=True)
class JpegPicture:
    """
    One image of a camera as JPEG.

    ``stamp`` is in nanoseconds. ``width`` and ``height`` are those of the camera's image, in whose
    pixels boxes and regions are; the JPEG may be smaller. ``lag`` is how many seconds after its
    stamp it arrived, None if the stamp does not say.
    """

    camera: str
    stamp: int
    width: int
    height: int
    jpeg: bytes
    lag: float | None = None


def picture_from_ros(
    camera: str,
    message: ImageMessage,
    now: int,
    read: Callable[[ImageMessage], RgbImage] = rgb_from_ros,
) -> JpegPicture:
    """
    Encode an image.

    :param now: nanoseconds on the clock of the stamps.
    :param read: makes its pixels.
    :raises InvalidImageError: if it is malformed, of an unknown kind or too large.
    """
    rgb = read(message)
    height, width = rgb.shape[:2]
    pixels = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    scale = MAX_SIDE / max(width, height)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode('.jpg', pixels, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
    if not done:
        raise InvalidImageError(f'an image of {width}x{height} pixels cannot be made a JPEG')
    stamp = time_from_ros(message.header.stamp)
    return JpegPicture(camera, stamp, width, height, jpeg.tobytes(), _lag(stamp, now))


def _lag(stamp: int, now: int) -> float | None:
    """Return the seconds since the stamp, None for recordings and other clocks."""
    seconds = (now - stamp) / 1e9
    return seconds if stamp and 0.0 <= seconds <= _MAX_LAG else None


class Album:
    """
    The newest pictures of each camera; belongs to the event loop.

    :param limit: bytes for each camera.
    """

    def __init__(self, limit: int = ALBUM_BYTES) -> None:
        self._limit = limit
        self._pictures: dict[str, OrderedDict[int, JpegPicture]] = {}
        self._awaited: dict[tuple[str, int], asyncio.Future[JpegPicture]] = {}

    def add(self, picture: JpegPicture) -> None:
        """Keep a picture, and drop the oldest ones."""
        pictures = self._pictures.setdefault(picture.camera, OrderedDict())
        pictures.pop(picture.stamp, None)
        pictures[picture.stamp] = picture
        size = sum(len(one.jpeg) for one in pictures.values())
        while size > self._limit and len(pictures) > 1:
            size -= len(pictures.popitem(last=False)[1].jpeg)
        awaited = self._awaited.pop((picture.camera, picture.stamp), None)
        if awaited and not awaited.done():
            awaited.set_result(picture)

    def find(self, camera: str, stamp: int) -> JpegPicture | None:
        """Return the picture with exactly this stamp, None if there is none; 0 is no stamp."""
        pictures = self._pictures.get(camera)
        return pictures.get(stamp) if pictures and stamp else None

    async def find_soon(self, camera: str, stamp: int, seconds: float) -> JpegPicture | None:
        """
        Return the picture with exactly this stamp, also if it comes within a moment.

        An answer may overtake the image that it is about.
        """
        found = self.find(camera, stamp)
        if found or not stamp:
            return found
        key = (camera, stamp)
        awaited = self._awaited.setdefault(key, asyncio.get_running_loop().create_future())
        try:
            return await asyncio.wait_for(asyncio.shield(awaited), seconds)
        except asyncio.TimeoutError:
            if self._awaited.get(key) is awaited:
                del self._awaited[key]
            return None

    def forget(self, camera: str) -> None:
        """Drop the pictures of a camera that is no longer shown."""
        self._pictures.pop(camera, None)
