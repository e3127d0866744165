# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The process that decodes compressed pictures: one after the other, in limited memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
import resource

import numpy as np
import numpy.typing as npt

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.bit_depth import BitDepth
from kosmos_ros.core.images.compressed_images import rgb_from_compressed
from kosmos_ros.isolation.child import AnswerWithFile, ParentLink, serve
from kosmos_ros.isolation.memory import share, shared
from kosmos_ros.isolation.picture_values import DecodedPicture


@dataclass
class _Compressed:
    format: str
    data: npt.NDArray[np.uint8]


def main(link: ParentLink) -> None:
    """Serve pictures."""
    (channel,) = link.channels
    serve(channel, {'limit': _limit, 'decode': _decode})


def _limit(room: int) -> None:
    """Let this process grow by so many bytes at most."""
    pages = int(Path('/proc/self/statm').read_text().split()[0])
    most = pages * resource.getpagesize() + room
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _decode(format_: str, bits: int, seen: int, file: int) -> AnswerWithFile:
    depth = BitDepth(bits, seen)
    try:
        rgb = rgb_from_compressed(_Compressed(format_, shared(file)), depth)
    except MemoryError as error:
        raise InvalidImageError('it takes more memory than pictures may') from error
    height, width = rgb.shape[:2]
    return AnswerWithFile(DecodedPicture(height, width, depth.seen), share([rgb]))
