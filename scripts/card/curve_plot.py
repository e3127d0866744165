# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A picture of the learning curve."""

from __future__ import annotations

from collections.abc import Sequence
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
from scripts.card.curve import Point

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
