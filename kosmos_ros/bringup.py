# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The processes to start, their names and parameters.

The launch file and the demo both start the processes described here, so that a robot and a first
try differ only in what starts them. No ROS import: a description can be made, and tested,
anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path
import posixpath
import re
from shutil import disk_usage
import sys

from kosmos_ros.config_files import config_file, PACKAGE
from kosmos_ros.parameters.camera_settings import compressed_topic_of, info_topic_of

CAMERAS = ('none', 'sim')
LOG_LEVELS = ('debug', 'info', 'warn', 'error', 'fatal')

DEFAULT_NAMESPACE = 'kosmos'
DEFAULT_IMAGE_TOPIC = 'camera/image_raw'
DEFAULT_DEPTH_TOPIC = 'camera/depth/image_raw'
"""Relative, as names chosen by users, to the namespace that everything runs in."""

MEMORY_VARIABLE = 'GLIBC_TUNABLES'
FASTDDS_PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
"""Where Fast DDS 2 (Humble, Jazzy) and Fast DDS 3 (Kilted, Lyrical) look for a profile."""

_MEMORY_BY_PROFILE = 'RMW_FASTRTPS_USE_QOS_FROM_XML'
"""Lets the profile say what memory is kept for."""

SHARED_MEMORY = Path('/dev/shm')  # noqa: S108 (no temporary file)
_SHARED_MEMORY_BYTES = 4 * 72_000_000
"""Camera, node, RViz and one more, each with a segment as in ``config/fastdds.xml``."""

ENCLAVES = f'/{PACKAGE}'
"""Above the enclaves of SROS2 in which our processes run, each in the one of its node's name."""

ParameterValue = bool | int | float | str | list[str]

_NAMESPACE = re.compile(r'(/[A-Za-z_][A-Za-z0-9_]*)+')


@dataclass(frozen=True)
class NodeProcess:
    """
    One node in a process of its own.

    ``executable`` is the name for ``ros2 run``, and that of the module below ``kosmos_ros.nodes``.
    ``parameters`` win over ``params_file``, that over ``defaults_file``, and all over the node's
    own defaults. Further parameters of a launch file belong between the two files. ``environment``
    is set in addition to the caller's.
    """

    executable: str
    name: str
    namespace: str
    remappings: tuple[tuple[str, str], ...] = ()
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    defaults_file: Path | None = None
    params_file: Path | None = None
    log_level: str = 'info'
    environment: Mapping[str, str] = field(default_factory=dict)
    enclave: str = ''

    def __post_init__(self) -> None:
        """Reject a namespace that ROS would refuse only after the process has started."""
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError(
                f'a namespace looks like /kosmos or /robot/kosmos, got {self.namespace!r}'
            )
        if self.log_level not in LOG_LEVELS:
            raise ValueError(f'log_level is one of {LOG_LEVELS}, got {self.log_level!r}')

    @property
    def module(self) -> str:
        """Python module to run with ``python -m``."""
        return f'{PACKAGE}.nodes.{self.executable}'

    @property
    def full_name(self) -> str:
        """Name of the node with its namespace, as ``ros2 node list`` prints it."""
        return f'{self.namespace}/{self.name}'

    @property
    def ros_arguments(self) -> tuple[str, ...]:
        """
        ROS arguments that set the enclave, and the log level of this node alone.

        A bare level would also turn on the middleware's debug output.
        """
        logger = self.full_name.strip('/').replace('/', '.')
        enclave = ('--enclave', self.enclave) if self.enclave else ()
        return (*enclave, '--log-level', f'{logger}:={self.log_level}')

    def parameters_yaml(self) -> str:
        """
        Return ``parameters`` as the text of a parameter file.

        The section carries the node's full name: ROS ranks it above the wildcards of other files,
        unlike a ``-p`` on the command line.
        """
        return json.dumps({self.full_name: {'ros__parameters': dict(self.parameters)}}, indent=1)

    def command(self, overrides: Path | None = None, python: str = sys.executable) -> list[str]:
        """
        Return the command line that runs the node without ``ros2 run`` or ``launch``.

        :param overrides: a file that holds ``parameters_yaml()``; needed if there are parameters.
        """
        arguments = ['-r', f'__node:={self.name}', '-r', f'__ns:={self.namespace}']
        for source, target in self.remappings:
            arguments += ['-r', f'{source}:={target}']
        for file in (self.defaults_file, self.params_file, overrides):
            if file is not None:
                arguments += ['--params-file', str(file)]
        return [python, '-m', self.module, '--ros-args', *arguments, *self.ros_arguments]


