# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.images.images``."""

from __future__ import annotations

import io
import os
from pathlib import Path
import struct
import subprocess
import sys
import zlib

import cv2
import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.errors import InvalidImageError, InvalidRegionError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.images import (
    check_image,
    crop,
    decode_image,
    decode_mosaic,
    load_image,
    MAX_PIXELS,
    save_image,
)
from kosmos_ros.core.types import Region

PICTURE = np.random.default_rng(0).integers(0, 256, (7, 11, 3), dtype=np.uint8)
ORIENTATION = 0x0112  # EXIF 2.3, table 3


def encoded(picture: Image.Image, format_: str = 'PNG', **options: object) -> bytes:
    """Return an image file as bytes."""
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a black 1-bit PNG of any size that is small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack('>I', zlib.crc32(kind + data))
        return struct.pack('>I', len(data)) + kind + data + checksum

    header = struct.pack('>IIBBBBB', width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    signature = b'\x89PNG\r\n\x1a\n'
    return signature + chunk(b'IHDR', header) + chunk(b'IDAT', rows) + chunk(b'IEND', b'')


def test_a_sound_image_is_returned_as_it_is() -> None:
    assert check_image(PICTURE) is PICTURE


def test_a_view_of_other_memory_is_not_copied() -> None:
    view = PICTURE[1:, ::-2]
    assert check_image(view) is view


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (None, 'numpy array, got NoneType'),
        ([[1]], 'numpy array, got list'),
        (PICTURE.astype(np.float32), 'float32'),
        (PICTURE[..., 0], r'got \(7, 11\) uint8'),
        (np.zeros((4, 4, 4), np.uint8), r'got \(4, 4, 4\)'),
        (np.zeros((0, 4, 3), np.uint8), 'no pixels'),
        (np.zeros((4, 0, 3), np.uint8), 'no pixels'),
        (np.broadcast_to(np.uint8(0), (MAX_PIXELS + 1, 1, 3)), 'larger than the limit'),
    ],
)
def test_what_is_no_image_is_refused(image: object, message: str) -> None:
    with pytest.raises(InvalidImageError, match=message):
        check_image(image)


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 3000, 3), (3000, 1, 3)])
def test_extreme_shapes_are_images(shape: tuple[int, int, int]) -> None:
    assert check_image(np.zeros(shape, np.uint8)).shape == shape


