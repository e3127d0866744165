# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How cameras are used: how much is kept, and whether they look while nobody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kosmos_ros.core.images.raw_images import colours_from_raw
from kosmos_ros.ros.conversions.images import ColourReader


@dataclass(frozen=True)
class CameraUse:
    """
    How cameras are used, the same for all.

    ``history`` is how many frames are kept. ``is_lazy`` subscribes only while somebody needs the
    camera, and ``lazy_seconds`` longer. ``depth_tolerance`` is the most seconds between the stamps
    of an image and its depth. Those that are called may change at any time. ``colours`` converts
    raw images.
    """

    history: int = 1
    is_lazy: bool = False
    lazy_seconds: Callable[[], float] = lambda: 10.0
    depth_tolerance: Callable[[], float] = lambda: 0.05
    colours: ColourReader = colours_from_raw


USE_ALWAYS = CameraUse()
