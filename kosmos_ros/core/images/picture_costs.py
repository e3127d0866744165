# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What reading a picture may cost, and refusing those that would cost more, by their headers.

A small file can demand a lot: a JPEG of thousands of empty scans, a TIFF of a few pixels in one
huge tile, a PNG of texts that inflate. So what a file says of itself is looked at before it is
decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
import math
import os
import re
import struct
from typing import BinaryIO

from PIL import Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.deep_pictures import is_deep_colour

PICTURE_MEMORY = 300_000_000
"""Bytes that reading a picture may take beside those of its file, with the result."""

PICTURE_SECONDS = 1.0
"""About how long reading a picture takes at most, on one core of a desktop computer."""

MAX_PIXELS = 40_000_000
"""Larger images are refused: 120 MB as RGB, and beyond what cameras of robots deliver."""

_LONGEST_SIDE = 65_535
"""As of a JPEG; a picture of a single row or column costs several times as much a pixel."""

_MOST_SCANS = 100
_MOST_SEGMENTS = 1_000
_MOST_CHUNKS = 50_000
_MOST_COMPRESSED_CHUNKS = 16
"""Parts of a file beside its pixels; each inflates to 1 MB in Pillow."""

_FEWER_PIXELS = {
    'WEBP': 16_000_000,  # 16 bytes a pixel
    'AVIF': 16_000_000,
    'HEIF': 16_000_000,
    'JPEG2000': 2_000_000,  # 0.5 seconds a million
    'scans': 20_000_000,  # 12 bytes a pixel: all coefficients are kept
    'deep': 12_000_000,  # 21 bytes a pixel
    'ppm': 500_000,  # 1.5 seconds a million: this decoder of Pillow is in Python
    'ppm_plain': 500_000,
}
"""What costs more a pixel: formats, kinds of JPEG and of values, and Pillow's decoders."""

_TIFF_COMPRESSIONS = frozenset(
    [
        'raw',
        'packbits',
        'tiff_lzw',
        'tiff_deflate',
        'tiff_adobe_deflate',
        'jpeg',
        'tiff_ccitt',
        'group3',
        'group4',
    ]
)
"""Not those whose memory is what the file says it is, nor pictures of other formats."""

_SIDES, _TILE_SIDES = (256, 257), (322, 323)
"""Tags of width and length, TIFF 6.0, sections 3 and 15."""

_JPEG_MARKER = re.compile(rb'\xff+([\x02-\xcf\xd8-\xfe])')
_START_OF_SCAN, _END_OF_IMAGE, _START_OF_IMAGE = 0xDA, 0xD9, 0xD8  # ITU-T T.81, table B.1

_JPEG2000_SIZE = re.compile(rb'\xff\x4f\xff\x51.{4}(.{34})', re.DOTALL)  # ITU-T T.800, A.5.1


def check_file(stream: BinaryIO) -> int:
    """
    Refuse files whose structure alone would cost too much.

    :param stream: at the start of the file, where it is left.
    :returns: how many pixels the picture may have.
    :raises InvalidImageError: saying what there is too much of.
    """
    most = MAX_PIXELS
    _check('bytes', stream.seek(0, os.SEEK_END), PICTURE_MEMORY)
    stream.seek(0)
    start = stream.read(13)
    if start.startswith(b'\xff\xd8'):
        most = _check_jpeg(start + stream.read())
    elif start.startswith(b'\x89PNG'):
        _check_png(stream)
    elif start.startswith(b'GIF'):
        _check('blocks before the picture', _gif_blocks(stream, start), _MOST_SEGMENTS)
    elif start.startswith((b'\xff\x4f', b'\0\0\0\x0cjP')):
        _check_jpeg2000(start + stream.read())
    stream.seek(0)
    return most


def check_picture(picture: Image.Image, most: int) -> None:
    """
    Refuse pictures whose pixels would cost too much.

    :param picture: just opened, not loaded.
    :param most: what ``check_file`` returned.
    :raises InvalidImageError: saying what there is too much of.
    """
    check_size(*picture.size)
    _check('pixels on a side', max(picture.size), _LONGEST_SIDE)
    tiles = getattr(picture, 'tile', ())
    decoder = tiles[0][0] if tiles else ''
    kinds = {picture.format, 'deep' if is_deep_colour(picture) else decoder}
    check_size(*picture.size, min(most, *(_FEWER_PIXELS.get(kind or '', most) for kind in kinds)))
    if decoder == 'bmp_rle':
        raise InvalidImageError('a BMP with run-length encoding is not read; save it without')
    if picture.format == 'TIFF':
        _check_tiff(picture)


