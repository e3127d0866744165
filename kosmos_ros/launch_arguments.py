# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The arguments of the launch file: each declared once, and one reader for all of them.

Those for a parameter of a node take their text from its declaration.

Launch passes every argument as text. Its meaning depends only on the argument's kind: ``model:=1``
and ``target_frame:=on`` stay texts, ``use_sim_time:=True`` is true, and an invalid value is an
error that names the argument. An empty argument counts as not given. Needs neither ROS nor the
launch system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, Field, fields
from pathlib import Path
import re
from typing import Any

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bringup import (
    BringupOptions,
    CAMERAS,
    DEFAULT_IMAGE_TOPIC,
    DEFAULT_NAMESPACE,
    LOG_LEVELS,
)
from kosmos_ros.parameters.camera_settings import CameraParameters
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.parameters.spec import check
from kosmos_ros.parameters.tabletop_settings import TabletopParameters

_TRUE, _FALSE = ('true', 'yes', 'on', 'y'), ('false', 'no', 'off', 'n')
_BOOLEANS = {
    spelling: word in _TRUE
    for word in (*_TRUE, *_FALSE)
    for spelling in (word, word.upper(), word.capitalize())
}
"""As in YAML 1.1, https://yaml.org/type/bool.html, and so in the parameter files of ROS."""

_NAME = r'[A-Za-z_][A-Za-z0-9_]*'
_NAMES = rf'/?{_NAME}(/{_NAME})*'


@dataclass(frozen=True)
class ArgumentKind:
    """
    What an argument may be.

    ``expected`` tells it to people; ``value_of`` returns the value of a text, or raises
    ``ValueError`` or ``KeyError`` for one that has none.
    """

    expected: str
    value_of: Callable[[str], Any]


@dataclass(frozen=True)
class LaunchArgument:
    """
    An argument of the launch file.

    ``default`` is empty for one that overrides nothing unless it is given, and ``unset`` then says
    what counts. ``is_parameter`` says that the grounding node has a parameter of this name.
    """

    name: str
    kind: ArgumentKind
    purpose: str
    default: str = ''
    unset: str = ''
    is_parameter: bool = False

    @property
    def description(self) -> str:
        """The text of ``ros2 launch --show-args``."""
        values = f' Takes {self.kind.expected}.' if self.kind is not TEXT else ''
        unset = f' Empty: {self.unset}.' if self.unset else ''
        return f'{self.purpose}{values}{unset}'

    def read(self, text: str) -> Any:
        """
        Return the value of a text, None for an empty one without a default.

        :raises ValueError: naming the argument, what was expected and what came.
        """
        text = text.strip() or self.default
        if not text:
            return None
        try:
            return self.kind.value_of(text)
        except (ValueError, KeyError):
            raise ValueError(f'{self.name} takes {self.kind.expected}, got {text!r}') from None


def _matching(pattern: str, convert: Callable[[str], Any]) -> Callable[[str], Any]:
    def value_of(text: str) -> Any:
        if not re.fullmatch(pattern, text):
            raise ValueError(text)
        return convert(text)

    return value_of


def _one_of(choices: tuple[str, ...]) -> ArgumentKind:
    """Capital letters do not matter."""
    values = {choice.lower(): choice for choice in choices}
    return ArgumentKind(f'one of {", ".join(choices)}', lambda text: values[text.lower()])


