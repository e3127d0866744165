# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The MuJoCo model of all scenes, and the list of geometries of one scene.

Compiling a model for each scene would cost more than rendering it. So there is one model with all
meshes and textures, and the objects of a scene are written directly into MuJoCo's list of visible
geometries, each with its own scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import mujoco
import numpy as np
import numpy.typing as npt

from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.clutter import Clutter
from kosmos_ros.sim.scenes.objects import SceneObject
from kosmos_ros.sim.scenes.scene import Scene
from kosmos_ros.sim.scenes.surroundings import CameraPose, FLOOR_Z, Lights, Surface, Surroundings
from kosmos_ros.sim.surfaces.shapes import shape_mesh
from kosmos_ros.sim.surfaces.textures import (
    texture,
    TEXTURE_COUNT,
    TEXTURE_SIDE,
    UNSEEN_TEXTURE_COUNT,
)
from kosmos_ros.sim.vocabulary import SHAPES

NEAR, FAR = 0.05, 12.0
"""Clipping planes in metres; MuJoCo multiplies them by ``stat.extent``, which is fixed at 1."""

_MAX_GEOMS = 100
_TEXTURES = TEXTURE_COUNT + UNSEEN_TEXTURE_COUNT

_MARK_HEIGHT = 0.2
_MARK_RADIUS = 0.0035
_MARK_RGB = (1.0, 0.0, 1.0)
"""Of nothing else on the table."""

_WORLD = f"""
<mujoco>
  <statistic extent="1" center="0 0 0"/>
  <visual>
    <map znear="{NEAR}" zfar="{FAR}" shadowclip="1" shadowscale="0.8"/>
    <headlight specular="0 0 0"/>
  </visual>
  <worldbody>
    <light name="key" type="spot" pos="0 0 1.6" dir="0 0 -1" cutoff="50" exponent="1"
           specular="0.3 0.3 0.3"/>
    <light name="fill" type="directional" pos="0 0 2" dir="0 0 -1" castshadow="false"
           specular="0.1 0.1 0.1"/>
    <camera name="camera"/>
    <geom name="table" type="box" size="0.8 0.6 0.02" pos="0 0 -0.02"/>
    <geom name="floor" type="plane" size="8 8 0.1" pos="0 0 {FLOOR_Z}"/>
    <geom name="wall" type="box" size="8 0.02 4" pos="0 1.6 1"/>
  </worldbody>
</mujoco>
"""


@dataclass(frozen=True)
class RenderQuality:
    """Side of the shadow map in texels, and samples per pixel against jagged edges (0: one)."""

    shadow_size: int = 512
    samples: int = 0


def build_model(width: int, height: int, quality: RenderQuality) -> mujoco.MjModel:
    """Compile the model that holds all meshes and textures, for images up to this size."""
    spec = mujoco.MjSpec.from_string(_WORLD)
    getattr(spec.visual, 'global').offwidth = width
    getattr(spec.visual, 'global').offheight = height
    spec.visual.quality.shadowsize = quality.shadow_size
    spec.visual.quality.offsamples = quality.samples
    for shape in SHAPES:
        mesh = shape_mesh(shape)
        spec.add_mesh(name=shape, uservert=mesh.vertices.ravel(), userface=mesh.faces.ravel())
    for index in range(_TEXTURES):
        spec.add_texture(
            name=f'texture{index}',
            type=mujoco.mjtTexture.mjTEXTURE_2D,
            builtin=mujoco.mjtBuiltin.mjBUILTIN_FLAT,
            width=TEXTURE_SIDE,
            height=TEXTURE_SIDE,
        )
    for surface in ('table', 'floor', 'wall'):
        material = spec.add_material(name=surface, specular=0.1, shininess=0.2)
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = 'texture0'
        spec.geom(surface).material = surface
    model = spec.compile()
    for index in range(_TEXTURES):
        start = model.tex_adr[index]
        pixels = np.repeat(texture(index).ravel(), 3)
        model.tex_data[start : start + pixels.size] = pixels
    return model