@pytest.mark.parametrize('ending', ['png', 'bmp', 'tiff', 'ppm'])
def test_lossless_files_survive_the_round_trip(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f'picture.{ending}'
    save_image(path, PICTURE)
    np.testing.assert_array_equal(load_image(path), PICTURE)


@pytest.mark.parametrize('format_', ['JPEG', 'WEBP'])
def test_lossy_files_come_close(format_: str) -> None:
    smooth = np.linspace(0, 255, 64 * 64 * 3).astype(np.uint8).reshape(64, 64, 3)
    decoded = decode_image(encoded(Image.fromarray(smooth), format_, quality=95))
    assert np.abs(decoded.astype(int) - smooth).mean() < 4


@pytest.mark.parametrize('orientation', range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = {
        1: PICTURE,
        2: PICTURE[:, ::-1],
        3: PICTURE[::-1, ::-1],
        4: PICTURE[::-1],
        5: PICTURE.transpose(1, 0, 2),
        6: np.rot90(PICTURE, -1),
        7: np.rot90(PICTURE, 2).transpose(1, 0, 2),
        8: np.rot90(PICTURE),
    }[orientation]
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(Image.fromarray(PICTURE), exif=exif)
    np.testing.assert_array_equal(decode_image(data), upright)


def test_16_bit_grey_is_scaled_not_clipped() -> None:
    levels = np.array([[0, 257, 0x7FFF, 0x8080, 0xFFFF]], np.uint16)
    decoded = decode_image(encoded(Image.fromarray(levels)))
    np.testing.assert_array_equal(decoded[0, :, 0], [0, 1, 127, 128, 255])
    np.testing.assert_array_equal(decoded[..., 0], decoded[..., 2])


@pytest.mark.parametrize('format_', ['PNG', 'TIFF'])
def test_10_and_12_bit_grey_is_as_bright_as_8_bit(format_: str) -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for bits in (10, 12, 14):
        values = np.round(grey / 255 * (2**bits - 1)).astype(np.uint16)
        decoded = decode_image(encoded(Image.fromarray(values), format_))
        np.testing.assert_array_equal(decoded[..., 0], grey)
        darker = decode_image(encoded(Image.fromarray(values // 4), format_), BitDepth(bits))
        np.testing.assert_allclose(darker[..., 0], grey / 4, atol=1)


@pytest.mark.parametrize('kind', ['png', 'tiff', 'ppm'])
@pytest.mark.parametrize('top', [1023, 4095, 65535])
def test_16_bit_colours_are_scaled_as_grey_is(kind: str, top: int) -> None:
    rgb = np.random.default_rng(0).integers(0, top, (9, 7, 3), np.uint16, endpoint=True)
    rgb[0, 0] = top
    data = cv2.imencode(f'.{kind}', rgb[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(decode_image(data), np.round(rgb / top * 255))


def test_of_16_bit_transparency_all_bits_count() -> None:
    layers = np.zeros((1, 3, 4), np.uint16)
    layers[0, :, 2] = 4095  # OpenCV has blue first
    layers[0, :, 3] = [65535, 0, 13107]
    decoded = decode_image(cv2.imencode('.png', layers)[1].tobytes())
    np.testing.assert_array_equal(decoded[0, :2], [[255, 0, 0], [255, 255, 255]])
    np.testing.assert_allclose(decoded[0, 2], [255, 204, 204], atol=1)


@pytest.mark.parametrize('orientation', [3, 6])
def test_exif_orientation_is_applied_to_16_bit_images(orientation: int) -> None:
    values = np.arange(6, dtype=np.uint16).reshape(2, 3) * 800
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    decoded = decode_image(encoded(Image.fromarray(values), exif=exif))
    upright = np.rot90(values, {3: 2, 6: -1}[orientation])
    np.testing.assert_array_equal(decoded[..., 0], np.round(upright / 4095 * 255))


def test_a_damaged_16_bit_image_is_refused() -> None:
    rgb = np.random.default_rng(0).integers(0, 4096, (50, 50, 3), np.uint16)
    for pixels in (rgb, rgb[..., 0]):
        data = cv2.imencode('.png', pixels)[1].tobytes()
        with pytest.raises(InvalidImageError, match='damaged'):
            decode_image(data[: len(data) // 2])


def test_a_mosaic_has_one_value_for_each_pixel() -> None:
    for values in (PICTURE[..., 0], PICTURE[..., 0].astype(np.uint16) * 16):
        np.testing.assert_array_equal(decode_mosaic(encoded(Image.fromarray(values))), values)
    assert decode_mosaic(encoded(Image.fromarray(PICTURE))) is None


def test_deeper_grey_is_refused() -> None:
    levels = np.array([[0, 100_000]], np.int32)
    with pytest.raises(InvalidImageError, match='beyond 16 bit'):
        decode_image(encoded(Image.fromarray(levels), 'TIFF'))
    with pytest.raises(InvalidImageError, match='beyond 16 bit'):
        decode_image(encoded(Image.fromarray(levels.astype(np.float32)), 'TIFF'))


def test_transparency_is_laid_on_white() -> None:
    layers = np.zeros((1, 3, 4), np.uint8)
    layers[0, :, 0] = 200
    layers[0, :, 3] = [255, 0, 51]
    decoded = decode_image(encoded(Image.fromarray(layers)))
    np.testing.assert_array_equal(decoded[0, 0], [200, 0, 0])
    np.testing.assert_array_equal(decoded[0, 1], [255, 255, 255])
    np.testing.assert_allclose(decoded[0, 2], [244, 204, 204], atol=1)


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    picture = Image.new('P', (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    decoded = decode_image(encoded(picture, transparency=1))
    np.testing.assert_array_equal(decoded[0], [[10, 20, 30], [255, 255, 255]])


def test_cmyk_and_one_bit_become_rgb() -> None:
    cmyk = decode_image(encoded(Image.new('CMYK', (8, 8), (0, 255, 255, 0)), 'JPEG'))
    np.testing.assert_allclose(cmyk, np.broadcast_to([255, 0, 0], (8, 8, 3)), atol=6)
    bits = decode_image(encoded(Image.new('1', (3, 2), 1)))
    np.testing.assert_array_equal(bits, np.full((2, 3, 3), 255))


def test_the_first_picture_of_an_animation_counts() -> None:
    frames = [Image.new('RGB', (4, 4), color) for color in ('red', 'blue')]
    data = encoded(frames[0], 'GIF', save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(decode_image(data)[0, 0], [255, 0, 0])


@pytest.mark.filterwarnings('ignore::PIL.Image.DecompressionBombWarning')
@pytest.mark.parametrize('size', [(20_000, 20_000), (7072, 7071), (12_000, 12_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    # Whoever decoded a pixel would find the file damaged first.
    for data in (bomb(*size), bomb(*size)[:60]):
        with pytest.raises(InvalidImageError, match='larger than the limit'):
            decode_image(data)


def test_a_bomb_is_refused_under_a_memory_limit() -> None:
    script = (
        'import resource, sys\n'
        'from kosmos_ros.core.errors import InvalidImageError\n'
        'from kosmos_ros.core.images.images import decode_image\n'
        'used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()\n'
        'resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)\n'
        'try:\n'
        '    decode_image(sys.stdin.buffer.read())\n'
        'except InvalidImageError as error:\n'
        '    print(error)\n'
    )
    result = subprocess.run(
        [sys.executable, '-c', script],
        input=bomb(20_000, 20_000),
        capture_output=True,
        check=True,
        env=os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    assert b'larger than the limit' in result.stdout


@pytest.mark.parametrize(
    ('data', 'message'),
    [
        (b'', 'not an image'),
        (b'\x00' * 1000, 'not an image'),
        (b'%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n', 'not an image'),
        (encoded(Image.fromarray(PICTURE))[:60], 'damaged'),
        (encoded(Image.fromarray(PICTURE), 'JPEG')[:400], 'damaged'),
    ],
)
def test_damaged_data_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidImageError, match=message):
        decode_image(data)


@pytest.mark.filterwarnings('ignore::UserWarning:PIL')
def test_flipped_bytes_never_raise_anything_else() -> None:
    random = np.random.default_rng(1)
    for format_ in ('PNG', 'JPEG', 'GIF', 'TIFF', 'BMP', 'WEBP'):
        sound = encoded(Image.fromarray(PICTURE), format_)
        for _ in range(40):
            data = bytearray(sound)
            for position in random.integers(0, len(data), 4):
                data[position] = random.integers(0, 256)
            try:
                decoded = decode_image(bytes(data))
            except InvalidImageError:
                continue
            assert decoded.dtype == np.uint8
            assert decoded.shape[2] == 3


@pytest.mark.filterwarnings('ignore::UserWarning:PIL')
@pytest.mark.parametrize('channels', [1, 3, 4])
def test_flipped_bytes_of_16_bit_images_never_raise_anything_else(channels: int) -> None:
    random = np.random.default_rng(1)
    pixels = random.integers(0, 4096, (7, 11, channels), np.uint16)
    for kind in ('png', 'tiff', *(('ppm',) if channels == 3 else ())):
        sound = cv2.imencode(f'.{kind}', pixels)[1].tobytes()
        for _ in range(60):
            data = bytearray(sound)
            for position in random.integers(0, len(data), 2):
                data[position] = random.integers(0, 256)
            try:
                decoded = decode_image(bytes(data))
            except InvalidImageError:
                continue
            assert decoded.dtype == np.uint8
            assert decoded.shape[2] == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'nowhere\.png'):
        load_image(tmp_path / 'nowhere.png')


def test_a_folder_or_pipe_is_no_image(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'pipe.png')
    for path in (tmp_path, tmp_path / 'pipe.png', Path('/dev/zero')):
        with pytest.raises(InvalidImageError, match=r'cannot read .* no regular file'):
            load_image(path)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'notes.png'
    path.write_text('no image')
    with pytest.raises(InvalidImageError, match=r'notes\.png: not an image'):
        load_image(path)


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidImageError, match=r'unknown image format \'\.xyz\''):
        save_image(tmp_path / 'picture.xyz', PICTURE)


def test_a_crop_is_a_copy_clamped_to_the_image() -> None:
    part = crop(PICTURE, Region(8, 2, 100, 3))
    np.testing.assert_array_equal(part, PICTURE[2:5, 8:])
    assert part.flags.c_contiguous
    assert not np.shares_memory(part, PICTURE)
    with pytest.raises(InvalidRegionError):
        crop(PICTURE, Region(11, 0, 1, 1))