def check_size(width: int, height: int, most: int = MAX_PIXELS, what: str = 'image') -> None:
    """
    Refuse images without pixels and images with too many.

    :raises InvalidImageError: naming the size and the limit.
    """
    if width <= 0 or height <= 0:
        raise InvalidImageError(f'the {what} has no pixels ({width}x{height})')
    if width * height > most:
        kind = '' if most == MAX_PIXELS else ' for a picture of this kind'
        raise InvalidImageError(
            f'the {what} of {width}x{height} is larger than the limit of {most} pixels{kind}'
        )


def _check(what: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidImageError(f'it has more {what} than the limit of {most}')


def _check_jpeg(data: bytes) -> int:
    kinds = list(islice(_jpeg_segments(data), _MOST_SEGMENTS + 1))
    _check('segments', len(kinds), _MOST_SEGMENTS)
    scans = kinds.count(_START_OF_SCAN)
    _check('scans', scans, _MOST_SCANS)
    return _FEWER_PIXELS['scans'] if scans > 1 else MAX_PIXELS


def _jpeg_segments(data: bytes) -> Iterator[int]:
    """Yield the kinds of the segments, as libjpeg finds them in sound and damaged files."""
    at = 0
    while marker := _JPEG_MARKER.search(data, at):
        kind, at = marker[1][0], marker.end()
        if kind == _END_OF_IMAGE:
            return
        if kind != _START_OF_IMAGE:
            yield kind
            at += int.from_bytes(data[at : at + 2], 'big')


def _check_png(stream: BinaryIO) -> None:
    counts = {b'IDAT': 0, b'': 0, b'compressed': 0}
    stream.seek(8)
    while len(head := stream.read(8)) == 8 and head[4:] != b'IEND':
        kind = head[4:] if head[4:] == b'IDAT' else b''
        counts[kind] += 1
        counts[b'compressed'] += head[4:] in (b'zTXt', b'iTXt', b'iCCP')
        _check('chunks', counts[b'IDAT'], _MOST_CHUNKS)
        _check('chunks beside its pixels', counts[b''], _MOST_SEGMENTS)
        _check('compressed texts', counts[b'compressed'], _MOST_COMPRESSED_CHUNKS)
        stream.seek(int.from_bytes(head[:4], 'big') + 4, os.SEEK_CUR)


def _gif_blocks(stream: BinaryIO, start: bytes) -> int:
    """Count the blocks of extensions before the first picture, see GIF 89a."""
    if len(start) == 13 and start[10] & 0x80:
        stream.seek(3 << (start[10] & 7) + 1, os.SEEK_CUR)
    blocks = 0
    while stream.read(2)[:1] == b'!' and blocks <= _MOST_SEGMENTS:
        while size := int.from_bytes(stream.read(1), 'big'):
            stream.seek(size, os.SEEK_CUR)
            blocks += 1
        blocks += 1
    return blocks


def _check_jpeg2000(data: bytes) -> None:
    """Check all that could be the header of the picture: wrappers may hide the real one."""
    for header in _JPEG2000_SIZE.finditer(data):
        right, lower, _, _, width, height, _, _, components = struct.unpack('>8IH', header[1])
        check_size(right, lower, _FEWER_PIXELS['JPEG2000'])
        tiles = math.ceil(right / max(width, 1)) * math.ceil(lower / max(height, 1))
        _check('tiles', tiles, _MOST_SEGMENTS)
        _check('colours', components, 4)


def _check_tiff(picture: Image.Image) -> None:
    compression = picture.info.get('compression')
    if compression not in _TIFF_COMPRESSIONS:
        raise InvalidImageError(
            f'a TIFF compressed by {compression} is not read; save it with LZW or Deflate'
        )
    tags = getattr(picture, 'tag_v2', {})
    tile = [tags.get(tag, 1) for tag in _TILE_SIDES]
    if any(not isinstance(side, int) or side <= 0 for side in tile):
        raise InvalidImageError(f'a TIFF with tiles of {tile} pixels')
    width, height = (
        math.ceil(tags[tag] / side) * side for tag, side in zip(_SIDES, tile, strict=True)
    )
    check_size(width, height)
