# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What can fairly be asked about a rendered scene."""

from __future__ import annotations

from kosmos_ros.core.geometry import box_to_region
from kosmos_ros.core.types import Region
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame, VisibleObject


class AskableObjects:
    """What can be asked about one frame."""

    def __init__(self, frame: RenderedFrame) -> None:
        self.height, self.width = frame.rgb.shape[:2]
        least = frame.least_share
        self.named = tuple(one for one in frame.objects if is_nameable(one, least))
        self.doubtful = tuple(one for one in frame.objects if not is_nameable(one, least))

    @property
    def complete(self) -> bool:
        """Tell whether every visible thing can be named."""
        return not self.doubtful

    def all_of(
        self, shape: str | None = None, color: str | None = None
    ) -> tuple[VisibleObject, ...] | None:
        """Return the things of a shape and colour; None if a doubtful one is among them."""

        def fits(thing: VisibleObject) -> bool:
            return shape in (None, thing.shape) and color in (None, thing.color)

        if any(fits(thing) for thing in self.doubtful):
            return None
        return tuple(thing for thing in self.named if fits(thing))

    def unique(self, shape: str | None = None, color: str | None = None) -> VisibleObject | None:
        """Return the one thing of a shape and colour, if there is exactly one."""
        found = self.all_of(shape, color)
        return found[0] if found and len(found) == 1 else None

    def region(self, thing: VisibleObject) -> Region:
        """Return the thing's box in whole pixels."""
        return box_to_region(thing.box, self.width, self.height)
