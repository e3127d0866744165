# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images become pictures for browsers, and are found again by their stamp."""

from __future__ import annotations

import asyncio

import cv2
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.ros.conversions.images import image_to_ros, ImageReader
from kosmos_ros.watch.pictures import Album, JpegPicture, MAX_SIDE, picture_from_ros


def header(nanoseconds: int) -> Header:
    made = Header()
    made.stamp.sec, made.stamp.nanosec = divmod(nanoseconds, 10**9)
    return made


def decoded(picture: JpegPicture) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)


def test_a_large_image_is_scaled_down_and_keeps_its_size_on_record() -> None:
    image = np.zeros((1080, 1920, 3), np.uint8)
    image[:, :960] = (250, 10, 10)
    picture = picture_from_ros('front', image_to_ros(image, header(5_000_000_000)), 5_200_000_000)
    assert (picture.width, picture.height, picture.stamp) == (1920, 1080, 5_000_000_000)
    assert picture.lag == pytest.approx(0.2)
    pixels = decoded(picture)
    assert pixels.shape == (720, MAX_SIDE, 3)
    blue, green, red = pixels[360, 300]
    assert red > 200
    assert max(blue, green) < 60


def test_a_small_image_is_sent_as_large_as_it_is() -> None:
    image = np.full((48, 64, 3), 128, np.uint8)
    assert decoded(picture_from_ros('c', image_to_ros(image, header(1)), 0)).shape == (48, 64, 3)


def test_a_compressed_image_is_shown_too() -> None:
    data = cv2.imencode('.png', np.full((10, 20, 3), 200, np.uint8))[1].tobytes()
    message = CompressedImage(header=header(3), format='png', data=data)
    picture = picture_from_ros('c', message, 0)
    assert (picture.width, picture.height) == (20, 10)
    with pytest.raises(InvalidImageError):
        picture_from_ros('c', CompressedImage(data=b'no picture'), 0)


def test_pictures_of_a_deep_camera_do_not_flicker() -> None:
    reader = ImageReader()
    greys = []
    for top in (4095, 900):
        data = np.array([[900, top]], np.uint16).repeat(8, axis=1).repeat(8, axis=0)
        message = Image(header=header(3), width=16, height=8, encoding='mono16', step=32)
        message.data = data.tobytes()
        greys.append(int(decoded(picture_from_ros('c', message, 0, reader))[4, 2, 0]))
    assert greys == pytest.approx([56, 56], abs=2)


@pytest.mark.parametrize(('stamp', 'now'), [(0, 10**18), (10**18, 0), (1, 10**18)])
def test_a_stamp_of_another_clock_tells_no_age(stamp: int, now: int) -> None:
    message = image_to_ros(np.zeros((4, 4, 3), np.uint8), header(stamp))
    assert picture_from_ros('c', message, now).lag is None


def picture(stamp: int, camera: str = 'c', size: int = 10) -> JpegPicture:
    return JpegPicture(camera, stamp, 4, 4, bytes(size))


def test_the_oldest_pictures_go_when_there_are_too_many_bytes() -> None:
    album = Album(limit=35)
    for stamp in (1, 2, 2, 3, 4):
        album.add(picture(stamp))
    assert album.find('c', 1) is None
    assert [album.find('c', stamp) is not None for stamp in (2, 3, 4)] == [True] * 3
    album.add(picture(5, size=100))
    assert album.find('c', 5) is not None
    assert album.find('c', 4) is None


def test_pictures_of_cameras_are_kept_apart() -> None:
    album = Album()
    album.add(picture(1, 'front'))
    assert album.find('wrist', 1) is None
    album.forget('front')
    assert album.find('front', 1) is None


def test_no_stamp_finds_nothing() -> None:
    album = Album()
    album.add(picture(0))
    assert album.find('c', 0) is None


def test_a_picture_that_comes_late_is_waited_for() -> None:
    async def scenario() -> tuple[JpegPicture | None, JpegPicture | None, JpegPicture | None]:
        album = Album()
        waiting = [asyncio.ensure_future(album.find_soon('c', 7, 30.0)) for _ in range(2)]
        await asyncio.sleep(0)
        album.add(picture(6))
        album.add(picture(7))
        first, second = await asyncio.gather(*waiting)
        return first, second, await album.find_soon('c', 8, 0.0)

    first, second, never = asyncio.run(scenario())
    assert first is second
    assert first is not None
    assert first.stamp == 7
    assert never is None
