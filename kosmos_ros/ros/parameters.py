# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node's parameters, each declared once: the fields of ``NodeSettings``.

A field's name, type and default are the parameter's; its metadata hold the rest. Values are
checked as soon as they are set, at start and at run time, and a refused one changes nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, Field, field, fields, replace
import math
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from kosmos_ros.backends.settings import DTYPES, ModelSettings, QUANTIZATIONS
from kosmos_ros.core.grounder import GrounderSettings
from kosmos_ros.core.types import GroundingRequest, Region, Task
from kosmos_ros.ros.camera_parameters import (
    ALL_CAMERAS,
    check_camera_names,
    RELIABILITIES,
    TRANSPORTS,
)
from kosmos_ros.ros.job_queue import BusyPolicy

SUBSCRIPTIONS = ('always', 'lazy')
BUSY_POLICIES = tuple(policy.value for policy in BusyPolicy)
ACTION_POLICIES = ('queue', 'preempt', 'reject')
TASKS = tuple(task.name.lower() for task in Task)

_MODEL = ModelSettings()
_GROUNDER = GrounderSettings()


def _parameter(
    default: Any,
    description: str,
    *,
    read_only: bool = False,
    within: tuple[float, float] | None = None,
    choices: Sequence[str] = (),
) -> Any:
    """Declare a field of ``NodeSettings``; ``within`` is inclusive."""
    metadata = {
        'description': description,
        'read_only': read_only,
        'within': within,
        'choices': tuple(choices),
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class NodeSettings:
    """Values of all parameters, validated."""

    model: str = _parameter(
        _MODEL.model,
        'Model: "tabletop" (embedded), a folder with a checkpoint, or a hub id that was '
        'downloaded before.',
        read_only=True,
    )
    device: str = _parameter(
        _MODEL.device,
        'Where the model runs: auto (CUDA if it works), cpu, cuda or cuda:N.',
        read_only=True,
    )
    dtype: str = _parameter(
        _MODEL.dtype,
        'Number type to compute in; auto takes what the device is good at.',
        read_only=True,
        choices=DTYPES,
    )
    quantization: str = _parameter(
        _MODEL.quantization,
        'Weights in fewer bits: int8 by PyTorch on a CPU, 8bit and 4bit by bitsandbytes.',
        read_only=True,
        choices=QUANTIZATIONS,
    )
    threads: int = _parameter(
        _MODEL.threads,
        'Threads that compute on a CPU; 0: PyTorch chooses, as a rule one per core.',
        read_only=True,
        within=(0, 1024),
    )
    max_cached_frames: int = _parameter(
        _GROUNDER.max_cached_frames,
        'Images whose encodings are kept for further questions; about 14 MB each with the '
        'full-size model. 0 keeps none.',
        read_only=True,
        within=(0, 64),
    )
    cameras: tuple[str, ...] = _parameter(
        ('camera',),
        'Names of the cameras; the first is the one that requests without a name mean. Each has '
        'parameters of its own, such as <name>.image_topic.',
        read_only=True,
    )
    image_transport: str = _parameter(
        'raw',
        'Transport of images: raw subscribes to the image topic, compressed to '
        '<image topic>/compressed. Cameras may have their own, <name>.transport.',
        read_only=True,
        choices=TRANSPORTS,
    )
    image_reliability: str = _parameter(
        'auto',
        'Reliability of the image subscriptions; auto is reliable while every publisher offers '
        'it. Cameras may have their own, <name>.reliability.',
        read_only=True,
        choices=RELIABILITIES,
    )
    subscription: str = _parameter(
        'always',
        'lazy subscribes to a camera only when a request, the standing query or a listener of '
        '~/tracks needs it; a request then waits for the first image.',
        read_only=True,
        choices=SUBSCRIPTIONS,
    )
    lazy_seconds: float = _parameter(
        10.0,
        'How long a lazy subscription outlives its last use.',
        within=(0.0, 3600.0),
    )
    frame_history: int = _parameter(
        4,
        'Images kept of each camera, for requests that want the nearest to a stamp; raw ones '
        'take width x height x 3 bytes.',
        read_only=True,
        within=(1, 100),
    )
    depth_tolerance: float = _parameter(
        0.05,
        'Most seconds between the stamps of an image and of the depth image used with it.',
        within=(0.0, 10.0),
    )
    queue_size: int = _parameter(
        8,
        'Requests that may wait while another one is answered.',
        within=(1, 1000),
    )
    busy_policy: str = _parameter(
        BusyPolicy.REJECT.value,
        'Who gets BUSY when the queue is full: reject, the newcomer; replace_oldest, the one who '
        'has waited longest.',
        choices=BUSY_POLICIES,
    )
    action_policy: str = _parameter(
        'queue',
        'What a new goal of ~/ground_action does to those before it: queue waits behind them, '
        'preempt ends them, reject gets BUSY while there is one.',
        choices=ACTION_POLICIES,
    )
    request_timeout: float = _parameter(
        30.0,
        'Time limit in seconds for requests that bring none, waiting included.',
        within=(0.01, 3600.0),
    )
    max_image_age: float = _parameter(
        2.0,
        'Older images in seconds are refused as STALE_IMAGE and the camera is reported as lost; '
        '0 accepts any age. Requests may bring their own limit.',
        within=(0.0, 3600.0),
    )
    existence_threshold: float = _parameter(
        _GROUNDER.existence_threshold,
        'A phrase is NOT_FOUND if the model gives it a lower probability of being in the image.',
        within=(0.0, 1.0),
    )
    min_score: float = _parameter(
        0.0,
        'Detections with a lower score are left out, for requests that bring no limit.',
        within=(0.0, 1.0),
    )
    max_detections: int = _parameter(
        _GROUNDER.max_boxes,
        'Most boxes of one phrase; requests may ask for fewer.',
        within=(1, 100),
    )
    max_new_tokens: int = _parameter(
        _GROUNDER.max_new_tokens,
        'Most tokens of an answer in words.',
        within=(1, 2048),
    )
    debug_image: bool = _parameter(
        True,
        'Draw and publish ~/debug_image while somebody subscribes to it.',
    )
    standing_enabled: bool = _parameter(
        False,
        'Answer the standing query below again and again; ~/set_standing_query overrides it.',
    )
    standing_task: str = _parameter(
        'auto',
        'Task of the standing query.',
        choices=TASKS,
    )
    standing_query: str = _parameter('', 'The standing query.')
    standing_camera: str = _parameter(
        '',
        'Camera of the standing query. Empty: the first; *: all of them together.',
    )
    standing_region: tuple[int, ...] = _parameter(
        (0, 0, 0, 0),
        'Region of the standing query in pixels: x, y, width, height; all zero: the whole image.',
    )
    standing_rate_hz: float = _parameter(
        0.0,
        'Most answers of the standing query per second; 0: every image the model keeps up with.',
        within=(0.0, 1000.0),
    )

    def __post_init__(self) -> None:
        """
        Reject values out of their range.

        :raises ValueError: naming the parameter, what was expected and what came.
        """
        for spec in fields(self):
            _check(spec, getattr(self, spec.name))
        check_camera_names(self.cameras)
        if self.standing_camera not in ('', ALL_CAMERAS, *self.cameras):
            raise ValueError(
                f'standing_camera must be empty, {ALL_CAMERAS} or one of '
                f'{", ".join(self.cameras)}, got {self.standing_camera!r}'
            )
        self.model_settings()
        self.standing()

    def model_settings(self) -> ModelSettings:
        """Return which model to load and how."""
        return ModelSettings(self.model, self.device, self.dtype, self.quantization, self.threads)

    def grounder_settings(self) -> GrounderSettings:
        """Return the limits and thresholds of the grounder."""
        return replace(
            _GROUNDER,
            existence_threshold=self.existence_threshold,
            max_boxes=self.max_detections,
            max_new_tokens=self.max_new_tokens,
            max_cached_frames=self.max_cached_frames,
        )

    def standing(self) -> tuple[GroundingRequest | None, float]:
        """Return the standing query, None while it is not enabled, and its answers per second."""
        region = self.standing_region
        if len(region) != 4:
            raise ValueError(f'standing_region takes x, y, width and height, got {list(region)}')
        request = GroundingRequest(
            query=self.standing_query,
            task=Task[self.standing_task.upper()],
            region=Region(*region) if any(region) else None,
        )
        return request if self.standing_enabled else None, self.standing_rate_hz


ChangeListener = Callable[[NodeSettings, NodeSettings], None]


class NodeParameters:
    """
    The parameters of a running node.

    :param node: where they are declared.
    :param on_change: called with the old and the new settings when parameters were set at run
        time; a ``ValueError`` from it refuses them.
    :raises ValueError: if a value given at start is out of its range.
    :raises ParameterException: if it is of another type.
    """

    def __init__(self, node: Node, on_change: ChangeListener) -> None:
        self._on_change = on_change
        specs = fields(NodeSettings)
        declared = [
            node.declare_parameter(spec.name, _to_ros(spec.default), descriptor_of(spec))
            for spec in specs
        ]
        self.settings = _changed(NodeSettings(), declared)
        """The newest values."""
        node.add_on_set_parameters_callback(self._on_set)

    def _on_set(self, parameters: list[Parameter]) -> SetParametersResult:
        names = {spec.name for spec in fields(NodeSettings)}
        try:
            settings = _changed(self.settings, [one for one in parameters if one.name in names])
            self._on_change(self.settings, settings)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.settings = settings
        return SetParametersResult(successful=True)


def descriptor_of(spec: Field[Any]) -> ParameterDescriptor:
    """Describe a parameter as ``ros2 param describe`` shows it."""
    descriptor = ParameterDescriptor(
        description=spec.metadata['description'], read_only=spec.metadata['read_only']
    )
    if spec.metadata['choices']:
        descriptor.additional_constraints = f'one of {", ".join(spec.metadata["choices"])}'
    if spec.metadata['within']:
        low, high = spec.metadata['within']
        if isinstance(spec.default, int):
            descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    return descriptor


def _changed(settings: NodeSettings, parameters: Sequence[Parameter]) -> NodeSettings:
    return replace(settings, **{one.name: _from_ros(one.value) for one in parameters})


def _to_ros(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _from_ros(value: Any) -> Any:
    return tuple(value) if isinstance(value, (array, list)) else value


def _check(spec: Field[Any], value: Any) -> None:
    within, choices = spec.metadata['within'], spec.metadata['choices']
    if within and not (math.isfinite(value) and within[0] <= value <= within[1]):
        raise ValueError(f'{spec.name} must be within {within[0]}..{within[1]}, got {value}')
    if choices and value not in choices:
        raise ValueError(f'{spec.name} must be one of {", ".join(choices)}, got {value!r}')