def _file(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(text)
    return path


TEXT = ArgumentKind('any text', str)
BOOLEAN = ArgumentKind("true or false, or YAML's other words for them", _BOOLEANS.__getitem__)
WHOLE = ArgumentKind('a whole number', _matching(r'[-+]?[0-9]{1,18}', int))
DECIMAL = ArgumentKind(
    'a number', _matching(r'[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?', float)
)
TOPIC = ArgumentKind('a topic such as /front/image_raw', _matching(_NAMES, str))
NAMESPACE = ArgumentKind(
    'a namespace such as kosmos or /robot/kosmos', _matching(f'{_NAMES}/?', str)
)
FILE = ArgumentKind('the path of a file that exists', _file)
DEVICE = ArgumentKind('auto, cpu, cuda or cuda:N', lambda text: ModelSettings(device=text).device)


def _kind_of(spec: Field[Any]) -> ArgumentKind:
    """Return what a parameter may be, by its declaration."""
    if spec.metadata['choices']:
        return _one_of(spec.metadata['choices'])
    kind = _KINDS[type(spec.default)]
    if not spec.metadata['within']:
        return kind

    def value_of(text: str) -> Any:
        value = kind.value_of(text)
        check(spec, value)
        return value

    low, high = spec.metadata['within']
    return ArgumentKind(f'{kind.expected} within {low}..{high}', value_of)


_KINDS = {bool: BOOLEAN, int: WHOLE, float: DECIMAL, str: TEXT}
_SPECS = {
    spec.name: spec
    for declared in (TabletopParameters, CameraParameters, NodeSettings)
    for spec in fields(declared)
}


def _declared(
    name: str, unset: str, kind: ArgumentKind | None = None, *, is_parameter: bool = False
) -> LaunchArgument:
    spec = _SPECS[name]
    # An empty parameter differs from an empty argument.
    purpose = spec.metadata['description'].partition(' Empty: ')[0]
    return LaunchArgument(
        name, kind or _kind_of(spec), purpose, unset=unset, is_parameter=is_parameter
    )


def _parameter(name: str, kind: ArgumentKind | None = None) -> LaunchArgument:
    return _declared(name, _AS_IN_FILE, kind, is_parameter=True)


_AS_IN_FILE = 'as in params_file'
_OF_CAMERA = "the simulated camera's with camera:=sim, else as in params_file"
_CAMERA_ARGUMENTS = ('seed', 'motion')

ARGUMENTS = (
    _parameter('model'),
    _parameter('device', DEVICE),
    _parameter('dtype'),
    _parameter('quantization'),
    _parameter('threads'),
    _parameter('image_transport'),
    _parameter('max_image_age'),
    _parameter('target_frame'),
    _parameter('autostart'),
    _parameter('memory_limit'),
    LaunchArgument(
        'use_sim_time',
        BOOLEAN,
        'Whether to follow /clock instead of the system clock.',
        unset=_AS_IN_FILE,
        is_parameter=True,
    ),
    LaunchArgument(
        'params_file', FILE, 'Parameters of the grounding node.', unset='config/grounding.yaml'
    ),
    LaunchArgument(
        'image_topic',
        TOPIC,
        'Images to look at, with image_transport:=compressed their base name.',
        DEFAULT_IMAGE_TOPIC,
    ),
    _declared('depth_topic', _OF_CAMERA, TOPIC),
    _declared('info_topic', _OF_CAMERA, TOPIC),
    LaunchArgument(
        'camera',
        _one_of(CAMERAS),
        'Camera to start, sim: the simulated tabletop, which publishes below camera.',
        'none',
    ),
    *(
        _declared(name, f"the simulated camera's own, {_SPECS[name].default}")
        for name in _CAMERA_ARGUMENTS
    ),
    LaunchArgument(
        'namespace',
        NAMESPACE,
        "Namespace of the grounding node, whose name is 'grounding'.",
        DEFAULT_NAMESPACE,
    ),
    LaunchArgument(
        'log_level', _one_of(LOG_LEVELS), 'Log level of the nodes started here.', 'info'
    ),
    LaunchArgument(
        'respawn',
        BOOLEAN,
        'Whether the grounding node is started again two seconds after it ended by itself.',
        'true',
    ),
    LaunchArgument(
        'rviz',
        BOOLEAN,
        'Whether to start RViz with annotated image, camera image, markers and TF.',
        'false',
    ),
    LaunchArgument(
        'fixed_frame', TEXT, "RViz's fixed frame; without the simulated camera, your own.", 'world'
    ),
)


def read_arguments(given: Mapping[str, str]) -> dict[str, Any]:
    """
    Return the value of each argument that has one.

    :param given: texts by name.
    :raises ValueError: naming the argument, what was expected and what came.
    """
    values = {one.name: one.read(given.get(one.name, '')) for one in ARGUMENTS}
    return {name: value for name, value in values.items() if value is not None}


def bringup_options(values: Mapping[str, Any], surroundings: str) -> BringupOptions:
    """
    Return the options of what to run, from the values of ``read_arguments``.

    :param surroundings: the namespace in which the launch file is included.
    """
    parameters = {one.name for one in ARGUMENTS if one.is_parameter}
    return BringupOptions(
        camera=values['camera'],
        namespace=values['namespace'],
        surroundings=surroundings,
        image_topic=values['image_topic'],
        depth_topic=values.get('depth_topic', ''),
        info_topic=values.get('info_topic', ''),
        params_file=values.get('params_file'),
        log_level=values['log_level'],
        parameters={name: value for name, value in values.items() if name in parameters},
        camera_parameters={name: values[name] for name in _CAMERA_ARGUMENTS if name in values},
    )
