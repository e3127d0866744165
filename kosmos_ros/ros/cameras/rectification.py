# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Whether a camera's images are rectified, by a parameter or by the names of their topics.

No message says so: ``CameraInfo`` is the same beside raw images and rectified ones. What does is
the name: ``image_rect``, ``image_rect_color`` or ``rect/image``, and else ``image_raw`` or what
not. The depth is registered to the image, and so shows its pixels: one name that says rectified is
enough, as drivers call such depth anything: ``depth_registered`` or
``aligned_depth_to_color/image_raw``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kosmos_ros.parameters.choices import AUTO, RECTIFIED

_RECTIFIED_WORDS = frozenset(('rect', 'rectified', 'rectify', 'undistorted', 'undist'))


class Rectification(NamedTuple):
    """
    Whether images are rectified, and why that is believed.

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
    """Return what the last part of a topic's name that tells says, None if none does."""
    for part in reversed(topic.split('/')):
        words = set(re.split(r'[^a-z]+', part.lower()))
        if words & _RECTIFIED_WORDS:
            return True
        if 'raw' in words:
            return False
    return None
