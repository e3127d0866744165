# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Images from every encoding, against encoders written out here and against rosbags."""

from __future__ import annotations

from array import array
import io

import cv2
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
from PIL import Image as Picture
import pytest
from rosbags.image import image_to_cvimage
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.ros.conversions.images import (
    check_layout,
    image_from_ros,
    image_to_ros,
    rgb_from_ros,
    SUPPORTED_ENCODINGS,
)

from .encodings import encoded_yuv, message

HEIGHT, WIDTH = 6, 8
GENERIC_AS = {'8UC1': 'mono8', '8UC3': 'bgr8', '8UC4': 'bgra8', '16UC1': 'mono16'}


def random_pixels(*shape: int, dtype: type = np.uint8) -> np.ndarray:
    return np.random.default_rng(7).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def rgb_pixels() -> np.ndarray:
    return random_pixels(HEIGHT, WIDTH, 3)


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    return np.dstack([pixels, random_pixels(HEIGHT, WIDTH)])


def grey(pixels: np.ndarray) -> np.ndarray:
    return np.repeat(pixels[..., np.newaxis], 3, axis=2)


@pytest.mark.parametrize('padding', [0, 5])
def test_colours_in_any_order_come_out_as_rgb(padding: int) -> None:
    rgb = rgb_pixels()
    bgr = rgb[..., ::-1]
    encoded = {
        'rgb8': rgb,
        'bgr8': bgr,
        '8UC3': bgr,
        'rgba8': with_alpha(rgb),
        'bgra8': with_alpha(bgr),
        '8UC4': with_alpha(bgr),
    }
    for encoding, pixels in encoded.items():
        image = image_from_ros(message(pixels, encoding, padding=padding))
        np.testing.assert_array_equal(image, rgb, err_msg=encoding)


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('padding', [0, 3])
def test_sixteen_bits_are_scaled_over_the_full_range(big_endian: bool, padding: int) -> None:
    colours = random_pixels(HEIGHT, WIDTH, 3, dtype=np.uint16)
    colours[0, 0] = (0, 65535, 257)
    opaque = np.full((HEIGHT, WIDTH), 65535, np.uint16)
    encoded = {
        'mono16': (colours[..., 0], grey(colours[..., 0])),
        '16UC1': (colours[..., 0], grey(colours[..., 0])),
        'rgb16': (colours, colours),
        'bgr16': (colours[..., ::-1], colours),
        'rgba16': (np.dstack([colours, opaque]), colours),
        'bgra16': (np.dstack([colours[..., ::-1], opaque]), colours),
    }
    for encoding, (pixels, expected) in encoded.items():
        image = image_from_ros(message(pixels, encoding, padding=padding, big_endian=big_endian))
        np.testing.assert_array_equal(image, np.round(expected / 257), err_msg=encoding)


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('top', [1023, 4095])
def test_of_fewer_bits_in_sixteen_those_count(big_endian: bool, top: int) -> None:
    colours = random_pixels(HEIGHT, WIDTH, 3, dtype=np.uint16) % (top + 1)
    colours[0, 0] = top
    opaque = np.full((HEIGHT, WIDTH), 65535, np.uint16)
    encoded = {
        'mono16': (colours[..., 0], grey(colours[..., 0])),
        '16UC1': (colours[..., 0], grey(colours[..., 0])),
        'rgb16': (colours, colours),
        'bgr16': (colours[..., ::-1], colours),
        'rgba16': (np.dstack([colours, opaque]), colours),
        'bgra16': (np.dstack([colours[..., ::-1], opaque]), colours),
        'bayer_rggb16': (
            np.full((HEIGHT, WIDTH), top, np.uint16),
            np.full((HEIGHT, WIDTH, 3), top),
        ),
    }
    for encoding, (pixels, expected) in encoded.items():
        image = image_from_ros(message(pixels, encoding, padding=3, big_endian=big_endian))
        expected_8_bit = np.round(expected / top * 255)
        np.testing.assert_array_equal(image, expected_8_bit, err_msg=encoding)


@pytest.mark.parametrize('encoding', ['mono8', '8UC1'])
def test_grey_is_repeated_in_all_channels(encoding: str) -> None:
    pixels = random_pixels(HEIGHT, WIDTH)
    np.testing.assert_array_equal(
        image_from_ros(message(pixels, encoding, padding=1)), grey(pixels)
    )


