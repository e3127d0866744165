# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Compressed images as the image transport writes them.

What it does with each encoding is repeated here with OpenCV, which it uses as well: JPEG and PNG
of colours as BGR, all else as it is, JPEG of everything else in grey.
"""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidImageError, UnsupportedImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import check_format, rgb_from_compressed

SIDE = 32
JPEG = 16
"""Grey levels that a colour may be off; of red for blue it would be more than 200."""
PATTERNS = ('rggb', 'bggr', 'gbrg', 'grbg')
SATURATED = {'r': 220, 'g': 120, 'b': 30}


def message(format_: str, data: bytes) -> SimpleNamespace:
    return SimpleNamespace(format=format_, data=data)


def packed(format_: str, kind: str, pixels: np.ndarray) -> SimpleNamespace:
    """Return a message with what OpenCV makes of pixels that it takes for BGR."""
    done, data = cv2.imencode(f'.{kind}', pixels)
    assert done
    return message(format_, data.tobytes())


def scene(top: int = 255) -> np.ndarray:
    """Return (H, W, 3) RGB that changes smoothly, so that JPEG keeps it."""
    across = np.linspace(0.1, 1.0, SIDE)
    red, green = np.outer(across, across), np.outer(across[::-1], across)
    colours = np.dstack([red, green, np.full((SIDE, SIDE), 0.2)])
    return np.round(colours * top).astype(np.uint16 if top > 255 else np.uint8)


def mosaic(pattern: str, top: int = 255) -> np.ndarray:
    """Return what a Bayer filter leaves of one colour."""
    tile = np.reshape([SATURATED[name] for name in pattern], (2, 2)) / 255 * top
    grey = np.tile(tile, (SIDE // 2, SIDE // 2))
    return np.round(grey).astype(np.uint16 if top > 255 else np.uint8)


def assert_shows(image: np.ndarray, rgb: np.ndarray, tolerance: int) -> None:
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - rgb).max() <= tolerance


@pytest.mark.parametrize('kind', ['jpeg', 'png'])
@pytest.mark.parametrize('camera', ['rgb8', 'bgr8', 'rgba8', 'bgra8'])
def test_colours_in_jpeg_and_png_are_as_the_file_says(camera: str, kind: str) -> None:
    image = packed(f'{camera}; {kind} compressed bgr8', kind, scene()[..., ::-1])
    assert_shows(rgb_from_compressed(image), scene(), 0 if kind == 'png' else JPEG)


@pytest.mark.parametrize('camera', ['rgb8', 'bgr8', 'rgba8', 'bgra8', '8UC3'])
def test_colours_in_tiff_are_in_the_order_of_the_camera(camera: str) -> None:
    pixels = scene() if camera.startswith('rgb') else scene()[..., ::-1]
    if 'a8' in camera:
        pixels = np.dstack([pixels, np.full((SIDE, SIDE), 255, np.uint8)])
    image = packed(f'{camera}; tiff compressed ', 'tiff', pixels)
    assert_shows(rgb_from_compressed(image), scene(), 0)


def test_a_tiff_of_another_publisher_is_as_the_file_says() -> None:
    for format_ in ('tiff', 'rgb8', 'rgb8; tiff compressed bgr8'):
        assert_shows(rgb_from_compressed(packed(format_, 'tiff', scene()[..., ::-1])), scene(), 0)


@pytest.mark.parametrize('top', [1023, 4095, 65535])
@pytest.mark.parametrize(
    ('camera', 'kind', 'stored'),
    [
        ('rgb16', 'png', 'bgr16'),
        ('bgr16', 'png', 'bgr16'),
        ('rgb16', 'tiff', ''),
        ('bgr16', 'tiff', ''),
    ],
)
def test_colours_of_more_bits(camera: str, kind: str, stored: str, top: int) -> None:
    is_rgb = (stored or camera) == 'rgb16'
    image = packed(
        f'{camera}; {kind} compressed {stored}', kind, scene(top)[..., :: 1 if is_rgb else -1]
    )
    assert_shows(rgb_from_compressed(image), np.round(scene(top) / top * 255), 0)


@pytest.mark.parametrize('kind', ['png', 'tiff'])
def test_grey_of_more_bits(kind: str) -> None:
    grey = scene(4095)[..., 0]
    image = rgb_from_compressed(packed(f'mono16; {kind} compressed ', kind, grey))
    assert_shows(image, np.round(grey / 4095 * 255)[..., np.newaxis], 0)
    dark = packed(f'mono16; {kind} compressed ', kind, grey // 4)
    assert rgb_from_compressed(dark, BitDepth(12)).max() == 64


@pytest.mark.parametrize('pattern', PATTERNS)
@pytest.mark.parametrize(
    ('format_', 'kind'),
    [
        ('bayer_{}8; png compressed ', 'png'),
        ('bayer_{}8; tiff compressed ', 'tiff'),
        ('bayer_{}8; jpeg compressed ', 'jpeg'),
        ('bayer_{}8; jpeg compressed bayer_{}8', 'jpeg'),
        ('bayer_{}8; jpeg compressed mono8', 'jpeg'),
        ('bayer_{}8', 'png'),
    ],
)
def test_a_mosaic_gets_its_colours(pattern: str, format_: str, kind: str) -> None:
    image = rgb_from_compressed(packed(format_.format(pattern, pattern), kind, mosaic(pattern)))
    assert_shows(
        image, np.array([SATURATED[name] for name in 'rgb']), 0 if kind != 'jpeg' else JPEG
    )


@pytest.mark.parametrize('pattern', PATTERNS)
@pytest.mark.parametrize('kind', ['png', 'tiff'])
def test_a_mosaic_of_more_bits(pattern: str, kind: str) -> None:
    image = packed(f'bayer_{pattern}16; {kind} compressed ', kind, mosaic(pattern, 4095))
    assert_shows(rgb_from_compressed(image), np.array([220, 120, 30]), 0)


def test_a_mosaic_that_was_made_grey_or_coloured_before_stays_so() -> None:
    grey = cv2.cvtColor(scene(), cv2.COLOR_RGB2GRAY)
    image = packed('bayer_rggb8; jpeg compressed mono8', 'jpeg', grey)
    assert_shows(rgb_from_compressed(image), grey[..., np.newaxis], 4)
    image = packed('bayer_rggb8; jpeg compressed bgr8', 'jpeg', scene()[..., ::-1])
    assert_shows(rgb_from_compressed(image), scene(), JPEG)


def test_grey_of_a_yuv_camera_stays_grey() -> None:
    grey = scene()[..., 0]
    image = packed('yuv422_yuy2; jpeg compressed mono8', 'jpeg', grey)
    assert_shows(rgb_from_compressed(image), grey[..., np.newaxis], 4)


@pytest.mark.parametrize(
    ('format_', 'data', 'name'),
    [
        ('h264', b'', r'H\.264'),
        ('bgr8; libx264', b'', r'H\.264'),
        ('', b'\x00\x00\x00\x01\x67\x42', r'H\.264'),
        ('hevc_nvenc', b'', 'HEVC'),
        ('H265', b'', 'HEVC'),
        ('av1', b'', 'AV1'),
        ('vp9', b'', 'VP8 or VP9'),
        ('theora', b'', 'Theora'),
        ('ffmpeg', b'', 'FFmpeg'),
        ('mpeg4', b'', 'MPEG'),
        ('rgb8; avif compressed bgr8', b'', 'AVIF'),
        ('', b'\x00\x00\x00\x20ftypavif', 'AVIF'),
        ('heic', b'', 'HEIF'),
        ('jxl', b'', 'JPEG XL'),
        ('zstd', b'', 'Zstandard'),
        ('16UC1; compressedDepth png', b'', 'expected a colour image'),
    ],
)
def test_what_is_not_read_is_named(format_: str, data: bytes, name: str) -> None:
    for read in (check_format, rgb_from_compressed):
        with pytest.raises(UnsupportedImageError, match=name):
            read(message(format_, data))


@pytest.mark.parametrize(
    'format_', ['', 'jpeg', 'jpg', 'png', 'rgb8; jpeg compressed bgr8', 'mjpeg', 'tiff']
)
def test_what_is_read_passes(format_: str) -> None:
    check_format(message(format_, b'\xff\xd8\xff\xe0'))


@pytest.mark.parametrize('format_', ['bayer_rggb8; jpeg compressed ', 'mono16; png compressed '])
def test_damages_are_told_from_kinds_that_are_not_read(format_: str) -> None:
    kind = 'png' if 'png' in format_ else 'jpg'
    data = packed(format_, kind, scene()[..., 0]).data
    for part in (data[:-40], b'', b'junk'):
        with pytest.raises(InvalidImageError) as error:
            rgb_from_compressed(message(format_, part))
        assert not isinstance(error.value, UnsupportedImageError)
