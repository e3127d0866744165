# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node with a slow backend that finds a thing where the image says it is.

The first pixel of an image tells the left and upper edge of the thing, in steps of 2 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
import sys

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.model.backend import Located, LocateQuery
from kosmos_ros.core.types import Box
from kosmos_ros.nodes.grounding_node import main

SECONDS = 0.4
SIDE = 48


class FollowingBackend(ScriptedBackend):
    """Sees at once, and takes its time to say so."""

    def locate(self, queries: Sequence[LocateQuery], *limits: object) -> tuple[Located, ...]:
        super().locate(queries, *limits)
        return tuple(_find(query) for query in queries)


def _find(query: LocateQuery) -> Located:
    image = query.frame.image
    height, width = image.shape[:2]
    x, y = 2 * int(image[0, 0, 0]), 2 * int(image[0, 0, 1])
    box = Box(x / width, y / height, (x + SIDE) / width, (y + SIDE) / height)
    return located(query.phrase, box)


if __name__ == '__main__':
    sys.exit(main(make_backend=lambda _: FollowingBackend(seconds=SECONDS)))
