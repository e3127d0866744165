# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Which names each process has to publish, subscribe to, serve and call, and no more.

All names are absolute, with remappings applied, as SROS2 compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kosmos_ros.bringup import absolute_name, NodeProcess
from kosmos_ros.parameters.camera_settings import (
    camera_settings,
    CameraParameters,
    info_topic_of,
)
from kosmos_ros.parameters.node_settings import NodeSettings

_PARAMETERS = (
    'describe_parameters',
    'get_parameter_types',
    'get_parameters',
    'list_parameters',
    'set_parameters',
    'set_parameters_atomically',
)
_LIFE_CYCLE = (
    'change_state',
    'get_available_states',
    'get_available_transitions',
    'get_state',
    'get_transition_graph',
)
_OUTPUTS = ('groundings', 'detections', 'detections_3d', 'markers', 'debug_image', 'tracks')
_TREE = ('/tf', '/tf_static')


@dataclass(frozen=True)
class Permissions:
    """Absolute names: what a process may do, by the words of SROS2's policies."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    request: tuple[str, ...] = ()
    execute: tuple[str, ...] = ()
    call: tuple[str, ...] = ()

    def __add__(self, other: Permissions) -> Permissions:
        """Allow both."""
        return Permissions(
            *(
                tuple(sorted({*getattr(self, one.name), *getattr(other, one.name)}))
                for one in fields(self)
            )
        )


class GroundingPermissions:
    """
    What has to be allowed around a grounding node.

    :param process: the node.
    :param values: the parameters that it is started with, by name; all others have their
        defaults.
    :raises ValueError: if a value is out of its range.
    """

    def __init__(self, process: NodeProcess, values: Mapping[str, Any]) -> None:
        self._process = process
        self._values = values
        self._settings = NodeSettings(**_fields_of(NodeSettings, values))
        names = self._settings.cameras
        self._annotations = ('annotations', *(f'annotations/{name}' for name in names[1:]))
        self._images = tuple(self._camera_topics())

    def node(self) -> Permissions:
        """Return what the node itself needs."""
        namespace = self._process.namespace
        bond = (absolute_name('bond', namespace),) if self._settings.bond else ()
        in_space = bool(self._settings.target_frame)
        return _started(self._process, self._values) + Permissions(
            publish=(
                *self._own(*_OUTPUTS, *self._annotations, 'transition_event'),
                '/diagnostics',
                *bond,
            ),
            subscribe=(*self._images, *(_TREE if in_space else ()), *bond),
            reply=(
                *self._own('ground', 'set_standing_query', *_LIFE_CYCLE),
                *((absolute_name('tf2_frames', namespace),) if in_space else ()),
            ),
            execute=self._own('ground_action'),
        )

    def caller(self) -> Permissions:
        """Return what a program needs that asks, and reads the answers to others."""
        return Permissions(
            subscribe=self._own(*_OUTPUTS),
            request=self._own('ground'),
            call=self._own('ground_action'),
        )

    def operator(self) -> Permissions:
        """Return what is needed to start, stop and configure the node and read its state."""
        return Permissions(
            subscribe=(*self._own('transition_event'), '/diagnostics', '/rosout'),
            request=self._own('set_standing_query', *_LIFE_CYCLE, *_PARAMETERS),
        )

    def viewer(self) -> Permissions:
        """Return what RViz, Foxglove or the web page need to show what the node sees."""
        outputs = self._own(*_OUTPUTS, *self._annotations)
        return Permissions(subscribe=(*outputs, *self._images, *_TREE, '/diagnostics'))

    def _camera_topics(self) -> Iterator[str]:
        for name in self._settings.cameras:
            prefix = f'{name}.'
            own = {
                key.removeprefix(prefix): value
                for key, value in self._values.items()
                if key.startswith(prefix)
            }
            camera = camera_settings(
                name,
                CameraParameters(**_fields_of(CameraParameters, own)),
                self._settings.image_transport,
                self._settings.image_reliability,
            )
            image = self._resolved(camera.topic)
            yield image if camera.transport == 'raw' else f'{image}/compressed'
            if camera.depth_topic:
                yield self._resolved(camera.depth_topic)
                yield self._resolved(camera.info_topic or info_topic_of(image))

    def _own(self, *names: str) -> tuple[str, ...]:
        return tuple(f'{self._process.full_name}/{name}' for name in names)

    def _resolved(self, topic: str) -> str:
        renamed = dict(self._process.remappings).get(topic, topic)
        return absolute_name(renamed, self._process.namespace)


def tabletop_camera(process: NodeProcess) -> Permissions:
    """Return what the simulated camera needs."""

    def beside(*names: str) -> tuple[str, ...]:
        return tuple(absolute_name(name, process.namespace) for name in names)

    return _started(process, process.parameters) + Permissions(
        publish=(
            *beside(
                'image_raw', 'camera_info', 'depth/image_raw', 'depth/camera_info', 'ground_truth'
            ),
            *_TREE,
        ),
        subscribe=beside('mark'),
    )


def any_node(name: str, *, follows_clock: bool = False) -> Permissions:
    """
    Return what every node of rclpy needs.

    :param name: with the namespace.
    """
    return Permissions(
        publish=('/rosout', '/parameter_events'),
        subscribe=('/clock',) if follows_clock else (),
        reply=tuple(f'{name}/{one}' for one in (*_PARAMETERS, 'get_type_description')),
    )


def _started(process: NodeProcess, values: Mapping[str, Any]) -> Permissions:
    return any_node(process.full_name, follows_clock=bool(values.get('use_sim_time')))


def _fields_of(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        one.name: tuple(value) if isinstance(value := values[one.name], list) else value
        for one in fields(kind)
        if one.name in values
    }
