# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Motion of a camera around the pose that its scene gives it."""

from __future__ import annotations

from dataclasses import dataclass, replace
import math

import numpy as np

from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.surroundings import CameraPose, vector

KINDS = ('none', 'sway', 'orbit')


@dataclass(frozen=True)
class Motion:
    """
    A smooth periodic motion.

    ``sway`` moves the camera on a circle across its line of sight without turning it, so that
    everything moves through the image, near objects more than far ones. ``orbit`` swings it
    sideways around the point it looks at, so that objects are seen from other sides. ``none``
    leaves it where it is.

    ``amplitude`` is the greatest distance from the middle of its path in metres, ``period`` the
    time of one round in seconds: the speed is at most ``2 pi amplitude / period`` metres per
    second.
    """

    kind: str = 'none'
    amplitude: float = 0.05
    period: float = 6.0

    def __post_init__(self) -> None:
        """Reject an invalid motion."""
        if self.kind not in KINDS:
            raise ValueError(f'a motion is one of {", ".join(KINDS)}, got {self.kind!r}')
        if not (math.isfinite(self.amplitude) and self.amplitude >= 0.0):
            raise ValueError(f'an amplitude is 0 m or more, got {self.amplitude}')
        if not (math.isfinite(self.period) and self.period > 0.0):
            raise ValueError(f'a period is more than 0 s, got {self.period}')

    def moves(self) -> bool:
        """Tell whether the camera moves at all."""
        return self.kind != 'none' and self.amplitude > 0.0

    def pose(self, middle: CameraPose, seconds: float) -> CameraPose:
        """Return the pose of a camera that has moved around ``middle`` for some seconds."""
        if not self.moves():
            return middle
        angle = 2 * math.pi * seconds / self.period
        if self.kind == 'orbit':
            return _swung(middle, self.amplitude * math.sin(angle))
        right, down = CameraModel.from_pose(middle, 1, 1).rotation.T[:2]
        shift = self.amplitude * (math.cos(angle) * right + math.sin(angle) * down)
        position, target = np.add(middle.position, shift), np.add(middle.target, shift)
        return replace(middle, position=vector(position), target=vector(target))


def _swung(middle: CameraPose, way: float) -> CameraPose:
    """Turn the camera around the vertical through its target by a distance in metres."""
    x, y, _ = np.subtract(middle.position, middle.target)
    angle = way / math.hypot(x, y)
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = np.array([cosine * x - sine * y, sine * x + cosine * y])
    shift = np.array([*(turned - (x, y)), 0.0])
    return replace(middle, position=vector(np.add(middle.position, shift)))
