# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Compressed images as ROS messages hold them -> (H, W, 3) uint8 RGB arrays.

The format of a message is that of ``compressed_image_transport``, such as ``bayer_rggb8; png
compressed``: the camera's encoding, the kind of file, and the encoding of the picture in it where
that is another one. Other publishers write the kind of file alone.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.errors import UnsupportedImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.formats import ON_TOPICS
from kosmos_ros.core.images.images import decode_image, decode_mosaic, RgbImage
from kosmos_ros.core.images.raw_images import rgb_from_mosaic


class CompressedImage(Protocol):
    """A ``sensor_msgs/CompressedImage``; ``data`` is a buffer of bytes."""

    format: str
    data: Any


class _Foreign(NamedTuple):
    """A kind that is not read: its name, what to do, how formats and first bytes show it."""

    name: str
    advice: str
    format: str
    start: bytes = b'(?!)'


_REPUBLISH = (
    'a video stream, whose packets are no images by themselves; have it decoded before, such as '
    'by "ros2 run image_transport republish"'
)
_ANOTHER = 'publish JPEG or PNG instead, or raw images with the transport raw'

_FOREIGN = (
    _Foreign('depth', 'expected a colour image', r'compresseddepth'),
    _Foreign('HEVC', _REPUBLISH, r'h\.?265|x265|hevc'),
    _Foreign('H.264', _REPUBLISH, r'h\.?264|x264|\bavc', rb'\x00\x00\x00?\x01'),
    _Foreign('AV1', _REPUBLISH, r'\b(lib|svt)?av1'),
    _Foreign('VP8 or VP9', _REPUBLISH, r'vp[89]'),
    _Foreign('MPEG', _REPUBLISH, r'\bmpeg'),
    _Foreign('Theora', _REPUBLISH, r'theora', rb'OggS'),
    _Foreign('FFmpeg', _REPUBLISH, r'ffmpeg'),
    _Foreign('AVIF', _ANOTHER, r'avif', rb'....ftypavi[fs]'),
    _Foreign('HEIF', _ANOTHER, r'hei[cf]', rb'....ftyp(hei|hev|mif)'),
    _Foreign('WEBP', _ANOTHER, r'\bwebp', rb'RIFF....WEBP'),
    _Foreign('GIF', _ANOTHER, r'\bgif', rb'GIF8'),
    _Foreign('BMP', _ANOTHER, r'\bbmp', rb'BM.{4}\0{4}'),
    _Foreign('PPM', _ANOTHER, r'\bp[bgpn]m\b', rb'P[1-6]\s'),
    _Foreign('JPEG 2000', _ANOTHER, r'\bjp2|\bj2k|jpeg-?2000', rb'\0\0\0\x0cjP|\xff\x4f\xff'),
    _Foreign('JPEG XL', _ANOTHER, r'\bjxl|jpeg-?xl', rb'\xff\x0a|\x00\x00\x00\x0cJXL '),
    _Foreign('Zstandard', _ANOTHER, r'zstd', rb'\x28\xb5\x2f\xfd'),
)

_LONGEST = 200
"""Letters of a format that are looked at; those of the transport have up to 40."""

_BAYER = re.compile(r'bayer_(rggb|bggr|gbrg|grbg)(8|16)')
_TIFF = (b'II*\0', b'MM\0*')


def check_format(message: CompressedImage) -> None:
    """
    Refuse messages of kinds that are not read at all.

    Cheap: nothing is decoded.

    :raises UnsupportedImageError: if it is, naming the kind and what to do.
    """
    format_, start = message.format[:_LONGEST].lower(), bytes(message.data[:12])
    for kind in _FOREIGN:
        if re.search(kind.format, format_) or re.match(kind.start, start, re.DOTALL):
            raise UnsupportedImageError(
                f'{kind.name} is not read ({kind.advice}); got the format '
                f'{message.format[:40]!r}, supported: {", ".join(ON_TOPICS)}'
            )


def rgb_from_compressed(message: CompressedImage, depth: BitDepth | None = None) -> RgbImage:
    """
    Decode a compressed colour image, of a format in ``ON_TOPICS``.

    :param depth: which of 16 bits are in use; None: all that the image uses.
    :returns: (H, W, 3) uint8 RGB.
    :raises InvalidImageError: if it is of another kind, damaged or too large.
    """
    check_format(message)
    data, depth = bytes(message.data), depth or BitDepth()
    camera, _, file = message.format.lower().partition(';')
    camera, stored = camera.strip(), file.rpartition('compressed')[2].strip()
    bayer = _BAYER.fullmatch(stored) or _BAYER.fullmatch(camera)
    if bayer is not None:
        values = decode_mosaic(data, ON_TOPICS)
        if values is not None and (stored != 'mono8' or _is_mosaic(values)):
            return rgb_from_mosaic(values, bayer[1], depth)
    rgb = decode_image(data, depth, ON_TOPICS)
    if file and data.startswith(_TIFF) and (stored or camera).startswith('rgb'):
        # The transport passes them unchanged to a library that takes the first for blue.
        return np.ascontiguousarray(rgb[..., ::-1])
    return rgb


def _is_mosaic(values: npt.NDArray[Any]) -> bool:
    """
    Tell a Bayer mosaic from a grey picture: both are called ``mono8`` in a JPEG.

    In a picture, neighbours are more alike than pixels further apart. Through a filter they see
    other colours, unless the scene is grey, and then it does not matter.
    """
    signed = values.astype(np.int32)
    near = far = 0.0
    for rows in (signed, signed.T):
        near += float(np.abs(rows[1:-1] - rows[:-2]).sum())
        far += float(np.abs(rows[2:] - rows[:-2]).sum())
    return near > far
