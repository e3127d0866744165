# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Whether a camera's images are rectified, by parameter or topic names.

No message says so: ``CameraInfo`` is the same for raw images and rectified ones. Names do:
``image_rect``, ``image_rect_color`` or ``rect/image``, and ``image_raw`` or others. The depth is
registered to the image, so one name that says rectified is enough: drivers give such depth various
names, such as ``depth_registered`` or ``aligned_depth_to_color/image_raw``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kosmos_ros.parameters.choices import AUTO, RECTIFIED

_RECTIFIED_WORDS = frozenset(('rect', 'rectified', 'rectify', 'undistorted', 'undist'))


class Rectification(NamedTuple):
    """
    Whether images are rectified, and why.

    ``doubt`` says what speaks against it, empty if nothing does; it does not matter where raw and
    rectified images are the same.
    """

    is_rectified: bool = False
    reason: str = ''
    doubt: str = ''


def rectification(setting: str, image_topic: str, depth_topic: str) -> Rectification:
    """
    Decide by the parameter, or if it is ``auto`` by the names.

    :param image_topic: its full name, and that of the depth, after remapping.
    """
    if setting != AUTO:
        return Rectification(setting == RECTIFIED, 'as the parameter says')
    image, depth = (_says_rectified(topic) for topic in (image_topic, depth_topic))
    if image:
        return Rectification(is_rectified=True, reason=f'by the name of {image_topic}')
    if not depth:
        names = [
            topic for topic, says in ((image_topic, image), (depth_topic, depth)) if says is False
        ]
        told = f'by the name of {names[0]}' if names else 'no name of a topic says rectified'
        return Rectification(is_rectified=False, reason=told)
    doubt = ''
    if image is False:
        doubt = (
            f'by their names the images of {image_topic} are raw and the depth of {depth_topic} '
            f'is rectified, which are not the same pixels with this lens; expected both of a '
            f"kind, or the camera's parameter rectified set to true or false"
        )
    return Rectification(is_rectified=True, reason=f'by the name of {depth_topic}', doubt=doubt)


def _says_rectified(topic: str) -> bool | None:
    """Return what the last telling part of a topic's name says, None if there is none."""
    for part in reversed(topic.split('/')):
        words = set(re.split(r'[^a-z]+', part.lower()))
        if words & _RECTIFIED_WORDS:
            return True
        if 'raw' in words:
            return False
    return None
