# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The grounding node's parameters, each declared once: the fields of ``NodeSettings``.

Values are checked as soon as they are set, at start and at run time, and a refused one changes
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from kosmos_ros.backends.settings import DTYPES, ModelSettings, QUANTIZATIONS
from kosmos_ros.core.model.signals import LEVELS
from kosmos_ros.core.settings import default_and_limits, GrounderSettings
from kosmos_ros.core.types import GroundingRequest, Region, Task
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS, check_camera_names
from kosmos_ros.parameters.choices import (
    ActionPolicy,
    AUTO,
    BusyPolicy,
    CONVERSIONS,
    RELIABILITIES,
    SUBSCRIPTIONS,
    TRANSPORTS,
)
from kosmos_ros.parameters.spec import AT_START, check, parameter, UNCONFIGURED

BUSY_POLICIES = tuple(policy.value for policy in BusyPolicy)
ACTION_POLICIES = tuple(policy.value for policy in ActionPolicy)
TASKS = tuple(task.name.lower() for task in Task)

MAX_RATE_HZ = 1000.0
MAX_TIMEOUT = 3600.0
"""Seconds after which every request is over."""


def _setting(settings: type, name: str, description: str, **more: Any) -> Any:
    """Declare a parameter with the default and the range of a setting."""
    default, within = default_and_limits(settings, name)
    return parameter(default, description, within=within, **more)


_unconfigured = partial(parameter, when=UNCONFIGURED)
_model = partial(_setting, ModelSettings, when=UNCONFIGURED)
_limit = partial(_setting, GrounderSettings)