@dataclass(frozen=True)
class BringupOptions:
    """
    The user's options; the launch arguments of the same names explain them.

    Relative names count from the namespace ``surroundings``. ``parameters`` holds those given for
    the grounding node besides its parameter file, ``camera_parameters`` those for the simulated
    camera.
    """

    camera: str = 'none'
    namespace: str = DEFAULT_NAMESPACE
    surroundings: str = '/'
    image_topic: str = DEFAULT_IMAGE_TOPIC
    depth_topic: str = ''
    info_topic: str = ''
    params_file: Path | None = None
    log_level: str = 'info'
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    camera_parameters: Mapping[str, ParameterValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reject an unknown kind of camera and a parameter file that is not there."""
        if self.camera not in CAMERAS:
            raise ValueError(f'camera is one of {CAMERAS}, got {self.camera!r}')
        if self.params_file is not None and not self.params_file.is_file():
            raise ValueError(f'there is no parameter file {self.params_file}')

    def absolute(self, name: str) -> str:
        """Return a namespace or topic with its surroundings; ``kosmos/`` becomes ``/kosmos``."""
        return absolute_name(name, self.surroundings)


@dataclass(frozen=True)
class CameraTopics:
    """Topics of the camera: absolute, and empty where it has none."""

    image: str
    info: str
    depth: str


def camera_topics(options: BringupOptions) -> CameraTopics:
    """Name the topics; the simulated camera has depth, so that 3D needs no option."""
    image = options.absolute(options.image_topic)
    simulated = options.camera == 'sim'
    depth = options.depth_topic or (DEFAULT_DEPTH_TOPIC if simulated else '')
    info = options.info_topic or info_topic_of(DEFAULT_IMAGE_TOPIC if simulated else image)
    return CameraTopics(image, options.absolute(info), options.absolute(depth) if depth else '')


def processes(options: BringupOptions, environ: Mapping[str, str]) -> tuple[NodeProcess, ...]:
    """
    Describe all processes, the camera before the node that subscribes to it.

    :param environ: the caller's environment; its own choices are kept.
    """
    camera = (simulated_camera(options, environ),) if options.camera == 'sim' else ()
    return (*camera, grounding_node(options, environ))


def grounding_node(options: BringupOptions, environ: Mapping[str, str]) -> NodeProcess:
    """Describe the grounding node, subscribed to ``options.image_topic``."""
    topics = camera_topics(options)
    # What was not chosen is left to the node and its file.
    sources: dict[str, ParameterValue] = {}
    if topics.depth:
        sources['camera.depth_topic'] = topics.depth
    if options.info_topic or options.camera == 'sim':
        sources['camera.info_topic'] = topics.info
    return NodeProcess(
        executable='grounding_node',
        name='grounding',
        namespace=options.absolute(options.namespace),
        remappings=(
            ('image', topics.image),
            (compressed_topic_of('image'), compressed_topic_of(topics.image)),
            # Where the node looks for it beside the image.
            ('camera_info', info_topic_of(topics.image)),
        ),
        parameters={**sources, **options.parameters},
        defaults_file=None if options.params_file else config_file('grounding.yaml'),
        params_file=options.params_file,
        log_level=options.log_level,
        environment={**middleware_environment(environ), **memory_environment(environ)},
        enclave=_enclave('grounding', environ),
    )


def simulated_camera(options: BringupOptions, environ: Mapping[str, str]) -> NodeProcess:
    """Describe the simulated camera; it publishes ``camera/image_raw`` and its companions."""
    return NodeProcess(
        executable='tabletop_camera_node',
        name='tabletop_camera',
        namespace=options.absolute(posixpath.dirname(DEFAULT_IMAGE_TOPIC)),
        parameters=options.camera_parameters,
        log_level=options.log_level,
        environment=middleware_environment(environ),
        enclave=_enclave('tabletop_camera', environ),
    )


def _enclave(name: str, environ: Mapping[str, str]) -> str:
    """Return the enclave of a node, where the keystore in use has one; else it has the default."""
    keystore, path = environ.get('ROS_SECURITY_KEYSTORE', ''), f'{ENCLAVES}/{name}'
    return path if keystore and Path(f'{keystore}/enclaves{path}').is_dir() else ''


def absolute_name(name: str, surroundings: str = '/') -> str:
    """Return ``kosmos``, ``/kosmos`` and ``/kosmos/`` alike as ``/kosmos``."""
    return '/' + posixpath.join(surroundings, name).strip('/')


def memory_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """
    Return the variable that lets the C library use huge pages for large blocks of memory.

    Reading the weights of a large model then takes some percent less time. Nothing when the
    caller has tuned the library already; other C libraries than glibc ignore it.
    """
    return {} if environ.get(MEMORY_VARIABLE) else {MEMORY_VARIABLE: 'glibc.malloc.hugetlb=1'}


def middleware_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """
    Return the variables that give Fast DDS shared memory large enough for images.

    Nothing when the caller has chosen a profile, or where there is no such memory: containers have
    64 MB of it by default, and images then go over UDP. Middlewares other than Fast DDS ignore the
    variables.
    """
    if any(environ.get(variable) for variable in FASTDDS_PROFILE_VARIABLES):
        return {}
    if not SHARED_MEMORY.is_dir() or disk_usage(SHARED_MEMORY).free < _SHARED_MEMORY_BYTES:
        return {}
    profile = str(config_file('fastdds.xml'))
    return {**dict.fromkeys(FASTDDS_PROFILE_VARIABLES, profile), _MEMORY_BY_PROFILE: '1'}
