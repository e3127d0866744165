# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Images of cameras that are not mounted upright, turned for the model.

A rotation is the number of degrees by which an image has to be turned clockwise to be upright: 90
if the top of things points to the left in it, 180 if it points down, 270 if it points to the
right. 360 less the rotation undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, Phrase, Region, ROTATIONS, ScoredBox


def check_rotation(rotation: int) -> None:
    """
    Reject a wrong rotation.

    :raises InvalidRequestError: saying what was expected and what came.
    """
    if rotation not in ROTATIONS:
        expected = ', '.join(map(str, ROTATIONS))
        raise InvalidRequestError(f'a rotation must be one of {expected} degrees, got {rotation}')


def turn_back(rotation: int) -> int:
    """Return the rotation that undoes another."""
    return -rotation % 360


def turn_image(image: RgbImage, rotation: int) -> RgbImage:
    """
    Turn an image clockwise.

    :param image: (H, W, 3) uint8.
    :returns: (W, H, 3) by 90 and 270 degrees, else (H, W, 3); of the same memory.
    """
    return np.rot90(image, -(rotation // 90))


def turn_size(width: int, height: int, rotation: int) -> tuple[int, int]:
    """Return width and height of an image that is turned."""
    return (height, width) if rotation % 180 else (width, height)


def turn_box(box: Box, rotation: int) -> Box:
    """Return where a normalised box is once the image is turned clockwise."""
    for _ in range(rotation // 90):
        box = Box(1.0 - box.y1, box.x0, 1.0 - box.y0, box.x1)
    return box


def turn_region(region: Region, width: int, height: int, rotation: int) -> Region:
    """
    Return where a region is once the image is turned clockwise.

    :param region: within the image of ``width`` by ``height`` pixels, before it is turned.
    """
    for _ in range(rotation // 90):
        left = height - region.y - region.height
        region = Region(left, region.x, region.height, region.width)
        width, height = height, width
    return region


def turn_detections(boxes: Iterable[ScoredBox], rotation: int) -> tuple[ScoredBox, ...]:
    """Return detections as they are once the image is turned clockwise."""
    return tuple(replace(one, box=turn_box(one.box, rotation)) for one in boxes)


def turn_phrases(phrases: Iterable[Phrase], rotation: int) -> tuple[Phrase, ...]:
    """Return phrases with their other places as they are once the image is turned clockwise."""
    return tuple(
        replace(one, alternatives=turn_detections(one.alternatives, rotation)) for one in phrases
    )
