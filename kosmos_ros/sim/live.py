# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A camera that looks at one scene after another and delivers images continuously."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from kosmos_ros.core.closing import Closing
from kosmos_ros.sim.motion import Motion
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import ColorImage, DepthImage, TabletopRenderer
from kosmos_ros.sim.scenes.scene import CameraKind, sample_scene, Scene
from kosmos_ros.sim.shot import shot_of
from kosmos_ros.sim.surfaces.mesh import FloatArray

_SPARE_ROWS, _SPARE_COLUMNS = 61, 67
"""How much larger than an image the noise pattern is that images take their noise from."""


class LiveTabletop(Closing):
    """
    Renders the scene of a seed again and again.

    Ground truth is computed once per scene, or for every image while the camera moves.

    Made, used and closed by one thread, as its renderer is.
    """

    def __init__(
        self,
        width: int,
        height: int,
        seed: int,
        noise: float = 0.0,
        motion: Motion | None = None,
        camera: CameraKind = CameraKind.USUAL,
    ) -> None:
        """
        Open the renderer and show the scene of a seed; sizes are in pixels.

        :param noise: standard deviation of the sensor's noise in grey levels of 255.
        :raises MissingDependencyError: if this machine cannot render.
        :raises ValueError: if a size is not positive or there is no such scene.
        """
        self.shot = shot_of(camera, width, height)
        """Which scenes are shown, and in which size."""
        self._renderer = TabletopRenderer(width, height)
        self.motion = motion or Motion()
        """Of the camera around the pose of its scene."""
        self._mark: FloatArray | None = None
        self._rng = np.random.default_rng(0)
        # Every image gets a random cut of one pattern: fresh noise for each pixel would take as
        # long as the rendering.
        shape = (height + _SPARE_ROWS, width + _SPARE_COLUMNS, 3)
        self._noise = np.rint(self._rng.normal(0.0, noise, shape)).astype(np.int16)
        self.show(seed)

    def close(self) -> None:
        """Close the renderer."""
        self._renderer.close()

    def show(self, seed: int) -> None:
        """
        Show another scene.

        :raises ValueError: if there is no such scene.
        """
        self._scene = sample_scene(seed, self.shot.options)
        self.truth = self._rendered(self._scene)
        """What is seen in the newest image; without noise."""
        self.seed = seed
        """Of the scene that is shown."""

    def mark(self, point: FloatArray | None) -> None:
        """Show a pole on a point (3,) of the world, metres, or none; ``truth`` leaves it out."""
        self._mark = point

    def capture(self, seconds: float = 0.0) -> tuple[ColorImage, DepthImage]:
        """
        Render one image.

        :param seconds: since the camera began to move.
        :returns: colour (H, W, 3) and depth (H, W) in metres along the optical axis.
        """
        if self.motion.moves():
            surroundings = self._scene.surroundings
            pose = self.motion.pose(surroundings.camera, seconds)
            seen = replace(self._scene, surroundings=replace(surroundings, camera=pose))
            self.truth = self._rendered(seen)
            color, depth = self.truth.rgb, self.truth.depth
            if self._mark is not None:
                color, _ = self._renderer.capture(self._mark)
        else:
            color, depth = self._renderer.capture(self._mark)
        height, width = depth.shape
        row, column = self._rng.integers(_SPARE_ROWS), self._rng.integers(_SPARE_COLUMNS)
        pattern = self._noise[row : row + height, column : column + width]
        # Saturates, where adding the arrays would wrap around.
        noisy = cv2.add(color, pattern, dtype=cv2.CV_8U)
        return np.asarray(noisy, dtype=np.uint8), depth

    def _rendered(self, scene: Scene) -> RenderedFrame:
        return replace(self._renderer.render(scene), least_share=self.shot.least_share)
