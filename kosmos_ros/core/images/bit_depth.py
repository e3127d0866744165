# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How many bits of 16-bit values are in use, which neither messages nor files say.

Industrial cameras deliver 10 or 12 bits in 16-bit values, which would be black if they were scaled
over the full range. The brightest value seen so far decides.
"""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

WIDTHS = (8, 10, 12, 14, 16)
"""Bits that cameras have: what is seen is rounded up to them, as few scenes are fully bright."""


class BitDepth:
    """
    Scales 16-bit images that come one after the other to 8 bit, all of them alike.

    The number of bits only grows, so that the brightness does not follow each picture. Safe to use
    from several threads.

    :param bits: how many are in use, 8 to 16; 0: found out from the images.
    """

    def __init__(self, bits: int = 0) -> None:
        self._bits = bits
        self._seen = 0
        self._lock = threading.Lock()

    @property
    def bits(self) -> int:
        """How many bits are in use by now; 0: no 16-bit image has come yet."""
        return self._bits or self._seen

    def to_8_bit(self, values: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        """
        Scale an image; values beyond the bits that were set become white.

        :param values: (H, W) or (H, W, channels), at least one pixel.
        :returns: the same shape.
        """
        highest = (1 << (self._bits or self._look(values))) - 1
        scaled: npt.NDArray[Any] = cv2.convertScaleAbs(values, alpha=255 / highest)
        return scaled.reshape(values.shape)

    def forget(self) -> None:
        """Find out anew how many bits are in use."""
        with self._lock:
            self._seen = 0

    def _look(self, values: npt.NDArray[np.uint16]) -> int:
        if self._seen == WIDTHS[-1]:
            return self._seen
        needed = int(values.max()).bit_length()
        width = next(width for width in WIDTHS if width >= needed)
        with self._lock:
            self._seen = max(self._seen, width)
            return self._seen
