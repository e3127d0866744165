# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The parameters of a running node: declared, set, refused.

Besides those of ``NodeSettings`` there are those of each camera that ``cameras`` names, such as
``front.image_topic``; they come and go with the name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
import threading

from rcl_interfaces.msg import SetParametersResult
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter

from kosmos_ros.core.texts import shortened
from kosmos_ros.parameters.camera_settings import (
    camera_settings,
    CameraParameters,
    CameraSettings,
)
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.parameters.spec import check, UNCONFIGURED, word_of
from kosmos_ros.ros.parameters.descriptors import descriptor_of, value_from_ros, value_to_ros
from kosmos_ros.ros.parameters.numbers import accept_integers, declare

ChangeListener = Callable[[NodeSettings, NodeSettings], None]

_NODE_SPECS = {spec.name: spec for spec in fields(NodeSettings)}
_CAMERA_SPECS = {spec.name: spec for spec in fields(CameraParameters)}


class NodeParameters:
    """
    The parameters of a running node; safe to use from several threads.

    :param node: where they are declared.
    :param on_change: called with the old and the new settings when parameters were set at run
        time; a ``ValueError`` from it refuses them.
    :raises ValueError: if a value given at start is out of its range.
    :raises ParameterException: if it is of another type.
    """

    def __init__(self, node: Node, on_change: ChangeListener) -> None:
        self._node = node
        self._on_change = on_change
        self._lock = threading.RLock()
        self._is_frozen = False
        self._cameras: dict[str, CameraParameters] = {}
        declared = [
            declare(node, spec.name, value_to_ros(spec.default), descriptor_of(spec))
            for spec in _NODE_SPECS.values()
        ]
        self.settings = _changed(NodeSettings(), declared)
        """The newest values of those that belong to no camera."""
        self._declare_cameras(self.settings.cameras)
        node.add_on_set_parameters_callback(self._on_set)
        accept_integers(node)

    def freeze(self) -> NodeSettings:
        """Refuse from now on what can be set only while unconfigured; return the settings."""
        with self._lock:
            self._is_frozen = True
            return self.settings

    def thaw(self) -> None:
        """Allow them again."""
        with self._lock:
            self._is_frozen = False

    def cameras(self) -> list[CameraSettings]:
        """Return the settings of each camera, in the order of ``cameras``."""
        with self._lock:
            now = self.settings
            return [
                camera_settings(
                    name, self._cameras[name], now.image_transport, now.image_reliability
                )
                for name in now.cameras
            ]

    def _on_set(self, parameters: list[Parameter]) -> SetParametersResult:
        try:
            with self._lock:
                self._set(parameters)
        except (ValueError, ParameterException) as error:
            return SetParametersResult(successful=False, reason=shortened(str(error)))
        return SetParametersResult(successful=True)

    def _set(self, parameters: Sequence[Parameter]) -> None:
        settings = _changed(self.settings, [one for one in parameters if one.name in _NODE_SPECS])
        cameras = dict(self._cameras)
        for one in parameters:
            camera, _, name = one.name.rpartition('.')
            if camera in cameras and name in _CAMERA_SPECS:
                value = word_of(_CAMERA_SPECS[name], one.value)
                check(_CAMERA_SPECS[name], value, f'{camera}.')
                cameras[camera] = replace(cameras[camera], **{name: value})
        if self._is_frozen:
            self._require_same(settings, cameras)
        if settings != self.settings:
            self._on_change(self.settings, settings)
        self._cameras = cameras
        if settings.cameras != self.settings.cameras:
            self._declare_cameras(settings.cameras)
        self.settings = settings

    def _require_same(self, settings: NodeSettings, cameras: dict[str, CameraParameters]) -> None:
        """Refuse changes that a configured node would not notice."""
        changed = [
            name
            for name, spec in _NODE_SPECS.items()
            if spec.metadata['when'] == UNCONFIGURED
            and getattr(settings, name) != getattr(self.settings, name)
        ]
        changed += [
            f'that of camera {one}' for one in cameras if cameras[one] != self._cameras[one]
        ]
        if changed:
            name = self._node.get_fully_qualified_name()
            raise ValueError(
                f'{changed[0]} can be set only while the node is unconfigured: '
                f'ros2 lifecycle set {name} deactivate, then cleanup'
            )

    def _declare_cameras(self, names: Sequence[str]) -> None:
        """Declare the parameters of cameras that are new; undeclare those of the others."""
        for camera in [one for one in names if one not in self._cameras]:
            self._cameras[camera] = CameraParameters()
            self._declare_camera(camera)
        for camera in [one for one in self._cameras if one not in names]:
            self._undeclare_camera(camera)

    def _declare_camera(self, camera: str) -> None:
        values = {}
        try:
            for name, spec in _CAMERA_SPECS.items():
                declared = declare(
                    self._node, f'{camera}.{name}', spec.default, descriptor_of(spec)
                )
                values[name] = word_of(spec, declared.value)
                check(spec, values[name], f'{camera}.')
        except (ValueError, ParameterException):
            self._undeclare_camera(camera)
            raise
        self._cameras[camera] = CameraParameters(**values)

    def _undeclare_camera(self, camera: str) -> None:
        del self._cameras[camera]
        for name in _CAMERA_SPECS:
            if self._node.has_parameter(f'{camera}.{name}'):
                self._node.undeclare_parameter(f'{camera}.{name}')


def _changed(settings: NodeSettings, parameters: Sequence[Parameter]) -> NodeSettings:
    return replace(settings, **{one.name: value_from_ros(one.value) for one in parameters})
