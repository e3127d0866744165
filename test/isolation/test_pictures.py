# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Compressed pictures decoded in a process of their own: the same pixels, and no harm done.

Spans ``isolation.pictures`` and ``isolation.picture_child``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
import io
import os
import signal
import threading
from types import SimpleNamespace

import cv2
import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidImageError, UnsupportedImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import rgb_from_compressed
from kosmos_ros.isolation.pictures import PictureProcess

SCENE = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)


def picture(data: bytes, format_: str = 'png') -> SimpleNamespace:
    return SimpleNamespace(format=format_, data=data)


def png(values: np.ndarray) -> bytes:
    return cv2.imencode('.png', values)[1].tobytes()


def flat(width: int, height: int) -> bytes:
    """Make a small file of many pixels."""
    stream = io.BytesIO()
    Image.new('1', (width, height)).save(stream, 'PNG')
    return stream.getvalue()


@pytest.fixture(scope='module')
def decode() -> Iterator[PictureProcess]:
    with closing(PictureProcess()) as process:
        yield process


def test_pixels_and_bits_are_those_of_this_process(decode: PictureProcess) -> None:
    there, here = BitDepth(), BitDepth()
    for message in (
        picture(png(SCENE)),
        picture(png(SCENE.astype(np.uint16) * 4)),
        picture(png(SCENE.astype(np.uint16) * 16)),
        picture(png(SCENE.astype(np.uint16))),
        picture(cv2.imencode('.jpg', SCENE)[1].tobytes(), 'bgr8; jpeg compressed bgr8'),
    ):
        expected = rgb_from_compressed(message, here)
        np.testing.assert_array_equal(decode(message, there), expected)
        assert there.bits == here.bits
    assert there.bits == 12
    with pytest.raises(ValueError, match='read-only'):
        decode(picture(png(SCENE)), there)[0] = 0


def test_errors_are_those_of_this_process(decode: PictureProcess) -> None:
    with pytest.raises(InvalidImageError, match='the compressed image of 50 bytes: damaged'):
        decode(picture(png(SCENE)[:50]), BitDepth())
    with pytest.raises(UnsupportedImageError, match='video stream'):
        decode(picture(b'', 'h264'), BitDepth())
    with pytest.raises(InvalidImageError):
        decode(picture(b''), BitDepth())


@pytest.mark.parametrize(
    ('limits', 'size', 'reason'),
    [({'seconds': 1e-4}, 5000, 'took more than'), ({'memory': 30_000_000}, 4000, 'more memory')],
)
def test_a_picture_beyond_the_limits_is_refused_and_the_next_one_is_read(
    limits: dict[str, float], size: int, reason: str
) -> None:
    with closing(PictureProcess(**limits)) as decode:
        for _ in range(2):
            with pytest.raises(InvalidImageError, match=reason):
                decode(picture(flat(size, size)), BitDepth())
        decode._seconds = 60.0
        np.testing.assert_array_equal(decode(picture(png(SCENE)), BitDepth()), SCENE[..., ::-1])


def test_after_a_crash_the_next_picture_is_read(decode: PictureProcess) -> None:
    decode(picture(png(SCENE)), BitDepth())
    os.kill(decode._child.pid, signal.SIGSTOP)
    failures: list[str] = []

    def read() -> None:
        try:
            decode(picture(png(SCENE)), BitDepth())
        except InvalidImageError as error:
            failures.append(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    os.kill(decode._child.pid, signal.SIGSEGV)
    os.kill(decode._child.pid, signal.SIGCONT)
    thread.join(30)
    # The crash may come before the picture, which then is read by the next process.
    assert all('SIGSEGV' in failure for failure in failures)
    assert decode(picture(png(SCENE)), BitDepth()).shape == SCENE.shape


def test_closed_it_reads_no_more_and_leaves_no_process() -> None:
    decode = PictureProcess()
    decode(picture(png(SCENE)), BitDepth())
    child = decode._child
    decode.close()
    decode.close()
    assert child.problem
    with pytest.raises(InvalidImageError, match='not needed any more'):
        decode(picture(png(SCENE)), BitDepth())
