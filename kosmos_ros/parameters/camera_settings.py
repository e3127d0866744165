# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The parameters of one camera, each declared once: the fields of ``CameraParameters``.

Of the camera ``front``, the field ``image_topic`` is the parameter ``front.image_topic``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import posixpath
import re
from typing import Any

from kosmos_ros.core.types import ROTATIONS
from kosmos_ros.parameters.choices import AUTO, RECTIFICATIONS, RELIABILITIES, TRANSPORTS
from kosmos_ros.parameters.spec import parameter, UNCONFIGURED

ALL_CAMERAS = '*'
"""What a request says for every camera."""

_NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*')


def _parameter(
    description: str,
    choices: Sequence[str | int] = (),
    default: Any = '',
    within: tuple[float, float] | None = None,
) -> Any:
    return parameter(default, description, when=UNCONFIGURED, choices=choices, within=within)


@dataclass(frozen=True)
class CameraParameters:
    """Values of the parameters of one camera, as they are set."""

    image_topic: str = _parameter(
        'Topic of the raw images. Empty: "image" of the camera named "camera", <name>/image_raw '
        'of others.'
    )
    transport: str = _parameter(
        'raw subscribes to the image topic, compressed to <image topic>/compressed. Empty: '
        'image_transport.',
        choices=('', *TRANSPORTS),
    )
    reliability: str = _parameter(
        'Reliability of the image subscription. Empty: image_reliability.',
        choices=('', *RELIABILITIES),
    )
    depth_topic: str = _parameter(
        'Topic of depth images that are registered to the images: 16UC1 in millimetres or 32FC1 '
        'in metres. Empty: no 3D positions.'
    )
    info_topic: str = _parameter(
        "Topic of the camera's CameraInfo, for 3D positions. Empty: camera_info beside the "
        'image topic, wherever that is remapped to.'
    )
    rectified: str = _parameter(
        'Whether images and depth are rectified, so that P of the CameraInfo describes them; else '
        'K and D do. auto: by the names of the topics, image_rect and the like; /diagnostics '
        'tells which.',
        choices=RECTIFICATIONS,
        default=AUTO,
    )
    rotation: int = _parameter(
        'Degrees by which the images have to be turned clockwise to be upright: 90 if the top of '
        'objects points to the left in them, 180 if it points down, 270 if it points to the '
        'right. The model is shown them turned; boxes, regions and pictures stay those of the '
        'images as they come.',
        choices=ROTATIONS,
        default=0,
    )
    depth_scale: float = _parameter(
        'Metres for each unit of the depth images, such as 0.001 for 32FC1 in millimetres. 0: as '
        'depth_topic says.',
        default=0.0,
        within=(0.0, 1000.0),
    )
    bits: int = _parameter(
        'How many bits of 16-bit images matter: industrial cameras deliver 10 or 12. 0: as many '
        'as the brightest pixel so far takes.',
        default=0,
        choices=(0, *range(8, 17)),
    )


@dataclass(frozen=True)
class CameraSettings:
    """
    Where a camera's messages come from.

    ``name`` is its name in requests. ``topic``, relative or absolute, is that of the raw images,
    and remappings of it apply to the ``transport`` ``compressed`` too, which subscribes to
    ``<topic>/compressed``. ``reliability`` is ``auto``, ``reliable`` or ``best_effort``. Without a
    ``depth_topic`` there are no 3D positions, and neither ``info_topic`` nor ``rectified``
    (``auto``, ``true`` or ``false``) matters; an empty ``info_topic`` is beside the images,
    wherever they are remapped to. ``rotation`` is that of ``core.images.turning``. ``depth_scale``
    is in metres for each unit, 0 as the encoding says; ``bits`` is how many bits of 16-bit images
    are in use, 0 for as many as are seen.
    """

    name: str
    topic: str
    transport: str = 'raw'
    reliability: str = 'auto'
    depth_topic: str = ''
    info_topic: str = ''
    rectified: str = AUTO
    rotation: int = 0
    depth_scale: float = 0.0
    bits: int = 0


def camera_settings(
    name: str, parameters: CameraParameters, transport: str, reliability: str
) -> CameraSettings:
    """Fill in what the parameters of a camera leave empty."""
    values = {
        **vars(parameters),
        'transport': parameters.transport or transport,
        'reliability': parameters.reliability or reliability,
    }
    usual = 'image' if name == 'camera' else f'{name}/image_raw'
    return CameraSettings(name, values.pop('image_topic') or usual, **values)


def info_topic_of(image_topic: str) -> str:
    """Return the topic of the camera model, where drivers have it: beside the images."""
    return posixpath.join(posixpath.dirname(image_topic), 'camera_info')


def compressed_topic_of(image_topic: str) -> str:
    """Return the topic of the compressed images, where image_transport has them."""
    return f'{image_topic}/compressed'


def check_camera_names(names: Sequence[str]) -> None:
    """
    Reject names that would be ambiguous in requests, parameters or topics.

    :raises ValueError: saying what was expected and what came.
    """
    if not names:
        raise ValueError("cameras must name at least one camera, such as ['camera'], got none")
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(
                f'cameras must be letters, digits and _ with a letter first, got {name!r}'
            )
    if len(set(names)) < len(names):
        raise ValueError(f'cameras must have different names, got {", ".join(names)}')
