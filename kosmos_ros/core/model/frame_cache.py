# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A cache of encoded images."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sequence
import hashlib
from typing import NamedTuple, Union

from kosmos_ros.core.images.views import Cutout, FrameKey
from kosmos_ros.core.model.backend import Backend, EncodedFrame
from kosmos_ros.core.types import Region

_Key = tuple[FrameKey, Union[Region, None]]

# As many as no two images will ever share. BLAKE2 takes 0.9 ms for 640x480 RGB pixels and 6 ms for
# 1920x1080 (one core at 2.1 GHz, 1 GB/s); an encoding takes many times as long.
_DIGEST_BYTES = 16


class FrameUse(NamedTuple):
    """Frames and bytes that a cache holds, and its misses and hits."""

    held: int
    nbytes: int
    encoded: int
    reused: int


class FrameCache:
    """
    The frames asked about last, of one backend; like that, it is used by one thread at a time.

    A frame takes more memory once it has been asked about, as backends keep what they computed of
    it: the number of frames bounds the memory, and ``use`` tells how much it is.

    :param max_frames: the most whole images kept, 0 for none.
    :param max_parts: the most parts of images kept, such as regions and closer looks; None: as
        many as whole ones. Each takes as much memory as a whole one.
    """

    def __init__(self, max_frames: int, max_parts: int | None = None) -> None:
        self.encoded = 0
        """Images that were shown to the model."""
        self.reused = 0
        """How often that was not necessary."""
        self._most = {False: max_frames, True: max_frames if max_parts is None else max_parts}
        self._frames: OrderedDict[_Key, EncodedFrame] = OrderedDict()

    @property
    def is_enabled(self) -> bool:
        """Whether frames are kept at all."""
        return any(self._most.values())

    def use(self) -> FrameUse:
        """Return the figures of this moment."""
        nbytes = sum(frame.nbytes for frame in self._frames.values())
        return FrameUse(len(self._frames), nbytes, self.encoded, self.reused)

    def encode(self, backend: Backend, cutouts: Sequence[Cutout]) -> tuple[EncodedFrame, ...]:
        """
        Return the frames of cutouts; those that are not held are encoded in one call.

        :raises InvalidImageError: if the pixels of one are needed and unusable.
        :raises ModelError: if the model fails.
        """
        # A view without a source is identified by its place.
        slots = [self._key(cutout) or place for place, cutout in enumerate(cutouts)]
        frames: dict[_Key | int, EncodedFrame] = {
            slot: frame
            for slot in slots
            if not isinstance(slot, int) and (frame := self._frames.get(slot)) is not None
        }
        missing = {
            slot: cutout for slot, cutout in zip(slots, cutouts, strict=True) if slot not in frames
        }
        if missing:
            images = [cutout.pixels() for cutout in missing.values()]
            frames.update(zip(missing, backend.encode(images), strict=True))
        self.encoded += len(missing)
        self.reused += len(cutouts) - len(missing)
        for slot, frame in frames.items():
            if not isinstance(slot, int):
                self._frames[slot] = frame
                self._frames.move_to_end(slot)
        for is_part, most in self._most.items():
            kept = [key for key in self._frames if (key[1] is not None) is is_part]
            for key in kept[: max(0, len(kept) - most)]:
                del self._frames[key]
        return tuple(frames[slot] for slot in slots)

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()

    def _key(self, cutout: Cutout) -> _Key | None:
        source = cutout.view.source
        return (source, cutout.region) if source is not None and self.is_enabled else None


def key_of_content(data: array[int] | bytes, *layout: object) -> FrameKey:
    """
    Return a key for an image that did not come from a camera.

    BLAKE2 tells even images apart that were made to collide.

    :param layout: what else identifies the image, such as its size.
    """
    digest = hashlib.blake2b(data, digest_size=_DIGEST_BYTES)
    digest.update(repr(layout).encode())
    return FrameKey('', 0, int.from_bytes(digest.digest(), 'big'))
