# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers as JSON: each field by its name, boxes as corners in pixels."""

from __future__ import annotations

import math
from typing import Any

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.plain import Leaves, to_plain
from kosmos_ros.core.types import Grounding, Region, ScoredBox

Data = dict[str, Any]


def answer_as_data(grounding: Grounding) -> Data:
    """
    Return an answer as plain values for JSON; seconds, probabilities and names as they are.

    Regions are [x, y, width, height] in pixels.
    """

    def box(found: ScoredBox) -> Data:
        corners = box_to_pixels(found.box, grounding.image_width, grounding.image_height)
        return box_as_data(found.id, found.label, found.score, corners)

    leaves: Leaves = {ScoredBox: box, Region: _region_as_data, float: number}
    data: Data = to_plain(grounding, leaves, whole=True)
    data['look_regions'] = data['looks']
    data['looks'] = len(grounding.looks)
    return data


def _region_as_data(region: Region) -> list[int]:
    return [region.x, region.y, region.width, region.height]


def box_as_data(
    id: str,  # noqa: A002  as the field
    label: str,
    score: float,
    corners: tuple[float, float, float, float],
) -> Data:
    """Return a box as every answer has it: [x0, y0, x1, y1] in pixels."""
    box = [number(value, 2) for value in corners]
    return {'id': id, 'label': label, 'score': number(score), 'box': box}


def number(value: float, digits: int = 6) -> float | None:
    """Return a number rounded to some digits after the point, None for NaN and infinity."""
    return round(float(value), digits) if math.isfinite(value) else None