class Stage:
    """One scene at a time, ready to be rendered; needs no OpenGL itself."""

    def __init__(self, model: mujoco.MjModel) -> None:
        """Set an empty stage; surfaces and lights of the model, from ``build_model``, change."""
        self.geoms = mujoco.MjvScene(model, _MAX_GEOMS)
        self.geoms.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = 0
        self._model = model
        self._data = mujoco.MjData(model)
        mujoco.mj_forward(model, self._data)
        self._option = mujoco.MjvOption()
        self._view = mujoco.MjvCamera()
        self._view.type = mujoco.mjtCamera.mjCAMERA_FIXED
        self._view.fixedcamid = 0

    def arrange(self, scene: Scene, aspect: float) -> int:
        """
        Replace what is on the stage by a scene.

        :param aspect: width through height of the camera's view.
        :returns: index in ``geoms`` of the first object; the others follow in order.
        """
        self._set_surroundings(scene.surroundings)
        self._set_camera(scene.surroundings.camera)
        every, option, view = mujoco.mjtCatBit.mjCAT_ALL, self._option, self._view
        mujoco.mjv_updateScene(self._model, self._data, option, None, view, every, self.geoms)
        # Updating resets the frustum to that of the viewport; a fixed half width is what squashes
        # a 4:3 view into a square image.
        for camera in self.geoms.camera:
            camera.frustum_width = camera.frustum_top * aspect
        for item in scene.clutter:
            self._add_clutter(item)
        first = int(self.geoms.ngeom)
        for thing in scene.objects:
            self._add_object(thing)
        return first

    @contextmanager
    def marked(self, point: npt.NDArray[np.float64]) -> Iterator[None]:
        """Show a pole with a ball on top on a point (3,) of the world, metres, within a block."""
        before = self.geoms.ngeom
        radius, half = _MARK_RADIUS, _MARK_HEIGHT / 2
        parts = (
            (mujoco.mjtGeom.mjGEOM_CYLINDER, (radius, half, 0.0), half),
            (mujoco.mjtGeom.mjGEOM_SPHERE, (3 * radius,) * 3, 2 * half),
        )
        for kind, size, height in parts:
            place = point + np.array([0.0, 0.0, height])
            geom = self._add_geom(kind, size, place, np.eye(3), _MARK_RGB)
            geom.category = mujoco.mjtCatBit.mjCAT_DECOR  # casts no shadow
            geom.emission = 0.6
        try:
            yield
        finally:
            self.geoms.ngeom = before

    def _set_surroundings(self, surroundings: Surroundings) -> None:
        model = self._model
        self._set_surface('table', surroundings.table)
        self._set_surface('floor', surroundings.floor)
        self._set_surface('wall', surroundings.wall)
        model.geom('table').size[:2] = surroundings.table_half_size
        self._data.geom('wall').xpos[1] = surroundings.wall_y
        self._set_lights(surroundings.lights)

    def _set_surface(self, name: str, surface: Surface) -> None:
        model = self._model
        material = model.mat(name).id
        model.mat_texid[material, mujoco.mjtTextureRole.mjTEXROLE_RGB] = surface.texture
        model.mat_texrepeat[material] = surface.repeat
        model.geom(name).rgba[:] = [*surface.rgb, 1.0]

    def _set_lights(self, lights: Lights) -> None:
        model, data = self._model, self._data
        model.vis.headlight.ambient[:] = lights.ambient
        model.vis.headlight.diffuse[:] = lights.headlight
        key, fill = model.light('key').id, model.light('fill').id
        position = np.array(lights.key_position)
        model.light_diffuse[key] = lights.key
        model.light_castshadow[key] = lights.key_shadow
        data.light_xpos[key] = position
        data.light_xdir[key] = -position / np.linalg.norm(position)
        model.light_diffuse[fill] = lights.fill
        sideways = np.array([np.cos(lights.fill_azimuth), np.sin(lights.fill_azimuth), -0.5])
        data.light_xdir[fill] = sideways / np.linalg.norm(sideways)

    def _set_camera(self, pose: CameraPose) -> None:
        camera = CameraModel.from_pose(pose, 1, 1)
        self._model.cam_fovy[0] = pose.vertical_fov
        self._data.cam_xpos[0] = camera.position
        # OpenGL cameras have y up and look along -z.
        self._data.cam_xmat[0] = (camera.rotation * [1.0, -1.0, -1.0]).ravel()

    def _add_object(self, thing: SceneObject) -> None:
        mesh = self._model.mesh(thing.shape).id
        # The compiler moves and turns each mesh into the frame of its inertia.
        inertial = np.empty(9)
        mujoco.mju_quat2Mat(inertial, self._model.mesh_quat[mesh])
        stretched = thing.rotation * thing.scale
        geom = self._add_geom(
            mujoco.mjtGeom.mjGEOM_MESH,
            size=(1.0, 1.0, 1.0),
            position=np.array(thing.position) + stretched @ self._model.mesh_pos[mesh],
            matrix=stretched @ inertial.reshape(3, 3),
            rgb=thing.rgb,
        )
        geom.dataid = 2 * mesh
        geom.specular, geom.shininess = thing.specular, thing.shininess

    def _add_clutter(self, item: Clutter) -> None:
        geom = self._add_geom(
            mujoco.mjtGeom.mjGEOM_BOX,
            size=item.half_size,
            position=np.array(item.position),
            matrix=item.rotation,
            rgb=item.rgb,
        )
        geom.specular, geom.shininess = 0.1, 0.2

    def _add_geom(
        self,
        kind: mujoco.mjtGeom,
        size: tuple[float, float, float],
        position: npt.NDArray[np.float64],
        matrix: npt.NDArray[np.float64],
        rgb: tuple[float, float, float],
    ) -> mujoco.MjvGeom:
        index = self.geoms.ngeom
        geom = self.geoms.geoms[index]
        rgba = np.array([*rgb, 1.0], dtype=np.float32)
        mujoco.mjv_initGeom(geom, kind, np.array(size), position, matrix.ravel(), rgba)
        geom.category = mujoco.mjtCatBit.mjCAT_DYNAMIC
        geom.objtype = mujoco.mjtObj.mjOBJ_GEOM
        geom.segid = index
        geom.matid = -1
        self.geoms.ngeom = index + 1
        return geom
