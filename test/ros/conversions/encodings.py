# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Messages of images in each encoding, written out apart from what reads them."""

from __future__ import annotations

from array import array

import numpy as np
from sensor_msgs.msg import Image


def message(pixels: np.ndarray, encoding: str, *, padding: int = 0, big_endian: bool = False):
    """Make a message of rows (H, W) or (H, W, C), each followed by ``padding`` bytes of 0xAB."""
    height, width = pixels.shape[:2]
    if encoding in ('nv12', 'nv21'):
        height = height * 2 // 3
    wire = pixels.astype(pixels.dtype.newbyteorder('>' if big_endian else '<'))
    rows = np.frombuffer(wire.tobytes(), np.uint8).reshape(pixels.shape[0], -1)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=0xAB)
    return Image(
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=int(big_endian),
        step=rows.shape[1],
        data=array('B', rows.tobytes()),
    )


def yuv(rgb: np.ndarray) -> np.ndarray:
    """BT.601 with studio range, as ITU-R gives it."""
    matrix = np.array(
        [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]]
    )
    return np.round(rgb / 255 @ matrix.T + (16, 128, 128)).astype(np.uint8)


def encoded_yuv(rgb: np.ndarray) -> dict[str, np.ndarray]:
    """Return an image (H, W, 3), whose colours are the same over 2x2 pixels, by encoding."""
    y, u, v = np.moveaxis(yuv(rgb), 2, 0)
    chroma = np.where(np.arange(rgb.shape[1]) % 2, v, u)
    return {
        'uyvy': np.dstack([chroma, y]),
        'yuv422': np.dstack([chroma, y]),
        'yuyv': np.dstack([y, chroma]),
        'yuv422_yuy2': np.dstack([y, chroma]),
        'nv12': np.vstack([y, chroma[::2]]),
        'nv21': np.vstack([y, np.where(np.arange(rgb.shape[1]) % 2, u, v)[::2]]),
    }
