# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder are pictures; all others are reported."""

from __future__ import annotations

from collections.abc import Iterator
import os
from pathlib import Path

from kosmos_ros.core.images.formats import HEAD, is_picture
from kosmos_ros.core.notes import Notes

ENDINGS = frozenset(
    (
        *('.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.bmp', '.dib', '.webp', '.tif', '.tiff'),
        *('.gif', '.ppm', '.pgm', '.pbm', '.pnm', '.jp2', '.j2k', '.jpx', '.jxl'),
        *('.avif', '.avifs', '.heic', '.heif', '.hif'),
    )
)
"""Endings of files that count as pictures, in lower case, whatever their content."""

_OWN_PICTURE = '.grounded.png'
_OWN_RESULTS = ('answers.jsonl', 'records.jsonl')

_NO_PICTURE = 'files that are no pictures, passed over'
_WITH_BOXES = 'pictures with boxes that "kosmos-ros ground" saved, passed over'
_RESULTS = 'folders of results of "kosmos-ros batch" or "eval", passed over'
_LINK = 'links to folders, not followed'


def pictures_in(folder: Path, without: Path | None, notes: Notes) -> Iterator[Path]:
    """
    Yield the pictures in a folder and those below, in the order of their names.

    A picture has one of ``ENDINGS`` or begins like one; a file without any ending is one unless it
    is text. Names that begin with a dot are skipped, and so are files that this package has made.

    :param without: a folder to skip, resolved.
    :param notes: collect what else is skipped.
    """
    for here, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in sorted(folders)
            if not name.startswith('.') and _is_entered(Path(here, name), without, folder, notes)
        ]
        for name in sorted(files):
            path = Path(here, name)
            if name.startswith('.'):
                continue
            if name.lower().endswith(_OWN_PICTURE):
                notes.add(_WITH_BOXES, _shown(path, folder))
            elif _is_taken(path):
                yield path
            else:
                notes.add(_NO_PICTURE, _shown(path, folder))


def _is_entered(path: Path, without: Path | None, folder: Path, notes: Notes) -> bool:
    if path.resolve() == without:
        return False
    if any((path / name).is_file() for name in _OWN_RESULTS):
        notes.add(_RESULTS, _shown(path, folder))
        return False
    if path.is_symlink():
        notes.add(_LINK, _shown(path, folder))
    return True


def _is_taken(path: Path) -> bool:
    """Tell whether a file is to be opened as a picture, or reported as one that cannot be."""
    if path.exists() and not path.is_file():
        return False  # a pipe would never end
    if path.suffix.lower() in ENDINGS:
        return True
    try:
        with path.open('rb') as stream:
            head = stream.read(HEAD)
    except OSError:
        return not path.suffix
    return is_picture(head) or not (path.suffix or _is_text(head))


def _is_text(head: bytes) -> bool:
    # A character may be cut at the end.
    return b'\0' not in head and '\ufffd' not in head.decode('utf-8', 'replace')[:-1]


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)).encode('utf-8', 'backslashreplace').decode('utf-8')
