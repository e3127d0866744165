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
    :param seen: how many were seen in use by another one, as ``WIDTHS``; 0: none.
    """

    def __init__(self, bits: int = 0, seen: int = 0) -> None:
        self.fixed = bits
        """How many are in use, whatever is seen; 0: found out."""
        self.seen = seen
        """How many were seen in use; 0: none so far."""
        self._lock = threading.Lock()

    @property
    def bits(self) -> int:
        """How many bits are in use by now; 0: no 16-bit image has come yet."""
        return self.fixed or self.seen

    def to_8_bit(self, values: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
        """
        Scale an image; values beyond the bits that were set become white.

        :param values: (H, W) or (H, W, channels), at least one pixel.
        :returns: the same shape.
        """
        highest = (1 << (self.fixed or self._look(values))) - 1
        scaled: npt.NDArray[Any] = cv2.convertScaleAbs(values, alpha=255 / highest)
        return scaled.reshape(values.shape)

    def forget(self) -> None:
        """Find out anew how many bits are in use."""
        with self._lock:
            self.seen = 0

    def note(self, width: int) -> None:
        """
        Note that this many bits were seen in use.

        :raises ValueError: if it is none of ``WIDTHS``.
        """
        if width and width not in WIDTHS:
            raise ValueError(f'expected one of {WIDTHS}, got {width}')
        with self._lock:
            self.seen = max(self.seen, width)

    def _look(self, values: npt.NDArray[np.uint16]) -> int:
        if self.seen < WIDTHS[-1]:
            needed = int(values.max()).bit_length()
            self.note(next(width for width in WIDTHS if width >= needed))
        return self.seen
