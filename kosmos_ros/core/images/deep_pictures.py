# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures in files with more than 8 bits of grey or of each colour -> pictures with 8."""

from __future__ import annotations

from typing import BinaryIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.bit_depth import BitDepth


def scaled_to_8_bit(picture: Image.Image, stream: BinaryIO, depth: BitDepth) -> Image.Image:
    """
    Return a picture whose values have 8 bit, neither turned nor laid on white.

    :param picture: just opened, not loaded.
    :param stream: where from.
    :raises InvalidImageError: if its values have no agreed brightness.
    :raises Exception: whatever the decoders raise on damaged files.
    """
    if is_deep_grey(picture):
        return Image.fromarray(depth.to_8_bit(deep_grey(picture)))
    if not is_deep_colour(picture):
        return picture
    if picture.format != 'PPM':
        picture.load()  # tells of damages that OpenCV passes over
    return Image.fromarray(_shallow_colour(stream, depth))


def is_deep_grey(picture: Image.Image) -> bool:
    """Tell whether there is one value of more than 8 bits for each pixel."""
    return picture.mode.startswith('I') or picture.mode == 'F'


def deep_grey(picture: Image.Image) -> npt.NDArray[np.uint16]:
    """
    Return (H, W) values; Pillow itself would clip them to white.

    :raises InvalidImageError: if they have more than 16 bits.
    """
    values = np.asarray(picture)
    if picture.mode == 'F' or values.min() < 0 or values.max() > 0xFFFF:
        raise InvalidImageError(
            f'grey levels beyond 16 bit (mode {picture.mode}) have no agreed brightness'
        )
    return values.astype(np.uint16, copy=False)


def is_deep_colour(picture: Image.Image) -> bool:
    """
    Tell whether there are 16 bits of each colour, of which Pillow gives the upper 8 only.

    To be asked before the picture is loaded.
    """
    if picture.mode not in ('RGB', 'RGBA', 'LA'):
        return False
    return any(_is_deep(tile[0], tile[3]) for tile in getattr(picture, 'tile', ()))


def _is_deep(decoder: str, arguments: object) -> bool:
    """Tell by how a part of a file is stored: the mode, or of PPM the highest value."""
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    if decoder.startswith('ppm'):
        return 0xFFFF in values
    return any(isinstance(value, str) and ';16' in value for value in values)


def _shallow_colour(stream: BinaryIO, depth: BitDepth) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3) RGB, or (H, W, 4) with an alpha channel, of which all 16 bits count."""
    stream.seek(0)
    pixels = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise InvalidImageError('16-bit colours that are stored in an unusual way')
    colours = depth.to_8_bit(np.ascontiguousarray(pixels[..., 2::-1]))
    if pixels.shape[2] == 3:
        return colours
    return np.dstack([colours, BitDepth(16).to_8_bit(np.ascontiguousarray(pixels[..., 3]))])
