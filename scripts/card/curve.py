# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The learning curve of a training, and its extrapolation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
import json
from pathlib import Path
from typing import Any

import numpy as np

from kosmos_ros.results.plot_style import (
    add_legend_below,
    LIGHT,
    new_figure,
    set_labels,
    set_title,
    Theme,
)

ENDS = (1 / 2, 1 / 3)
"""Shares of the images, from the end, that a line is put through."""

_FEWEST = 3


@dataclass(frozen=True)
class Point:
    """
    Scores on the images that are held back from training, given the right beginning of the answer.

    ``iou`` and ``acc50`` are about boxes of cells; ``words`` about tokens of texts; ``present``
    and ``absent`` about whether there is a box at all.
    """

    minutes: float
    step: int
    images: int
    iou: float
    acc50: float
    words: float
    present: float
    absent: float


def read_curve(path: Path) -> list[Point]:
    """
    Return the points of ``curve.jsonl``.

    :raises ValueError: if a line is invalid.
    :raises OSError: if it cannot be read.
    """
    names = [field.name for field in fields(Point)]
    points = []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
        entry = json.loads(line)
        if not set(names) <= set(entry):
            raise ValueError(f'{path}, line {number}: expected {", ".join(names)}')
        points.append(Point(**{name: entry[name] for name in names}))
    return points


def slope(curve: Sequence[Point], column: str, end: float) -> float | None:
    """
    Return how fast an error falls: the slope of its logarithm over that of the images.

    :param column: of the score, of which the error is the distance from 1.
    :param end: share of the images, from the end, to use.
    :returns: -0.5 if four times the images halve the error; None with too few points.
    """
    first = (1.0 - end) * curve[-1].images if curve else 0.0
    seen = [
        (point.images, 1.0 - getattr(point, column))
        for point in curve
        if point.images >= first and getattr(point, column) < 1.0
    ]
    if len({images for images, _ in seen}) < _FEWEST:
        return None
    images, errors = np.log(np.array(seen, dtype=np.float64)).T
    return float(np.polyfit(images, errors, 1)[0])


def images_needed(
    curve: Sequence[Point], column: str, factor: float
) -> tuple[float, float] | None:
    """
    Return how many times the images would divide an error by a factor, if the slope held.

    :param factor: above 1.
    :returns: the least and the most from the ends of the curve, infinity where the error no longer
        falls; None with too few points.
    """
    slopes = [slope(curve, column, end) for end in ENDS]
    found = [value for value in slopes if value is not None]
    if not found:
        return None
    times = [factor ** (-1.0 / value) if value < 0.0 else float('inf') for value in found]
    return min(times), max(times)


PLOT_FILE = 'learning_curve.png'

_COLUMNS = (
    ('acc50', 'IoU at least 0.5'),
    ('iou', 'mean IoU'),
    ('words', 'words right'),
    ('present', 'present accepted'),
    ('absent', 'absent refused'),
)
_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)


def curve_figure(curve: Sequence[Point], theme: Theme = LIGHT) -> Any:
    """
    Draw scores and errors over images; hours are marked at the top.

    :param curve: at least one point.
    """
    figure, (scores, errors) = new_figure(theme, 6.2, (1.0, 1.0))
    images = np.array([point.images for point in curve]) / 1000
    for (column, words), color in zip(_COLUMNS, theme.series, strict=False):
        values = np.array([getattr(point, column) for point in curve])
        look = {'color': color, 'linewidth': 1.6, 'marker': 'o', 'markersize': 2.5}
        scores.plot(images, values, label=words, **look)
        errors.plot(images, 1.0 - values, **look)
    scores.set_ylim(0.0, 1.02)
    errors.set_yscale('log')
    _mark_hours(scores, curve, theme)
    set_title(scores, theme, 'Scores on images held back from training')
    set_labels(scores, y='score')
    set_labels(errors, 'thousand images trained on', 'error, 1 - score')
    add_legend_below(figure, scores, theme)
    return figure


def _mark_hours(axes: Any, curve: Sequence[Point], theme: Theme) -> None:
    """Write the hours of the training below the curves."""
    hours = np.array([point.minutes for point in curve]) / 60
    images = np.array([point.images for point in curve]) / 1000
    for hour in _HOURS:
        if hours[0] <= hour <= hours[-1]:
            place = float(np.interp(hour, hours, images))
            axes.axvline(place, color=theme.faint, linewidth=0.8, linestyle=':')
            axes.annotate(
                f'{hour:g} h',
                (place, 0.02),
                (2, 0),
                textcoords='offset points',
                fontsize=8,
                color=theme.faint,
            )
