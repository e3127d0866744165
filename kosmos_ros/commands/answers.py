# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers for people, as the commands print them."""

from __future__ import annotations

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, ScoredBox


def answer_as_text(grounding: Grounding, with_text: bool = True) -> str:
    """
    Return an answer as lines for a terminal.

    Boxes are in pixels of the image, ``x0,y0 .. x1,y1``.

    :param with_text: whether to repeat what the model wrote.
    """
    lines = [
        f'{grounding.status.name} ({grounding.task.name} in {grounding.inference_time:.2f} s '
        f'with {grounding.model})'
    ]
    if grounding.status_message:
        lines.append(grounding.status_message)
    if grounding.text and TABLE[grounding.task].writes and with_text:
        lines.append(f'answer: {grounding.text}')
    names = [
        f'{role.name.lower()}: {found.label}' if role else found.label
        for role, found in zip(grounding.roles, grounding.detections, strict=True)
    ]
    width = max(map(len, names), default=0)
    lines.extend(
        _detection_line(found, name, grounding, width)
        for name, found in zip(names, grounding.detections, strict=True)
    )
    lines.extend(
        f'{_detection_line(other, other.label, grounding, width)}  (alternative)'
        for phrase in grounding.phrases
        for other in phrase.alternatives
    )
    return '\n'.join(lines)


def _detection_line(found: ScoredBox, name: str, grounding: Grounding, width: int) -> str:
    x0, y0, x1, y1 = (round(value) for value in _pixels(found, grounding))
    return f'  {name:{width}}  score {found.score:.2f}  box {x0},{y0} .. {x1},{y1}'


def _pixels(found: ScoredBox, grounding: Grounding) -> tuple[float, float, float, float]:
    return box_to_pixels(found.box, grounding.image_width, grounding.image_height)
