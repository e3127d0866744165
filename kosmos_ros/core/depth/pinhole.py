# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The camera model that turns pixels with depth into points."""

from __future__ import annotations

from dataclasses import dataclass, replace
import math

from kosmos_ros.core.depth.lenses import FloatArray, Lens, Rays


@dataclass(frozen=True)
class PinholeCamera:
    """
    Pinhole camera, with or without lens distortion.

    All numbers are in pixels; the centre of the upper left pixel is at (0, 0), as in ROS. The
    optical frame has x right, y down, z forward (REP-103): a point (x, y, z) is seen at
    ``(fx x / z + cx, fy y / z + cy)``, with ``(x / z, y / z)`` distorted by the ``lens``.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    lens: Lens | None = None

    def __post_init__(self) -> None:
        """Reject what cannot be a camera."""
        numbers = (self.fx, self.fy, self.cx, self.cy)
        if not (all(map(math.isfinite, numbers)) and self.fx > 0.0 and self.fy > 0.0):
            raise ValueError(
                f'a camera needs finite numbers with fx > 0 and fy > 0, got fx={self.fx:g} '
                f'fy={self.fy:g} cx={self.cx:g} cy={self.cy:g}'
            )
        if self.width <= 0 or self.height <= 0:
            size = f'{self.width}x{self.height}'
            raise ValueError(f'a camera needs a width and a height above 0, got {size}')

    def scaled_to(self, width: int, height: int) -> PinholeCamera:
        """
        Return the camera of the same view in another resolution.

        Lengths scale with the number of pixels, and positions do so from the image's corner, half
        a pixel from the origin.

        :raises ValueError: if width and height do not scale alike.
        """
        if width <= 0 or height <= 0 or width * self.height != height * self.width:
            raise ValueError(
                f'{width}x{height} pixels do not show the same view as {self.width}x{self.height}'
            )
        scale = width / self.width
        return replace(
            self,
            fx=self.fx * scale,
            fy=self.fy * scale,
            cx=(self.cx + 0.5) * scale - 0.5,
            cy=(self.cy + 0.5) * scale - 0.5,
            width=width,
            height=height,
        )

    def rays(self, columns: FloatArray, rows: FloatArray) -> Rays:
        """Return x / z and y / z of what is seen at pixels, NaN where the lens shows nothing."""
        x, y = (columns - self.cx) / self.fx, (rows - self.cy) / self.fy
        return (x, y) if self.lens is None else self.lens.straighten(x, y)
