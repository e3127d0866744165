# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images of messages: fields of raw ones, and what files of compressed ones say of themselves."""

from __future__ import annotations

from contextlib import suppress
import io
import struct
from types import SimpleNamespace
import warnings

from PIL import Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import check_format
from kosmos_ros.core.images.formats import FORMATS
from kosmos_ros.core.images.picture_costs import check_file, check_picture, MAX_PIXELS
from kosmos_ros.core.images.raw_images import rgb_from_raw, SUPPORTED_ENCODINGS

_FIELDS = struct.Struct('<BBIII')
_OTHERS = ('', 'rgb', 'RGB8', 'mono8\0', '32FC1', 'bayer_', 'jpeg', 'x' * 300)
_ENCODINGS = (*SUPPORTED_ENCODINGS, *_OTHERS)
warnings.simplefilter('ignore')  # of Pillow, about damaged files


def read(data: bytes) -> None:
    """Read a raw image; where the first byte is above 127, a file behind it."""
    if data[:1] > b'\x7f':
        _read_file(data[1:])
        return
    if len(data) < _FIELDS.size:
        return
    kind, endian, width, height, step = _FIELDS.unpack_from(data)
    image = SimpleNamespace(
        encoding=_ENCODINGS[kind % len(_ENCODINGS)],
        is_bigendian=endian,
        width=width,
        height=height,
        step=step,
        data=data[_FIELDS.size :],
    )
    with suppress(InvalidImageError):
        rgb = rgb_from_raw(image, BitDepth(endian % 9 + 8 if endian % 2 else 0))
        assert rgb.shape == (height, width, 3)


def _read_file(data: bytes) -> None:
    with suppress(InvalidImageError):
        check_format(SimpleNamespace(format='', data=data))
        stream = io.BytesIO(data)
        most = check_file(stream)
        assert most <= MAX_PIXELS
        assert stream.tell() == 0
        try:
            picture = Image.open(stream, formats=FORMATS)
        except Exception:  # noqa: BLE001  Pillow raises about anything on damaged files
            return
        with picture:
            check_picture(picture, most)
            assert picture.width * picture.height <= MAX_PIXELS
