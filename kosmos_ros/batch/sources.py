# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where many pictures come from: a folder, or the images of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
import os
from pathlib import Path
from typing import Protocol

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images import load_image, RgbImage

ENDINGS = frozenset(
    ('.png', '.jpg', '.jpeg', '.bmp', '.webp', '.tif', '.tiff', '.gif', '.ppm', '.pgm', '.jp2')
)
"""Endings of the files of a folder that are taken for pictures, in lower case."""

_BAG_FILES = frozenset(('.mcap', '.db3', '.bag'))


@dataclass(frozen=True, eq=False)
class Shot:
    """
    A picture that is not read yet.

    ``name`` is a path relative to the folder, or topic and number in a recording; no other shot
    of the source has it. ``stamp_ns`` is when a recorded image was taken, in nanoseconds.
    """

    name: str
    read: Callable[[], RgbImage]
    """
    Returns (H, W, 3) uint8 RGB, upright.

    Raises ``InvalidImageError`` or ``OSError`` if it cannot be read.
    """
    stamp_ns: int | None = None


class Source(Protocol):
    """Pictures in a fixed order."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __iter__(self) -> Iterator[Shot]:
        """Return them one by one."""
        ...


class FolderSource:
    """
    The pictures in a folder and in the folders below it, in the order of their names.

    :param folder: links to other folders are not followed.
    :param every: only each so-manieth picture.
    :param without: a folder that is passed over.
    :raises InvalidRequestError: if the folder holds no picture.
    """

    def __init__(self, folder: Path, every: int = 1, without: Path | None = None) -> None:
        self._folder = folder
        self._every = every
        self._without = None if without is None else without.resolve()
        self._count = sum(1 for _ in self._paths())
        if not self._count:
            raise InvalidRequestError(
                f'{folder}: expected pictures ({", ".join(sorted(ENDINGS))}) or a bag, found none'
            )

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return self._count

    def __iter__(self) -> Iterator[Shot]:
        """Return the pictures."""
        for path in self._paths():
            yield Shot(_name(path.relative_to(self._folder)), partial(load_image, path))

    def _paths(self) -> Iterator[Path]:
        return islice(self._all_paths(), 0, None, self._every)

    def _all_paths(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self._folder):
            here = Path(folder)
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith('.') and (here / name).resolve() != self._without
            )
            for name in sorted(files):
                if not name.startswith('.') and Path(name).suffix.lower() in ENDINGS:
                    yield here / name


class BagSource:
    """
    The images of one topic of a recording.

    :param path: of the bag, ROS 1 or 2.
    :param topic: empty: the only image topic there is.
    :param every: only each so-manieth image.
    :raises InvalidDataError: if it is no bag, or has no such topic.
    :raises MissingDependencyError: if ``rosbags`` is not installed.
    """

    def __init__(self, path: Path, topic: str = '', every: int = 1) -> None:
        from kosmos_ros.datasets.bags import ImageBag  # noqa: PLC0415

        self._open = partial(ImageBag, path)
        self._every = every
        with self._open() as bag:
            self.topic = bag.topic(topic)
            held = sum(one.count for one in bag.topics if one.name == self.topic)
        self._count = -(-held // every)

    def __len__(self) -> int:
        """Return how many images there are."""
        return self._count

    def __iter__(self) -> Iterator[Shot]:
        """Return the images; each can be read until the next one is asked for."""
        folder = self.topic.strip('/') or 'images'
        with self._open() as bag:
            for image in islice(bag.images(self.topic), 0, None, self._every):
                yield Shot(f'{folder}/{image.number:06d}', image.read, image.stamp_ns)


def open_source(
    path: Path, topic: str = '', every: int = 1, without: Path | None = None
) -> Source:
    """
    Return the pictures at a path.

    :param path: a folder of pictures, or a bag: its folder or a file of it.
    :param topic: of a bag.
    :param every: only each so-manieth picture, from 1.
    :param without: a folder below the path that is passed over.
    :raises FileNotFoundError: if there is nothing at the path.
    :raises InvalidRequestError: if there is no picture in it.
    """
    if every < 1:
        raise InvalidRequestError(f'--every must be 1 or more, got {every}')
    if not path.exists():
        raise FileNotFoundError(f'there is no folder or bag {path}')
    if (path / 'metadata.yaml').is_file() or path.suffix in _BAG_FILES:
        return BagSource(path, topic, every)
    if topic:
        raise InvalidRequestError(f'--topic is for bags, {path} is none')
    if not path.is_dir():
        raise InvalidRequestError(
            f'{path}: expected a folder of pictures or a bag; one picture is for '
            '"kosmos-ros ground"'
        )
    return FolderSource(path, every, without)


def _name(path: Path) -> str:
    """Return a path as text; bytes that are no UTF-8, which file names may hold, escaped."""
    return path.as_posix().encode('utf-8', 'backslashreplace').decode('utf-8')
