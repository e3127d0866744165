# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images as the core sees them: (H, W, 3) uint8 RGB arrays, of any strides.

Files and compressed messages are untrusted: their size is read from the header and refused
before a pixel is decoded, and only plain raster formats are opened at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import io
from os import PathLike
from pathlib import Path
import struct
from typing import Any, BinaryIO
import zlib

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.files import write_bytes
from kosmos_ros.core.geometry import fit_region
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.deep_pictures import deep_grey, is_deep_grey, scaled_to_8_bit
from kosmos_ros.core.images.formats import FORMATS, formats_for
from kosmos_ros.core.types import Region

RgbImage = npt.NDArray[np.uint8]

MAX_PIXELS = 50_000_000
"""Larger images are refused: 150 MB as RGB, and beyond what cameras of robots deliver."""

_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    TypeError,
    struct.error,
    zlib.error,
    cv2.error,
)
"""What Pillow's decoders, and that of OpenCV for deep colours, raise on damaged files."""


def check_image(image: object) -> RgbImage:
    """
    Return the image unchanged if a model can be shown it.

    :param image: (H, W, 3) uint8 RGB, any strides.
    :raises InvalidImageError: if it is no array, has another type or shape, no pixels, or more
        than ``MAX_PIXELS``.
    """
    if not isinstance(image, np.ndarray):
        raise InvalidImageError(f'expected an image as a numpy array, got {type(image).__name__}')
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise InvalidImageError(
            f'expected an (H, W, 3) uint8 RGB image, got {image.shape} {image.dtype}'
        )
    _check_size(image.shape[1], image.shape[0])
    return image


def load_image(path: str | PathLike[str], depth: BitDepth | None = None) -> RgbImage:
    """
    Read an image file as it is meant to be seen.

    EXIF orientation is applied, transparency is laid on white, palettes and CMYK become RGB,
    16-bit values are scaled to 8 bit; of an animation or a stack the first picture counts.

    :param depth: which of 16 bits are in use; None: all that the picture uses.
    :returns: (H, W, 3) uint8 RGB.
    :raises FileNotFoundError: if there is no such file.
    :raises InvalidImageError: if it cannot be read, is no image of ``FORMATS``, is damaged, or is
        larger than ``MAX_PIXELS``.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f'there is no image file {file}')
    try:
        stream = file.open('rb')
    except OSError as error:
        raise InvalidImageError(f'cannot read {file}: {error.strerror}') from error
    with stream:
        return _decode(stream, str(file), depth)


def decode_image(data: bytes, depth: BitDepth | None = None) -> RgbImage:
    """
    Decode a compressed image, with the rules and errors of ``load_image``.

    :param data: the bytes of a PNG, JPEG or other file of ``FORMATS``.
    :param depth: see ``load_image``.
    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: see ``load_image``.
    """
    return _decode(io.BytesIO(data), _name_of(data), depth)


def decode_mosaic(data: bytes) -> npt.NDArray[np.uint8 | np.uint16] | None:
    """
    Decode a compressed image that holds one value for each pixel, such as a Bayer mosaic.

    :returns: (H, W), None if it holds colours.
    :raises InvalidImageError: see ``load_image``.
    """
    with _opened(io.BytesIO(data), _name_of(data)) as picture:
        if picture.mode == 'L':
            return np.asarray(picture)
        return deep_grey(picture) if is_deep_grey(picture) else None


def crop(image: RgbImage, region: Region) -> RgbImage:
    """
    Cut a region out, clamped to the image.

    :param image: (H, W, 3) uint8.
    :returns: (h, w, 3) uint8, a C-contiguous copy.
    :raises InvalidRegionError: if the region lies outside the image.
    """
    fitted = fit_region(region, image.shape[1], image.shape[0])
    rows = slice(fitted.y, fitted.y + fitted.height)
    columns = slice(fitted.x, fitted.x + fitted.width)
    return image[rows, columns].copy()


def save_image(path: str | PathLike[str], image: RgbImage) -> None:
    """
    Write an image; the file name's ending chooses the format.

    :param image: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: if it is no such image, or the ending names no format.
    :raises OSError: if the file cannot be written; an earlier one is left then.
    """
    save_picture(Path(path), Image.fromarray(check_image(image)))


def save_picture(path: Path, picture: Image.Image, **how: Any) -> None:
    """
    Write a picture of Pillow, with the rules and errors of ``save_image``.

    :param how: arguments of the format.
    """
    format_ = Image.registered_extensions().get(path.suffix.lower())
    if format_ is None:
        raise InvalidImageError(f'cannot write {path}: unknown image format {path.suffix!r}')
    stream = io.BytesIO()
    picture.save(stream, format_, **how)
    # Encoders that write to a file themselves do not tell why they cannot.
    write_bytes(path, stream.getvalue())


def _decode(stream: BinaryIO, name: str, depth: BitDepth | None) -> RgbImage:
    with _opened(stream, name) as picture:
        shallow = scaled_to_8_bit(picture, stream, depth or BitDepth())
        ImageOps.exif_transpose(shallow, in_place=True)
        return check_image(np.asarray(_to_rgb(shallow)))


@contextmanager
def _opened(stream: BinaryIO, name: str) -> Iterator[Image.Image]:
    """Open a picture that is not too large; errors of Pillow inside are translated."""
    with _decoder_errors(name), Image.open(stream, formats=formats_for(stream)) as picture:
        _check_size(*picture.size)
        yield picture


def _name_of(data: bytes) -> str:
    return f'the compressed image of {len(data)} bytes'


@contextmanager
def _decoder_errors(name: str) -> Iterator[None]:
    """Turn what Pillow raises into ``InvalidImageError``."""
    try:
        yield
    except InvalidImageError as error:
        raise InvalidImageError(f'{name}: {error}') from error
    except Image.DecompressionBombError as error:
        raise InvalidImageError(
            f'{name}: larger than the limit of {MAX_PIXELS} pixels ({error})'
        ) from error
    except UnidentifiedImageError as error:
        raise InvalidImageError(
            f'{name}: not an image that can be read (supported: {", ".join(FORMATS)})'
        ) from error
    except _DECODER_ERRORS as error:
        raise InvalidImageError(f'{name}: damaged image ({error})') from error


def _check_size(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise InvalidImageError(f'the image has no pixels ({width}x{height})')
    if width * height > MAX_PIXELS:
        raise InvalidImageError(
            f'the image of {width}x{height} is larger than the limit of {MAX_PIXELS} pixels'
        )


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in ('RGBA', 'LA', 'PA', 'La', 'RGBa') or 'transparency' in picture.info:
        layer = picture.convert('RGBA')
        return Image.alpha_composite(Image.new('RGBA', layer.size, 'white'), layer).convert('RGB')
    # Converting RGB to RGB would copy it.
    return picture if picture.mode == 'RGB' else picture.convert('RGB')
