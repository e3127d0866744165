# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Small files that would cost a lot are refused, and what is read stays within the limits."""

from __future__ import annotations

import io
import os
from pathlib import Path
import random
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.images import decode_image, load_image
from kosmos_ros.core.images.picture_costs import check_size, MAX_PIXELS, PICTURE_MEMORY

MUTATIONS = int(os.environ.get('KOSMOS_ROS_MUTATIONS', '30'))
"""Of each format; more find more."""

SMALL = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8))
SCAN = b'\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00\x00'  # of no data
FORMATS = ('JPEG', 'PNG', 'TIFF', 'GIF', 'BMP', 'PPM', 'WEBP', 'JPEG2000')


def encoded(picture: Image.Image, format_: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack('>I', zlib.crc32(kind + data))
    return struct.pack('>I', len(data)) + kind + data + checksum


def png_with(chunks: bytes) -> bytes:
    data = encoded(SMALL, 'PNG')
    return data[:33] + chunks + data[33:]


def jpeg_with_scans(count: int, size: tuple[int, int] = (64, 48)) -> bytes:
    data = encoded(Image.new('RGB', size), 'JPEG', progressive=True)
    return data[:-2] + SCAN * count + data[-2:]


def in_a_tile(width: int, length: int) -> bytes:
    """Return a TIFF of a few pixels in one huge tile."""
    values = {256: 8, 257: 8, 258: 8, 259: 5, 262: 1, 277: 1, 322: width, 323: length}
    tags = sorted((values | {324: 8, 325: 1}).items())
    entries = b''.join(struct.pack('<HHII', tag, 4, 1, value) for tag, value in tags)
    return b'II*\0' + struct.pack('<IH', 8, len(tags)) + entries + bytes(4)


def jpeg2000(width: int, height: int, tile: int) -> bytes:
    data = bytearray(encoded(SMALL, 'JPEG2000', no_jp2=True))
    struct.pack_into('>8I', data, 8, width, height, 0, 0, tile, tile, 0, 0)
    return bytes(data)


BMP = bytearray(encoded(SMALL.convert('P'), 'BMP'))
BMP[30] = 1  # run-length encoding

COSTLY = {
    'scans': (jpeg_with_scans(12_000), 'segments than the limit'),
    'few segments, many scans': (jpeg_with_scans(200), 'scans than the limit'),
    'scans of a large picture': (jpeg_with_scans(2, (5000, 5000)), 'a picture of this kind'),
    'JPEG segments': (b'\xff\xd8' + b'\xff\xfe\0\2' * 50_000, 'segments than the limit'),
    'texts': (png_with(chunk(b'tEXt', b'a\0b') * 2000), 'chunks beside its pixels'),
    'texts that inflate': (
        png_with(chunk(b'zTXt', b'a\0\0' + zlib.compress(bytes(10**6))) * 60),
        'compressed texts',
    ),
    'chunks of no pixels': (png_with(chunk(b'IDAT', b'') * 60_000), 'more chunks'),
    'a column': (encoded(Image.new('1', (1, 100_000)), 'PNG'), 'pixels on a side'),
    'comments': (b'GIF89a' + bytes(7) + b'!\xfe\1a\0' * 50_000 + b',', 'blocks'),
    'a tile': (in_a_tile(65_520, 65_520), 'larger than the limit'),
    'a tile without a side': (in_a_tile(16, 0), 'tiles of'),
    'LZMA': (encoded(SMALL, 'TIFF', compression='lzma'), 'TIFF compressed by lzma'),
    'tiles': (jpeg2000(1000, 1000, 1), 'tiles than the limit'),
    'a large JPEG 2000': (jpeg2000(4000, 3000, 4000), 'a picture of this kind'),
    'a large WEBP': (encoded(Image.new('RGB', (5000, 4000)), 'WEBP', lossless=True), 'this kind'),
    'BMP': (bytes(BMP), 'run-length'),
    'PPM': (b'P6 2000 2000 100\n' + bytes(12_000_000), 'a picture of this kind'),
}


@pytest.mark.parametrize('name', COSTLY)
def test_a_file_that_would_cost_a_lot_is_refused(name: str) -> None:
    data, message = COSTLY[name]
    with pytest.raises(InvalidImageError, match=message):
        decode_image(data)


def test_a_file_larger_than_any_picture_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / 'huge.jpg'
    with path.open('wb') as stream:
        stream.write(b'\xff\xd8')
        stream.truncate(PICTURE_MEMORY + 1)
    with pytest.raises(InvalidImageError, match='more bytes than the limit'):
        load_image(path)


def test_what_cameras_and_programs_write_is_read() -> None:
    icc = {'icc_profile': b'profile' * 20_000}
    for data in (
        jpeg_with_scans(50),
        encoded(SMALL, 'JPEG', restart_marker_blocks=1, **icc),
        encoded(SMALL, 'PNG', **icc),
        encoded(SMALL, 'TIFF', compression='tiff_lzw', **icc),
        encoded(SMALL, 'WEBP', save_all=True, append_images=[SMALL.rotate(90)]),
        encoded(SMALL, 'JPEG2000', tile_size=(16, 16)),
    ):
        assert decode_image(data).shape == (48, 64, 3)


@pytest.mark.parametrize('size', [(0, 4), (4, 0), (MAX_PIXELS + 1, 1)])
def test_sizes(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidImageError, match=r'the depth image (has no pixels|of)'):
        check_size(*size, what='depth image')


def black_png(side: int, depth: int) -> bytes:
    """Return a square with transparency."""
    header = struct.pack('>IIBBBBB', side, side, depth, 6, 0, 0, 0)
    rows = zlib.compress(bytes((1 + side * 4 * depth // 8) * side), 1)
    parts = chunk(b'IHDR', header) + chunk(b'IDAT', rows) + chunk(b'IEND', b'')
    return b'\x89PNG\r\n\x1a\n' + parts


def largest() -> list[bytes]:
    """Return files as large as they may be, of the kinds that need most memory."""
    return [
        encoded(Image.new('CMYK', (4470, 4470)), 'JPEG', progressive=True),
        black_png(6300, 8),
        black_png(3460, 16),
        encoded(Image.new('RGB', (4000, 4000)), 'WEBP', lossless=True, method=0, quality=0),
    ]


def test_the_largest_pictures_are_read_within_the_memory(tmp_path: Path) -> None:
    # The process is the limit's own: whatever a decoder takes counts, also what it does not use.
    script = (
        'import resource, sys\n'
        'from kosmos_ros.core.images.images import load_image\n'
        'from kosmos_ros.core.images.picture_costs import PICTURE_MEMORY\n'
        'load_image(sys.argv[1])\n'
        'used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()\n'
        'resource.setrlimit(resource.RLIMIT_AS, (used + PICTURE_MEMORY,) * 2)\n'
        'for path in sys.argv[2:]:\n'
        '    print(load_image(path).shape)\n'
    )
    paths = []
    for index, data in enumerate([encoded(SMALL, 'PNG'), *largest()]):
        path = tmp_path / str(index)
        path.write_bytes(data)
        paths.append(str(path))
    result = subprocess.run(
        [sys.executable, '-c', script, *paths],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == len(paths) - 1


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change what is mostly the header: flip, insert, repeat, remove, or write large numbers."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(min(len(changed), chance.choice((32, 64, 200, 10_000))))
        end = at + chance.randrange(1, 40)
        part = chance.choice(
            (
                chance.randbytes(1),
                chance.choice((b'\xff', b'\x7f')) * 4,
                struct.pack(chance.choice('<>') + 'I', chance.choice((6000, 65_536, 1 << 31))),
                changed[at:end] * chance.choice((0, 2, 2000)),
            )
        )
        changed[at : at + len(part) if len(part) < 5 else end] = part
        changed = changed or bytearray(data)
    return bytes(changed)


def outcome(data: bytes) -> str:
    """Return why a file is refused."""
    try:
        decode_image(data)
    except InvalidImageError as error:
        return str(error)
    return ''


@pytest.mark.parametrize('format_', FORMATS)
def test_changed_files_are_read_or_refused_within_the_limits(format_: str) -> None:
    resource = pytest.importorskip('resource')
    chance = random.Random(format_)
    sound = encoded(SMALL.convert('P') if format_ == 'GIF' else SMALL, format_)
    files = [mutated(sound, chance) for _ in range(MUTATIONS)]
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + PICTURE_MEMORY, before[1]))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            outcomes = [outcome(data) for data in files]
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert not [data for data, said in zip(files, outcomes, strict=True) if 'memory' in said]
