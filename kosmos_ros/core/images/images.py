# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images as the core sees them: (H, W, 3) uint8 RGB arrays, of any strides.

Files and compressed messages are untrusted: what they would cost is read from their headers and
refused before a pixel is decoded, and only plain raster formats are opened at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import io
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.geometry import fit_region
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.deep_pictures import deep_grey, is_deep_grey, scaled_to_8_bit
from kosmos_ros.core.images.formats import FORMATS, formats_for
from kosmos_ros.core.images.picture_costs import check_file, check_picture, check_size, MAX_PIXELS
from kosmos_ros.core.types import Region

RgbImage = npt.NDArray[np.uint8]

_ORIENTATION = 0x0112  # EXIF 2.3, table 3
_BLOCK = 512
"""Side of the parts in which a large picture is made RGB: copies of them take little memory."""

_SMALL = 4_000_000
"""Pixels up to which a picture is copied as a whole, which is faster."""


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
    check_size(image.shape[1], image.shape[0])
    return image


def load_image(path: str | PathLike[str], depth: BitDepth | None = None) -> RgbImage:
    """
    Read an image file as it is meant to be seen.

    EXIF orientation is applied, transparency is laid on white, palettes and CMYK become RGB,
    16-bit values are scaled to 8 bit; of an animation or a stack the first picture counts.

    :param depth: which of 16 bits are in use; None: all that the picture uses.
    :returns: (H, W, 3) uint8 RGB.
    :raises FileNotFoundError: if there is no such file.
    :raises InvalidImageError: if it cannot be read, is no image of ``FORMATS``, is damaged, or
        would cost more than ``picture_costs`` allows.
    """
    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f'there is no image file {file}')
    if not file.is_file():
        raise InvalidImageError(f'cannot read {file}: it is no regular file')
    try:
        stream = file.open('rb')
    except OSError as error:
        raise InvalidImageError(f'cannot read {file}: {error.strerror}') from error
    with stream:
        return _decode(stream, str(file), depth, FORMATS)


def decode_image(
    data: bytes, depth: BitDepth | None = None, formats: tuple[str, ...] = FORMATS
) -> RgbImage:
    """
    Decode a compressed image, with the rules and errors of ``load_image``.

    :param data: the bytes of a file.
    :param depth: see ``load_image``.
    :param formats: those of ``FORMATS`` that it may have.
    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: see ``load_image``.
    """
    return _decode(io.BytesIO(data), _name_of(data), depth, formats)


def decode_mosaic(
    data: bytes, formats: tuple[str, ...] = FORMATS
) -> npt.NDArray[np.uint8 | np.uint16] | None:
    """
    Decode a compressed image that holds one value for each pixel, such as a Bayer mosaic.

    :param formats: those of ``FORMATS`` that it may have.
    :returns: (H, W), None if it holds colours.
    :raises InvalidImageError: see ``load_image``.
    """
    with _opened(io.BytesIO(data), _name_of(data), formats) as picture:
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
    :raises OSError: if the file cannot be written.
    """
    picture = Image.fromarray(check_image(image))
    ending = Path(path).suffix.lower()
    if ending not in Image.registered_extensions():
        raise InvalidImageError(f'cannot write {path}: unknown image format {ending!r}')
    picture.save(path)


def _decode(
    stream: BinaryIO, name: str, depth: BitDepth | None, formats: tuple[str, ...]
) -> RgbImage:
    with _opened(stream, name, formats) as picture:
        rgb = _rgb_array(scaled_to_8_bit(picture, stream, depth or BitDepth()))
        return check_image(_upright(rgb, picture.getexif().get(_ORIENTATION)))


@contextmanager
def _opened(stream: BinaryIO, name: str, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    """Open a picture that does not cost too much; errors of Pillow inside are translated."""
    with _decoder_errors(name, formats):
        most = check_file(stream)
        with Image.open(stream, formats=formats_for(stream, formats)) as picture:
            check_picture(picture, most)
            yield picture


def _name_of(data: bytes) -> str:
    return f'the compressed image of {len(data)} bytes'


@contextmanager
def _decoder_errors(name: str, formats: tuple[str, ...]) -> Iterator[None]:
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
            f'{name}: not an image that can be read (supported: {", ".join(formats)})'
        ) from error
    except MemoryError as error:
        raise InvalidImageError(f'{name}: takes more memory than there is') from error
    # Decoders raise about anything on damaged files, a ZeroDivisionError for one.
    except Exception as error:
        raise InvalidImageError(f'{name}: damaged image ({error})') from error


def _rgb_array(picture: Image.Image) -> RgbImage:
    picture.load()
    width, height = picture.size
    if width * height <= _SMALL:
        return np.asarray(_to_rgb(picture))
    rgb = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            right, lower = min(left + _BLOCK, width), min(top + _BLOCK, height)
            rgb[top:lower, left:right] = np.asarray(
                _to_rgb(picture.crop((left, top, right, lower)))
            )
    return rgb


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode in ('RGBA', 'LA', 'PA', 'La', 'RGBa') or 'transparency' in picture.info:
        layer = picture.convert('RGBA')
        picture = Image.alpha_composite(Image.new('RGBA', layer.size, 'white'), layer)
    # Converting RGB to RGB would copy it.
    return picture if picture.mode == 'RGB' else picture.convert('RGB')


def _upright(image: RgbImage, orientation: int | None) -> RgbImage:
    """Turn an image as EXIF says, without copying it."""
    if orientation in (2, 4, 5, 7):
        image = image[:, ::-1]
    turns = {3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}.get(orientation or 1, 0)
    return np.rot90(image, turns)
