# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which picture formats are opened, and how the first bytes of a file show them."""

from __future__ import annotations

from functools import cache
import re
from typing import BinaryIO

from PIL import Image

from kosmos_ros.core.errors import InvalidImageError

FORMATS = ('PNG', 'JPEG', 'BMP', 'WEBP', 'TIFF', 'GIF', 'PPM', 'JPEG2000', 'AVIF')
"""
Formats that are opened, and HEIF where ``pillow_heif`` is installed; the others of Pillow start
programs or are rarely checked. Pillow before 11.3 lacks AVIF.
"""

ON_TOPICS = ('JPEG', 'PNG', 'TIFF')
"""What cameras send, and ``image_transport`` writes: only these are opened for messages."""

HEAD = 64
"""Bytes from the start of a file that show its format."""

_HEIF = frozenset(
    (b'heic', b'heix', b'heim', b'heis', b'hevc', b'hevx', b'hevm', b'hevs', b'mif1', b'msf1')
)
_AVIF = frozenset((b'avif', b'avis'))

_STARTS = re.compile(
    rb'\x89PNG\r\n\x1a\n|\xff\xd8\xff|BM.{4}\0{4}|RIFF.{4}WEBP|GIF8[79]a|P[1-6]\s'
    rb'|\0\0\0\x0cjP  |\xff\x4f\xff\x51',
    re.DOTALL,
)


def is_picture(head: bytes) -> bool:
    """
    Tell whether a file begins like one of ``FORMATS`` or of HEIF.

    Not of TIFF: raw files of cameras begin so too, and what opens there is a thumbnail.

    :param head: its first ``HEAD`` bytes.
    """
    return _STARTS.match(head) is not None or bool(_brands(head) & (_AVIF | _HEIF))


def formats_for(stream: BinaryIO, formats: tuple[str, ...] = FORMATS) -> tuple[str, ...]:
    """
    Return the names of Pillow's formats that a file may be opened as.

    :param stream: at the start of the file, where it is left.
    :param formats: those that it may have; HEIF is one more of ``FORMATS``.
    :raises InvalidImageError: if it is of a format that needs something to be installed.
    """
    brands = _brands(stream.read(HEAD)) if formats == FORMATS else frozenset()
    stream.seek(0)
    if brands & _AVIF:
        if '.avif' not in Image.registered_extensions():
            raise InvalidImageError('an AVIF picture, which needs Pillow 11.3 or newer')
    elif brands & _HEIF:
        return _heif()
    return tuple(name for name in formats if name in _available())


def _brands(head: bytes) -> frozenset[bytes]:
    """Return the kinds that a file of ISO's base media format (ISO/IEC 14496-12) says it is of."""
    if head[4:8] != b'ftyp':
        return frozenset()
    end = min(int.from_bytes(head[:4], 'big'), len(head))
    return frozenset((head[8:12], *(head[at : at + 4] for at in range(16, end, 4))))


@cache
def _available() -> frozenset[str]:
    Image.init()
    return frozenset(Image.OPEN)


def _heif() -> tuple[str, ...]:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415
    except ImportError as error:
        raise InvalidImageError(
            'an HEIC or HEIF picture, which needs pillow-heif; pip install pillow-heif'
        ) from error
    register_heif_opener()
    return ('HEIF',)
