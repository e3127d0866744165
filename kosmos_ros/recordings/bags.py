# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images of a recording: MCAP and SQLite bags of ROS 2, and bags of ROS 1, read without ROS.

Bags are folders, or single files of them, which may be compressed by zstd.

    with ImageBag('drive') as bag:
        for image in bag.images(bag.topic()):
            show(image.read())

A bag is untrusted: whatever it holds, the only errors are ``InvalidDataError``, and
``InvalidImageError`` for a single image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from os import PathLike
from pathlib import Path
import sqlite3
import struct
import sys
from tempfile import TemporaryDirectory
from typing import Any

from kosmos_ros.core.closing import Closing
from kosmos_ros.core.errors import (
    InvalidDataError,
    InvalidImageError,
    KosmosError,
    MissingDependencyError,
)
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import rgb_from_compressed
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.raw_images import rgb_from_raw
from kosmos_ros.core.texts import readable, told
from kosmos_ros.recordings.bag_files import bag_paths, CUT_OFF, errors_of_unpacking, unpacked

_READERS: dict[str, Callable[[Any, BitDepth], RgbImage]] = {
    'sensor_msgs/msg/Image': rgb_from_raw,
    'sensor_msgs/msg/CompressedImage': rgb_from_compressed,
}

_MOST_MESSAGES = 10**12
"""Of a topic; what a damaged bag says may be more than a length can be."""
_SHOWN = 500
"""Letters of topics in messages."""

_DAMAGED: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,  # a length that is damaged
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    sqlite3.Error,
    struct.error,
)
"""What reading a damaged bag raises beside the errors of ``rosbags``."""


@dataclass(frozen=True)
class ImageTopic:
    """A topic with pictures: its name, ROS type and number of messages."""

    name: str
    type: str
    count: int


@dataclass(frozen=True, eq=False)
class BagImage:
    """
    An image that is not decoded yet.

    ``number`` counts the topic's messages from 0. ``stamp_ns`` is the time in its header, which
    is when it was taken, ``received_ns`` when it was recorded; nanoseconds.
    """

    topic: str
    number: int
    stamp_ns: int
    received_ns: int
    read: Callable[[], RgbImage]
    """
    Returns (H, W, 3) uint8 RGB.

    Raises ``InvalidImageError`` if it is malformed, of an unknown encoding or too large.
    """


class ImageBag(Closing):
    """
    A recording; a context manager.

    :param path: the bag's folder, a single file of one, or a ROS 1 bag.
    :raises InvalidDataError: if it is no readable bag.
    :raises MissingDependencyError: if ``rosbags`` is not installed.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        try:
            from kosmos_ros.recordings import storage  # noqa: PLC0415
        except ImportError as error:
            raise MissingDependencyError(
                'bags are read by rosbags, which is missing; pip install rosbags'
            ) from error
        self.path = Path(path)
        self._damaged = _DAMAGED + storage.ERRORS + _errors_of_apsw() + errors_of_unpacking()
        self._scratch = TemporaryDirectory(prefix='kosmos_ros_bag_')
        try:
            files = bag_paths(self.path, Path(self._scratch.name))
            self._storage = storage.Storage(files)
        except BaseException as error:
            self._scratch.cleanup()
            if isinstance(error, self._damaged) and not isinstance(error, KosmosError):
                raise InvalidDataError(
                    f'{self.path}: expected a bag of ROS 2 or ROS 1, got: {told(error)}; {CUT_OFF}'
                ) from error
            raise

    def close(self) -> None:
        self._storage.close()
        self._scratch.cleanup()

    @property
    def topics(self) -> tuple[ImageTopic, ...]:
        """Topics with pictures, in the order of their names; those without a message too."""
        counts: Counter[tuple[str, str]] = Counter()
        for connection in self._storage.connections:
            if connection.msgtype in _READERS:
                counts[connection.topic, connection.msgtype] += connection.msgcount
        return tuple(
            ImageTopic(*key, min(total, _MOST_MESSAGES)) for key, total in sorted(counts.items())
        )

    def topic(self, name: str = '') -> str:
        """
        Return the name of a topic with at least one picture.

        :param name: empty: the only one.
        :raises InvalidDataError: if there is no such topic, or several and none is named.
        """
        names = [topic.name for topic in self.topics if topic.count]
        if not names:
            held = ', '.join(sorted({one.topic for one in self._storage.connections}))
            raise InvalidDataError(
                f'{self.path}: expected a topic of {" or ".join(_READERS)}, the bag holds '
                f'{readable(held[:_SHOWN]) or "nothing"}'
            )
        if not name and len(names) == 1:
            return names[0]
        if name not in names:
            wanted = f'got {name!r}' if name else 'and none was named'
            raise InvalidDataError(
                f'{self.path}: expected one of the image topics '
                f'{readable(", ".join(names)[:_SHOWN])}, {wanted}'
            )
        return name

    def images(self, topic: str) -> Iterator[BagImage]:
        """
        Return the images of a topic in the order of their recording.

        A message that cannot be deserialised is returned too; reading it fails. The bits in use of
        16-bit images are those seen in the images read before.

        :raises InvalidDataError: if the bag is damaged, when that is noticed.
        """
        messages = self._storage.messages(topic)
        depth = BitDepth()
        for number in count():
            try:
                connection, received_ns, data = next(messages)
            except StopIteration:
                return
            except self._damaged as error:
                raise InvalidDataError(
                    f'{self.path}: damaged after {number} messages of {readable(topic[:_SHOWN])} '
                    f'({told(error)})'
                ) from error
            if connection.msgtype in _READERS:
                yield self._image(connection, number, received_ns, data, depth)

    def _image(
        self, connection: Any, number: int, received_ns: int, data: bytes, depth: BitDepth
    ) -> BagImage:
        topic, kind = connection.topic, connection.msgtype
        try:
            message: Any = self._storage.deserialize(connection, unpacked(data))
            stamp = message.header.stamp
            stamp_ns = int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)
        except self._damaged as error:
            return BagImage(topic, number, received_ns, received_ns, _failing(error))

        def read() -> RgbImage:
            try:
                return _READERS[kind](message, depth)
            except InvalidImageError:
                raise
            except self._damaged as error:
                raise _unusable(error) from error

        return BagImage(topic, number, stamp_ns, received_ns, read)


def _errors_of_apsw() -> tuple[type[Exception], ...]:
    """Return the SQLite errors of newer versions of ``rosbags`` on damaged files."""
    library: Any = sys.modules.get('apsw')
    return () if library is None else (library.Error,)


def _failing(error: BaseException) -> Callable[[], RgbImage]:
    def read() -> RgbImage:
        raise _unusable(error)

    return read


def _unusable(error: BaseException) -> InvalidImageError:
    return InvalidImageError(f'the message of the bag cannot be read ({told(error)})')
