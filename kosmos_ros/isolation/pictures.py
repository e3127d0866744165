# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Decoding compressed pictures where a damaged or hostile one does no harm."""

from __future__ import annotations

import os
import threading

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import check_format, CompressedImage
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.picture_costs import PICTURE_MEMORY, PICTURE_SECONDS
from kosmos_ros.core.plain import from_plain
from kosmos_ros.isolation.child_process import AnsweringProcess, ChildEndedError
from kosmos_ros.isolation.memory import share, shared
from kosmos_ros.isolation.picture_values import DecodedPicture

MOST_SECONDS = 5 * PICTURE_SECONDS
"""The longest that a picture may take: other processes compute too."""

MOST_BYTES = 2 * PICTURE_MEMORY
"""The most address space, of which decoders use only a part."""

_START_SECONDS = 60.0
_NAME = 'the process that decodes pictures'


class PictureProcess:
    """
    Decodes compressed pictures in another process, started when the first one comes.

    A picture that takes too long or too much memory, or makes that process crash, is refused, and
    the next one gets a new process. Safe to use from several threads, which wait for each other.

    :param seconds: the longest that a picture may take.
    :param memory: the most bytes of address space that it may take.
    """

    def __init__(self, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> None:
        self._seconds = seconds
        self._memory = memory
        self._lock = threading.Lock()
        self._child: AnsweringProcess | None = None
        self._is_closed = False

    def __call__(self, message: CompressedImage, depth: BitDepth) -> RgbImage:
        """
        Decode a picture, as ``rgb_from_compressed``.

        :param depth: which of 16 bits are in use; learns from the picture.
        :returns: (H, W, 3) uint8 RGB, read-only.
        :raises InvalidImageError: if it is of another kind, damaged, too large, or too much work.
        """
        check_format(message)
        file = share([message.data])
        try:
            return self._decoded(message.format, depth, file)
        except ChildEndedError as error:
            raise InvalidImageError(
                f'the compressed image of {len(message.data)} bytes cannot be decoded: {error}'
            ) from error
        finally:
            os.close(file)

    def close(self) -> None:
        """End the process for good; who waits for a picture gets an error."""
        self._is_closed = True
        child = self._child
        if child is not None:
            child.end('it is not needed any more')
        with self._lock:
            self._drop()

    def _decoded(self, format_: str, depth: BitDepth, file: int) -> RgbImage:
        # One picture at a time: its time is not spent with waiting for others.
        with self._lock:
            child = self._running()
            value, files = child.ask(
                'decode', format_, depth.fixed, depth.seen, files=[file], seconds=self._seconds
            )
            try:
                picture = from_plain(DecodedPicture, value)
                pixels = shared(*files)
                rgb = pixels.reshape(picture.height, picture.width, 3)
                depth.note(picture.seen)
            except (TypeError, ValueError) as error:
                child.end(f'it answered what cannot be read: {error}')
                raise ChildEndedError(child.problem) from error
        return rgb

    def _running(self) -> AnsweringProcess:
        child = self._child
        if child is not None and not child.problem:
            return child
        self._drop()
        if self._is_closed:
            raise ChildEndedError(f'{_NAME} is not needed any more')
        child = self._child = AnsweringProcess(_NAME, 'kosmos_ros.isolation.picture_child:main')
        child.ask('limit', self._memory, seconds=_START_SECONDS)
        return child

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()
