# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A ``cv_bridge`` that does and fails what the released 3.4 does, beside numpy 2 and OpenCV 5.

It converts colours, grey and Bayer mosaics; refuses types without a colour order; knows ``yuv422``
alone of the packed YUV; swaps bytes by a method that arrays lost in numpy 2; and finds no name for
the type of an image, as the numbers of types are those of OpenCV 4. Written to where Python finds
it, it stands for the package; tests put further faults in front.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

_CHANNELS = {'mono': 1, 'rgb': 3, 'bgr': 3, 'rgba': 4, 'bgra': 4, 'bayer': 1}
_CODES = {
    'mono': cv2.COLOR_GRAY2RGB,
    'bgr': cv2.COLOR_BGR2RGB,
    'rgba': cv2.COLOR_RGBA2RGB,
    'bgra': cv2.COLOR_BGRA2RGB,
    'bayer_rggb': cv2.COLOR_BayerBG2RGB,
    'bayer_bggr': cv2.COLOR_BayerRG2RGB,
    'bayer_gbrg': cv2.COLOR_BayerGR2RGB,
    'bayer_grbg': cv2.COLOR_BayerGB2RGB,
    'yuv422': cv2.COLOR_YUV2RGB_UYVY,
}
_OPENCV_4_TYPES = {'rgb8': 16, 'bgr8': 16, 'mono8': 0}


class CvBridgeError(TypeError):
    """What cannot be converted."""


class CvBridge:
    """Converts messages."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.cvtype_to_name = {getattr(cv2, f'CV_8UC{n}'): f'8UC{n}' for n in (1, 2, 3, 4)}

    def imgmsg_to_cv2(self, message, desired_encoding='passthrough'):
        """Return an array with all pixels."""
        encoding = message.encoding
        self.calls.append(encoding)
        channels, dtype = _type(encoding)
        dtype = dtype.newbyteorder('>' if message.is_bigendian else '<')
        columns = int(message.step / dtype.itemsize / channels)
        shape = (message.height, columns, channels)[: 2 if channels == 1 else 3]
        pixels = np.ndarray(shape, dtype, message.data)
        pixels = np.ascontiguousarray(pixels[:, : message.width])
        if message.is_bigendian == (sys.byteorder == 'little'):
            pixels = pixels.byteswap().newbyteorder()
        if desired_encoding == 'passthrough':
            return pixels
        if 'C' in encoding:
            raise CvBridgeError(f'[{encoding}] is not a color format. but [{desired_encoding}] is')
        code = _CODES.get(encoding if encoding == 'yuv422' else encoding.rstrip('0123456789'))
        return pixels if code is None else cv2.cvtColor(pixels, code)

    def cv2_to_imgmsg(self, pixels, encoding='passthrough', header=None):
        """Return a message."""
        name = self.cvtype_to_name[_OPENCV_4_TYPES[encoding]]
        raise CvBridgeError(f'{name} is of OpenCV 4')


def _type(encoding: str) -> tuple[int, np.dtype]:
    if 'UC' in encoding:
        bits, channels = encoding.split('UC')
        return int(channels), np.dtype(f'uint{bits}')
    if encoding == 'yuv422':
        return 2, np.dtype(np.uint8)
    channels = _CHANNELS.get(encoding.rstrip('0123456789').partition('_')[0])
    if channels is None:
        raise CvBridgeError(f'Unrecognized image encoding [{encoding}]')
    return channels, np.dtype(np.uint16 if encoding.endswith('16') else np.uint8)
