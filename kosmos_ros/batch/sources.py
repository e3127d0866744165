# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Sources of many pictures: a folder, or the images of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Protocol
from unicodedata import normalize

from PIL import Image

from kosmos_ros.batch.folder_files import ENDINGS, pictures_in
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.files import safe_path
from kosmos_ros.core.images.images import load_image, RgbImage
from kosmos_ros.core.notes import Notes
from kosmos_ros.recordings.bag_files import holds_bag_files, is_bag

_KEPT_ENDINGS = frozenset(('.png', '.jpg', '.jpeg'))
"""Formats that an annotated picture keeps; others become JPEG."""


@dataclass(frozen=True, eq=False)
class Shot:
    """
    A picture that is not read yet.

    ``name`` is a path relative to the folder, or topic and number in a recording; unique in the
    source. ``picture`` is the path of its copy with boxes, below a folder for them. ``stamp_ns``
    is when a recorded image was taken, in nanoseconds.
    """

    name: str
    picture: str
    read: Callable[[], RgbImage]
    """
    Returns (H, W, 3) uint8 RGB, upright.

    Raises ``InvalidImageError`` or ``OSError`` if it cannot be read.
    """
    stamp_ns: int | None = None


class PictureSource(Protocol):
    """Pictures in a fixed order; ``notes`` collect what was skipped."""

    notes: Notes

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __iter__(self) -> Iterator[Shot]:
        """Return them one by one."""
        ...


class FolderSource:
    """
    The pictures in a folder and below it, in the order of their names, or every n-th of them.

    ``folder_files`` says what is a picture, and what is skipped, as is the folder ``without``.
    The copies of any two have names that differ by more than the case of letters, so that none
    replaces another on any file system.

    :raises InvalidRequestError: if the folder holds no picture, or two names are written alike.
    """

    def __init__(self, folder: Path, every: int = 1, without: Path | None = None) -> None:
        self._folder = folder
        self._every = every
        self._without = None if without is None else without.resolve()
        self.notes = Notes(folder)
        names = [path.relative_to(folder) for path in self._paths(self.notes)]
        self._count = len(names)
        self._renamed = _renamed(names)
        if not self._count:
            raise InvalidRequestError(
                f'{folder}: expected pictures ({", ".join(sorted(ENDINGS))}) or a bag, found '
                f'{self.notes or "none"}'
            )

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Shot]:
        for path in self._paths(Notes(self._folder)):
            name = path.relative_to(self._folder)
            picture = self._renamed.get(name) or _copy(name)
            yield Shot(_name(name), picture, partial(load_image, path))

    def _paths(self, notes: Notes) -> Iterator[Path]:
        return islice(pictures_in(self._folder, self._without, notes), 0, None, self._every)


class BagSource:
    """
    The images of a topic of a recording, by default the only one, or every n-th of them.

    :raises InvalidDataError: if it is no bag, or has no such topic.
    :raises MissingDependencyError: if ``rosbags`` is not installed.
    """

    def __init__(self, path: Path, topic: str = '', every: int = 1) -> None:
        from kosmos_ros.recordings.bags import ImageBag  # noqa: PLC0415

        self._open = partial(ImageBag, path)
        self._every = every
        self.notes = Notes(path)
        with self._open() as bag:
            self.topic = bag.topic(topic)
            held = sum(one.count for one in bag.topics if one.name == self.topic)
        self._count = -(-held // every)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Shot]:
        """Return the images; each can be read until the next one is asked for."""
        folder = safe_path(self.topic) or 'images'
        with self._open() as bag:
            for image in islice(bag.images(self.topic), 0, None, self._every):
                name = f'{folder}/{image.number:06d}'
                yield Shot(name, f'{name}.jpg', image.read, image.stamp_ns)


def open_source(
    path: Path, topic: str = '', every: int = 1, without: Path | None = None
) -> PictureSource:
    """
    Return the pictures at a path.

    :param path: a folder of pictures, or a bag: its folder or a file of it.
    :param every: only every n-th picture, from 1.
    :param without: a folder below the path to skip.
    :raises FileNotFoundError: if there is nothing at the path.
    :raises InvalidRequestError: if there is no picture in it.
    """
    if every < 1:
        raise InvalidRequestError(f'--every must be 1 or more, got {every}')
    if not path.exists():
        raise FileNotFoundError(f'there is no folder or bag {path}')
    if is_bag(path):
        return BagSource(path, topic, every)
    try:
        if path.is_dir() and not topic:
            return FolderSource(path, every, without)
    except InvalidRequestError:
        if not holds_bag_files(path):
            raise
    if path.is_dir() and holds_bag_files(path):
        return BagSource(path, topic, every)
    if topic:
        raise InvalidRequestError(f'--topic is for bags, {path} is none')
    raise InvalidRequestError(
        f'{path}: expected a folder of pictures or a bag; one picture is for "kosmos-ros ground"'
    )


def _renamed(names: Sequence[Path]) -> dict[Path, str]:
    """
    Return the names of those copies that would replace another one.

    :raises InvalidRequestError: if two pictures have one name, as they are written in results.
    """
    written: dict[str, Path] = {}
    taken = {_on_any_system(above) for name in names for above in name.parents}
    renamed = {}
    # Pictures whose copies have their own names come first, and keep them.
    for name in sorted(names, key=lambda one: _copy(one) != _name(one)):
        if written.setdefault(_name(name), name) != name:
            raise InvalidRequestError(f'two pictures are both called {_name(name)}; rename one')
        copy = Path(_copy(name))
        for number in count(2):
            if _on_any_system(copy) not in taken:
                break
            copy = copy.with_name(f'{Path(_copy(name)).stem}_{number}{copy.suffix}')
            renamed[name] = copy.as_posix()
        taken.add(_on_any_system(copy))
    return renamed


def _on_any_system(copy: Path) -> str:
    """Return what a path is to file systems that neither tell cases nor accents' forms apart."""
    return normalize('NFC', copy.as_posix()).casefold()


def _copy(name: Path) -> str:
    """Return the name of a picture's copy: its own, or with another ending."""
    suffix = name.suffix.lower()
    if suffix in _KEPT_ENDINGS and suffix in Image.registered_extensions():
        return _name(name)
    return f'{_name(name)}.jpg'


def _name(path: Path) -> str:
    """Return a path as text, with bytes that are not UTF-8 escaped."""
    return path.as_posix().encode('utf-8', 'backslashreplace').decode('utf-8')
