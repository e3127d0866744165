# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Finding the image files of annotations.

Annotation tools write names as they saw them: with the separators of Windows, with their own
folders before them (``/data/upload/1/``, ``s3://bucket/``), escaped as in a URL, or with the
number of an upload in front (``1a2b3c4d-a.jpg``). A name is tried unchanged first, then without
these. No name leads out of the folder; links in the folder are followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
import os
from pathlib import Path
import re
from unicodedata import normalize
from urllib.parse import unquote

from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.files import path_inside
from kosmos_ros.core.notes import Notes
from kosmos_ros.datasets.photos import Photo

_UPLOAD = re.compile(r'[0-9a-f]{4,32}-(?=.)', re.IGNORECASE)

_GUESSED = "images found without the folder or prefix of their 'file_name'"


def with_files(
    photos: Mapping[str, Photo], folders: Sequence[Path], notes: Notes
) -> dict[str, Photo]:
    """
    Return photographs with the paths of their files.

    One without a file has the path where it was expected. A file that is found for several of them
    belongs to none, unless it has exactly the name of one.

    :param photos: their paths are the names in the annotations.
    :param folders: searched in this order, but first where the last file was.
    :param notes: collect names that differ from those of the files.
    :raises InvalidDataError: if there is no file at all, or all photographs have a problem.
    """
    finder = _Finder(folders)
    sound = {key: photo for key, photo in photos.items() if not photo.problem}
    if photos and not sound:
        first = next(iter(photos.values())).problem
        raise InvalidDataError(f'none of the {len(photos)} images can be used; the first: {first}')
    exact = {key: finder.exact(photo.path) for key, photo in sound.items()}
    guessed = {key: finder.guess(sound[key].path) for key, path in exact.items() if path is None}
    if not any((*exact.values(), *guessed.values())):
        name, tried = next(iter(sound.values())).path, ', '.join(map(str, folders))
        raise InvalidDataError(
            f'expected the image {name} in one of {tried}; name its folder with --images'
        )
    taken = Counter([*exact.values(), *guessed.values()])
    made = dict(photos)
    for key, photo in sound.items():
        path = exact[key] or guessed[key]
        if path is None:
            made[key] = _expected(photo, finder.folders[0], notes)
            continue
        made[key] = replace(photo, path=path)
        if exact[key] is not None:
            continue
        if taken[path] == 1:
            notes.add(_GUESSED, f'{photo.path} as {path.name}')
        else:
            told = f'image {photo.path}: {path} could be this image and others of the annotations'
            made[key] = replace(made[key], problem=f'{notes.where}: {told}')
    return made


def _expected(photo: Photo, folder: Path, notes: Notes) -> Photo:
    """Return a photograph without a file, with the path where it would have been found."""
    try:
        return replace(photo, path=path_inside(folder, photo.path))
    except InvalidDataError as error:
        return replace(photo, problem=f'{notes.where}: {error}; there is no such image')


class _Finder:
    """Looks for files in folders, first where the last one was."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = list(folders)

    def exact(self, name: Path) -> Path | None:
        """Return the file of exactly this name, which has to be below a folder."""
        for place, folder in enumerate(self.folders):
            # Unlike Path's method, this is false for names that no file can have.
            with suppress(InvalidDataError):
                path = path_inside(folder, name)
                if os.path.isfile(path):
                    self.folders.insert(0, self.folders.pop(place))
                    return path
        return None

    def guess(self, name: Path) -> Path | None:
        """Return the file of the longest part of the name that exists."""
        return next(filter(None, (self.exact(Path(other)) for other in _others(str(name)))), None)


def _others(name: str) -> Iterator[str]:
    """Yield possible names, longest first."""
    texts = dict.fromkeys(
        normalize(form, text) for text in (name, unquote(name)) for form in ('NFC', 'NFD')
    )
    for text in texts:
        parts = [part for part in re.split(r'[\\/]+', text) if part not in ('', '.', '..')]
        yield from ('/'.join(parts[start:]) for start in range(len(parts)))
    for text in texts:
        last = re.split(r'[\\/]+', text)[-1]
        if _UPLOAD.match(last):
            yield _UPLOAD.sub('', last, count=1)