@dataclass(frozen=True)
class NodeSettings:
    """Values of all parameters, validated."""

    autostart: bool = parameter(
        True,
        'Configure and activate as soon as the node runs; false leaves that to a life-cycle '
        'manager.',
        when=AT_START,
    )
    bond: bool = _unconfigured(
        True,
        "Form a bond with Nav2's life-cycle manager while active, if the package bondpy is "
        'installed.',
    )
    memory_limit: int = parameter(
        4000,
        'Megabytes that the process may take beyond what it has once its model is loaded; more is '
        'refused to whoever asks for it, such as a request that claims a huge image. 0: no limit.',
        when=AT_START,
        within=(0, 1_000_000),
    )
    hang_timeout: float = parameter(
        60.0,
        'A model that has not come back this many seconds after a deadline, or whose loading has '
        'stood still for as long, is ended; one that could answer is loaded anew. 0: never.',
        within=(0.0, 3600.0),
    )
    model: str = _model(
        'model',
        'Model: "tabletop" (embedded, knows the simulated table only), a folder with a KOSMOS-2 '
        'checkpoint, or a hub id that was downloaded before, as by `kosmos-ros download '
        'microsoft/kosmos-2-patch14-224`.',
    )
    device: str = _model(
        'device', 'Where the model runs: auto (CUDA if it works), cpu, cuda or cuda:N.'
    )
    dtype: str = _model(
        'dtype',
        'Number type to compute in; auto takes what the device is good at.',
        choices=DTYPES,
    )
    quantization: str = _model(
        'quantization',
        'Weights in fewer bits: int8 and int4 by PyTorch on a CPU, 8bit and 4bit by bitsandbytes.',
        choices=QUANTIZATIONS,
    )
    threads: int = _model(
        'threads', 'Threads that compute on a CPU; 0: PyTorch chooses, as a rule one per core.'
    )
    existence_signals: str = _model(
        'existence_signals',
        'What is measured to tell what is in the image, of models whose calibration.json weighs '
        'more than their own word: free, what locating computes anyway; phrase, a pass for each '
        'new phrase too; question, a pass for each phrase and image too; caption, a caption of '
        'each image too.',
        choices=LEVELS,
    )
    max_cached_frames: int = _limit(
        'max_cached_frames',
        'Images whose encodings are kept for further questions; about 14 MB each with the '
        'full-size model. 0 keeps none.',
        when=UNCONFIGURED,
    )
    max_cached_looks: int = _limit(
        'max_cached_looks',
        'Parts of images, regions of requests and what the model looked at closer, whose '
        'encodings are kept for further questions; each takes as much memory as an image. 0 keeps '
        'none.',
        when=UNCONFIGURED,
    )
    cameras: tuple[str, ...] = _unconfigured(
        ('camera',),
        'Names of the cameras; the first is the one that requests without a name mean. Each has '
        'parameters of its own, such as <name>.image_topic.',
    )
    image_transport: str = _unconfigured(
        'raw',
        'Transport of images: raw subscribes to the image topic, compressed to '
        '<image topic>/compressed. Cameras may have their own, <name>.transport.',
        choices=TRANSPORTS,
    )
    image_reliability: str = _unconfigured(
        'auto',
        'Reliability of the image subscriptions; auto is reliable while every publisher offers '
        'it. Without shared memory (config/fastdds.xml) best_effort loses most large images. '
        'Cameras may have their own, <name>.reliability.',
        choices=RELIABILITIES,
    )
    image_conversion: str = _unconfigured(
        AUTO,
        'Who converts raw images: cv_bridge, which has to be usable; own, a table of this package '
        'with the same results; auto takes cv_bridge where it is installed and passes a trial.',
        choices=CONVERSIONS,
    )
    subscription: str = _unconfigured(
        'always',
        'lazy subscribes to a camera only when a request, the standing query or a listener of '
        '~/tracks needs it; a request then waits for the first image.',
        choices=SUBSCRIPTIONS,
    )
    lazy_seconds: float = parameter(
        10.0, 'How long a lazy subscription outlives its last use.', within=(0.0, 3600.0)
    )
    frame_history: int = _unconfigured(
        4,
        'Images kept of each camera, for requests that want the nearest to a stamp; raw ones '
        'take width x height x 3 bytes.',
        within=(1, 100),
    )
    depth_tolerance: float = parameter(
        0.05,
        'Most seconds between the stamps of an image and of the depth image used with it.',
        within=(0.0, 10.0),
    )
    target_frame: str = parameter(
        '',
        "Frame of 3D positions, by tf2 at the image's stamp. Empty: the camera's optical frame.",
    )
    queue_size: int = parameter(
        8,
        'Requests that may wait while another one is answered; as many more may wait for an '
        'image.',
        within=(1, 1000),
    )
    busy_policy: str = parameter(
        BusyPolicy.REJECT.value,
        'Who gets BUSY when the queue is full: reject, the newcomer; replace_oldest, the one who '
        'has waited longest.',
        choices=BUSY_POLICIES,
    )
    action_policy: str = parameter(
        ActionPolicy.QUEUE.value,
        'What a new goal of ~/ground_action does to those before it: queue waits behind them, '
        'preempt ends them, reject gets BUSY while there is one.',
        choices=ACTION_POLICIES,
    )
    request_timeout: float = parameter(
        30.0,
        'Time limit in seconds for requests that bring none, waiting included.',
        within=(0.01, MAX_TIMEOUT),
    )
    max_image_age: float = parameter(
        2.0,
        'Older images in seconds are refused as STALE_IMAGE and the camera is reported as lost; '
        '0 accepts any age. Requests may bring their own limit.',
        within=(0.0, 3600.0),
    )
    existence_threshold: float = _limit(
        'existence_threshold',
        'A phrase is NOT_FOUND if the model gives it a lower probability of being in the image.',
    )
    raw_existence_threshold: float = _limit(
        'raw_existence_threshold',
        'The same where the scores of the model are not calibrated: a number that was never '
        'checked has to be higher.',
    )
    relations_by_boxes: bool = _limit(
        'relations_by_boxes',
        "Judge 'left of', 'right of', 'behind', 'in front of' and the like in phrases of LOCATE "
        'by the boxes of the objects that they name; false leaves them to the model.',
    )
    closer_look: bool = _limit(
        'closer_look',
        'Look once more, in a square around each, at what is left of a phrase that excludes '
        "something ('the plates that are not white'); each square is an image to encode, beyond "
        'max_looks.',
    )
    max_looks: int = _limit(
        'max_looks',
        'Most looks at an image for one answer: at all of it, then closer at what is small or not '
        'found. Requests may bring their own limit; 1 never looks closer.',
    )
    min_score: float = parameter(
        0.0,
        'Detections with a lower score are left out, for requests that bring no limit.',
        within=(0.0, 1.0),
    )
    max_detections: int = _limit(
        'max_boxes', 'Most boxes of one phrase; requests may ask for fewer.'
    )
    max_phrases: int = _limit(
        'max_phrases',
        'Most expressions that the model is asked for in one request, which it answers 16 at a '
        'time. Phrases that are counted or that exclude something come to several.',
    )
    max_new_tokens: int = _limit('max_new_tokens', 'Most tokens of an answer in words.')
    debug_image: bool = parameter(
        True, 'Draw and publish ~/debug_image while somebody subscribes to it.'
    )
    debug_looks: bool = parameter(
        True, 'Outline in ~/debug_image what the model looked at closer, thin and white.'
    )
    carry_boxes: bool = parameter(
        True,
        'Carry the boxes of the newest answers to newer images, and publish ~/tracks, while '
        'somebody subscribes to it.',
    )
    standing_enabled: bool = parameter(
        False,
        'Answer the standing query below again and again; ~/set_standing_query overrides it.',
    )
    standing_task: str = parameter('auto', 'Task of the standing query.', choices=TASKS)
    standing_query: str = parameter('', 'The standing query.')
    standing_camera: str = parameter(
        '', 'Camera of the standing query. Empty: the first; *: all of them together.'
    )
    standing_region: tuple[int, ...] = parameter(
        (0, 0, 0, 0),
        'Region of the standing query in pixels: x, y, width, height; all zero: the whole image.',
    )
    standing_rate_hz: float = parameter(
        0.0,
        'Most answers of the standing query per second; 0: every image the model keeps up with, '
        'in one look each.',
        within=(0.0, MAX_RATE_HZ),
    )

    def __post_init__(self) -> None:
        """
        Reject values out of their range.

        :raises ValueError: naming the parameter, what was expected and what came.
        """
        for spec in fields(self):
            check(spec, getattr(self, spec.name))
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
        return ModelSettings(
            self.model,
            self.device,
            self.dtype,
            self.quantization,
            self.threads,
            existence_signals=self.existence_signals,
        )

    def grounder_settings(self) -> GrounderSettings:
        """Return the limits and thresholds of the grounder."""
        return GrounderSettings(
            existence_threshold=self.existence_threshold,
            raw_existence_threshold=self.raw_existence_threshold,
            relations_by_boxes=self.relations_by_boxes,
            closer_look=self.closer_look,
            max_boxes=self.max_detections,
            max_phrases=self.max_phrases,
            max_new_tokens=self.max_new_tokens,
            max_looks=self.max_looks,
            max_cached_frames=self.max_cached_frames,
            max_cached_looks=self.max_cached_looks,
        )

    def standing(self) -> tuple[GroundingRequest | None, float, str]:
        """Return the standing query (None: not enabled), its answers per second, its camera."""
        region = self.standing_region
        if len(region) != 4:
            raise ValueError(f'standing_region takes x, y, width and height, got {list(region)}')
        request = GroundingRequest(
            query=self.standing_query,
            task=Task[self.standing_task.upper()],
            region=Region(*region) if any(region) else None,
        )
        query = request if self.standing_enabled else None
        return query, self.standing_rate_hz, self.standing_camera
