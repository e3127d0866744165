# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Renders scenes without a display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import threading

import mujoco
import numpy as np
import numpy.typing as npt

from kosmos_ros.core.closing import Closing
from kosmos_ros.sim.rendering.frame import label_objects, RenderedFrame, Segmentation
from kosmos_ros.sim.rendering.gl import make_gl_context
from kosmos_ros.sim.rendering.stage import build_model, FAR, NEAR, RenderQuality, Stage
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.scene import Scene
from kosmos_ros.sim.surfaces.mesh import FloatArray

ColorImage = npt.NDArray[np.uint8]
DepthImage = npt.NDArray[np.float32]


class TabletopRenderer(Closing):
    """
    A camera that looks at scenes.

    Made, used and closed by one thread: an OpenGL context belongs to a thread, and elsewhere it
    would silently render garbage. Use it as a context manager or call ``close``.
    """

    def __init__(
        self,
        width: int = 640,
        height: int = 480,
        squash_to: int | None = None,
        quality: RenderQuality | None = None,
    ) -> None:
        """
        Open an OpenGL context and load all meshes and textures; sizes are in pixels.

        :param squash_to: render the view of ``width`` x ``height`` into a square image of this
            side instead, as resizing it would.
        :param quality: shadow and edge quality, by default ``RenderQuality()``.
        :raises ValueError: if a size is not positive.
        :raises MissingDependencyError: if this machine cannot render.
        """
        side = min(width, height) if squash_to is None else squash_to
        if min(width, height, side) <= 0:
            raise ValueError(f'image sizes are positive, got {width}x{height}, {squash_to}')
        self._aspect = width / height
        self._width, self._height = (width, height) if squash_to is None else (side, side)
        self._quality = quality or RenderQuality()
        model = build_model(self._width, self._height, self._quality)
        self._stage = Stage(model)
        self._thread = threading.get_ident()
        self._gl = make_gl_context(self._width, self._height)
        self._gl.make_current()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        # Depth 0 at the far plane keeps floating-point precision where the scene is.
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        self._viewport = mujoco.MjrRect(0, 0, self._width, self._height)
        self._model = model
        self._scene: Scene | None = None
        self._first_object = 0
        self._closed = False

    def close(self) -> None:
        """Release the OpenGL context; closing twice is harmless."""
        if self._closed:
            return
        self._take_thread()
        self._closed = True
        # In this order: MuJoCo frees its textures through the context.
        self._context.free()
        self._gl.free()

    def render(self, scene: Scene) -> RenderedFrame:
        """
        Show a scene and return its image with ground truth.

        :raises RuntimeError: if called from another thread or after ``close``.
        """
        camera = self.show(scene)
        rgb = self._render_color()
        segmentation, depth = self._render_segmentation()
        objects = label_objects(scene, camera, segmentation, self._segment_alone)
        return RenderedFrame(rgb, depth, segmentation, objects, camera)

    def show(self, scene: Scene) -> CameraModel:
        """
        Put a scene before the camera for ``capture``.

        :returns: the camera it will be seen by.
        :raises RuntimeError: if called from another thread or after ``close``.
        """
        self._take_thread()
        self._scene = scene
        self._first_object = self._stage.arrange(scene, self._aspect)
        pose = scene.surroundings.camera
        return CameraModel.from_pose(pose, self._width, self._height, self._aspect)

    def capture(self, mark: FloatArray | None = None) -> tuple[ColorImage, DepthImage]:
        """
        Render the shown scene once more, without ground truth.

        :param mark: (3,) point in the world, metres, on which the colour image shows a pole.
        :returns: colour (H, W, 3) and depth (H, W) in metres along the optical axis.
        :raises RuntimeError: if no scene is shown, from another thread, or after ``close``.
        """
        self._take_thread()
        if self._scene is None:
            raise RuntimeError('show a scene before capturing it')
        if mark is not None:
            with self._stage.marked(mark):
                color = self._render_color()
            return color, self._render_segmentation()[1]
        if self._quality.samples:
            # Several samples per pixel would mix the depths of two surfaces at every edge.
            return self._render_color(), self._render_segmentation()[1]
        depth = np.empty((self._height, self._width), dtype=np.float32)
        return self._render_color(depth), _to_metres(depth)

    def _take_thread(self) -> None:
        if self._closed:
            raise RuntimeError('this renderer is closed')
        if threading.get_ident() != self._thread:
            raise RuntimeError(
                'a renderer is used only by the thread that made it; make another one here'
            )
        self._gl.make_current()

    def _render_color(self, depth: DepthImage | None = None) -> ColorImage:
        mujoco.mjr_render(self._viewport, self._stage.geoms, self._context)
        return self._read_pixels(depth)

    def _render_segmentation(self) -> tuple[Segmentation, DepthImage]:
        with self._identity_colors():
            mujoco.mjr_render(self._viewport, self._stage.geoms, self._context)
        depth = np.empty((self._height, self._width), dtype=np.float32)
        segmentation = self._to_indices(self._read_pixels(depth))
        return segmentation, _to_metres(depth)

    def _segment_alone(self, objects: Sequence[int]) -> Segmentation:
        geoms = self._stage.geoms
        shown = {self._first_object + index for index in objects}
        for index in range(geoms.ngeom):
            geoms.geoms[index].segid = index if index in shown else -1
        with self._identity_colors():
            mujoco.mjr_render(self._viewport, geoms, self._context)
        for index in range(geoms.ngeom):
            geoms.geoms[index].segid = index
        return self._to_indices(self._read_pixels())

    @contextmanager
    def _identity_colors(self) -> Iterator[None]:
        """Paint every geometry in the colour of its number within the context."""
        flags = self._stage.geoms.flags
        both = [int(mujoco.mjtRndFlag.mjRND_SEGMENT), int(mujoco.mjtRndFlag.mjRND_IDCOLOR)]
        flags[both] = 1
        try:
            yield
        finally:
            flags[both] = 0

    def _read_pixels(self, depth: DepthImage | None = None) -> ColorImage:
        """Return the upright colour image and fill ``depth`` with the raw depth buffer."""
        color = np.empty((self._height, self._width, 3), dtype=np.uint8)
        mujoco.mjr_readPixels(color, depth, self._viewport, self._context)
        if depth is not None:
            depth[:] = depth[::-1].copy()
        return np.ascontiguousarray(color[::-1])

    def _to_indices(self, color: ColorImage) -> Segmentation:
        # The colour of geometry n is n + 1 in base 256, red lowest; 100 fit in red alone.
        indices = color[..., 0].astype(np.int32) - 1 - self._first_object
        return np.maximum(indices, -1, out=indices)


def _to_metres(raw: DepthImage) -> DepthImage:
    """Invert the perspective division of a depth buffer that is 0 far and 1 near."""
    metres: DepthImage = (NEAR * FAR / (NEAR + raw * (FAR - NEAR))).astype(np.float32)
    metres[raw == 0] = np.inf
    return metres
