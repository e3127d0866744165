# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The latest images of a camera, small and grey."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from kosmos_ros.tracking.grey import GreyImage

MAX_FRAMES = 256
MAX_BYTES = 16 * 1024**2
"""At 320x240 about 200 images, at 15 Hz those of 14 seconds."""


class FrameHistory:
    """
    Keeps images in order of arrival, within limits; the oldest are dropped first.

    :param max_frames: most images.
    :param max_bytes: most memory of their pixels.
    """

    def __init__(self, max_frames: int = MAX_FRAMES, max_bytes: int = MAX_BYTES) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: deque[tuple[int, GreyImage]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self._frames)

    def add(self, number: int, image: GreyImage) -> None:
        """Add the newest image; ``number`` is larger than those before."""
        self._frames.append((number, image))
        self._bytes += image.nbytes
        while len(self._frames) > self._max_frames or self._bytes > self._max_bytes:
            self._bytes -= self._frames.popleft()[1].nbytes

    def after(self, number: int) -> Iterator[tuple[int, GreyImage]]:
        """Return numbers and images after an image, oldest first."""
        return ((one, image) for one, image in self._frames if one > number)