@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_patterns_are_named_by_their_first_four_pixels(pattern: str, dtype: type) -> None:
    scale = 1 if dtype is np.uint8 else 257
    colour = {'r': 200, 'g': 120, 'b': 40}
    tile = np.reshape([colour[name] for name in pattern], (2, 2))
    mosaic = np.tile(tile * scale, (HEIGHT // 2, WIDTH // 2)).astype(dtype)
    bits = 8 * mosaic.itemsize
    image = image_from_ros(message(mosaic, f'bayer_{pattern}{bits}', padding=2))
    np.testing.assert_array_equal(image, np.broadcast_to((200, 120, 40), image.shape))


def test_yuv_comes_out_as_the_colour_that_went_in() -> None:
    colours = np.array([[[230, 30, 40], [20, 180, 60]], [[35, 50, 220], [128, 128, 128]]])
    rgb = colours.repeat(2, axis=0).repeat(4, axis=1)  # chroma is constant over 2x2 pixels
    for encoding, pixels in encoded_yuv(rgb).items():
        image = image_from_ros(message(pixels, encoding, padding=4)).astype(int)
        assert np.abs(image - rgb).max() <= 3, encoding


@pytest.mark.parametrize(
    'encoding', [name for name in SUPPORTED_ENCODINGS if name not in ('nv12', 'nv21')]
)
def test_every_encoding_agrees_with_rosbags(encoding: str) -> None:
    channels = {'rgb': 3, 'bgr': 3, '8UC3': 3, 'rgba': 4, 'bgra': 4, '8UC4': 4}.get(
        encoding.rstrip('0123456789') if 'UC' not in encoding else encoding, 1
    )
    channels = 2 if encoding.startswith(('uyvy', 'yuyv', 'yuv')) else channels
    dtype = np.uint16 if '16' in encoding else np.uint8
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    ours = image_from_ros(message(random_pixels(*shape, dtype=dtype), encoding))
    reference = message(random_pixels(*shape, dtype=dtype), GENERIC_AS.get(encoding, encoding))
    theirs = image_to_cvimage(reference, 'rgb8')
    # rosbags cuts 16 bits off where we round.
    assert np.abs(ours.astype(int) - theirs).max() <= (1 if dtype is np.uint16 else 0)


@pytest.mark.parametrize('padding', [0, 5])
def test_an_rgb_image_is_a_view_of_the_message(padding: int) -> None:
    raw = message(rgb_pixels(), 'rgb8', padding=padding)
    image = image_from_ros(raw)
    assert np.shares_memory(image, np.frombuffer(raw.data, np.uint8))
    raw.data[0] ^= 0xFF
    assert image[0, 0, 0] == raw.data[0]


@pytest.mark.parametrize('padding', [0, 6])
@pytest.mark.parametrize(
    ('encoding', 'shape', 'dtype'),
    [
        ('bgr8', (HEIGHT, WIDTH, 3), np.uint8),
        ('bgra8', (HEIGHT, WIDTH, 4), np.uint8),
        ('mono8', (HEIGHT, WIDTH), np.uint8),
        ('bayer_rggb8', (HEIGHT, WIDTH), np.uint8),
        ('bgr16', (HEIGHT, WIDTH, 3), np.uint16),
        ('mono16', (HEIGHT, WIDTH), np.uint16),
    ],
)
def test_other_encodings_are_converted_from_the_memory_of_the_message(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shape: tuple, dtype: type, padding: int
) -> None:
    raw = message(random_pixels(*shape, dtype=dtype), encoding, padding=padding)
    sources = []
    convert = cv2.cvtColor
    monkeypatch.setattr(cv2, 'cvtColor', lambda *args: sources.append(args[0]) or convert(*args))
    image_from_ros(raw)
    (source,) = sources
    assert np.shares_memory(source, np.frombuffer(raw.data, np.uint8))


def test_round_trip_keeps_pixels_and_header() -> None:
    rgb = rgb_pixels()
    header = Header(frame_id='camera_optical_frame')
    header.stamp.sec = 12
    raw = image_to_ros(rgb, header)
    np.testing.assert_array_equal(image_from_ros(raw), rgb)
    assert (raw.header, raw.encoding, raw.step) == (header, 'rgb8', 3 * WIDTH)


@pytest.mark.parametrize('kind', ['PNG', 'JPEG'])
def test_compressed_images_are_decoded(kind: str) -> None:
    rgb = np.full((HEIGHT, WIDTH, 3), (200, 100, 50), np.uint8)
    file = io.BytesIO()
    Picture.fromarray(rgb).save(file, kind, quality=100)
    compressed = CompressedImage(format=f'rgb8; {kind.lower()} compressed bgr8')
    compressed.data = file.getvalue()
    assert np.abs(rgb_from_ros(compressed).astype(int) - rgb).max() <= 2


def damaged(**changes: object) -> Image:
    raw = message(rgb_pixels(), 'rgb8')
    for name, value in changes.items():
        setattr(raw, name, value)
    return raw


@pytest.mark.parametrize(
    ('raw', 'complaint'),
    [
        (damaged(width=0), r'no pixels \(0x6\)'),
        (damaged(height=0), r'no pixels \(8x0\)'),
        (damaged(width=2**32 - 1, height=2**32 - 1), 'larger than the limit'),
        (damaged(step=23), 'takes 24 bytes, got step=23'),
        (damaged(step=0), 'got step=0'),
        (damaged(step=2**32 - 1), 'takes 25769803770 bytes, got 144'),
        (damaged(height=7), 'takes 168 bytes, got 144'),
        (damaged(data=array('B')), 'got 0'),
        (damaged(encoding=''), "encoding '' is unknown.*supported: rgb8, .*nv21"),
        (damaged(encoding='32FC1'), "encoding '32FC1' is unknown or not a picture"),
        (damaged(encoding='x' * 10**6), "encoding 'x{40}' is unknown"),
        (damaged(encoding='uyvy', width=7), 'even sides, got 7x6'),
        (damaged(encoding='nv12', height=5), 'even sides, got 8x5'),
    ],
)
def test_malformed_images_are_refused_with_the_reason(raw: Image, complaint: str) -> None:
    with pytest.raises(InvalidImageError, match=complaint):
        image_from_ros(raw)


@pytest.mark.parametrize(
    ('kind', 'data', 'complaint'),
    [
        ('jpeg', b'', 'not an image'),
        ('png', b'\x89PNG\r\n\x1a\n' + bytes(20), 'not an image|damaged'),
        ('16UC1; compressedDepth png', b'', 'expected a colour image'),
    ],
)
def test_damaged_compressed_images_are_refused(kind: str, data: bytes, complaint: str) -> None:
    with pytest.raises(InvalidImageError, match=complaint):
        rgb_from_ros(CompressedImage(format=kind, data=data))


small = st.integers(0, 9)
sizes = st.one_of(small, st.integers(0, 2**32 - 1))


@settings(deadline=None, max_examples=300)
@given(
    width=sizes,
    height=sizes,
    step=st.one_of(st.integers(0, 64), sizes),
    encoding=st.one_of(st.sampled_from(SUPPORTED_ENCODINGS), st.text(max_size=8)),
    big_endian=st.integers(0, 255),
    data=st.binary(max_size=400),
)
def test_whatever_a_message_holds_it_is_an_image_or_a_typed_error(
    width: int, height: int, step: int, encoding: str, big_endian: int, data: bytes
) -> None:
    raw = Image(
        width=width, height=height, step=step, is_bigendian=big_endian, data=array('B', data)
    )
    raw.encoding = encoding
    try:
        image = image_from_ros(raw)
    except InvalidImageError:
        return
    assert image.shape == (height, width, 3)


@settings(deadline=None, max_examples=300)
@given(data=st.data(), width=small, height=small, padding=st.integers(0, 3))
def test_a_sound_layout_of_any_size_is_read(
    data: st.DataObject, width: int, height: int, padding: int
) -> None:
    encoding = data.draw(st.sampled_from(SUPPORTED_ENCODINGS))
    step = width * 8 + padding
    rows = height * 3 // 2 if encoding in ('nv12', 'nv21') else height
    raw = Image(width=width, height=height, step=step, encoding=encoding)
    raw.data = array('B', bytes(step * rows))
    try:
        check_layout(raw)
    except InvalidImageError as error:
        assert not width or not height or 'even sides' in str(error)  # noqa: PT017
        return
    assert image_from_ros(raw).shape == (height, width, 3)
