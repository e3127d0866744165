# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The effect of wordings on answers, as a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kosmos_ros.evaluation.report.dot_plot import dots
from kosmos_ros.evaluation.scoring.tally import Figure
from kosmos_ros.evaluation.studies.wordings import WordingFigures, WordingStudy
from kosmos_ros.results.plot_style import (
    add_legend_below,
    new_figure,
    set_labels,
    set_title,
    Theme,
)

_SERIES: tuple[tuple[str, Callable[[WordingFigures], Figure]], ...] = (
    ('there: exactly the right boxes', lambda figures: figures.right),
    ('not there: refused', lambda figures: figures.refused),
)
_STEP = 0.24


def wording_figure(study: WordingStudy, theme: Theme) -> Any:
    """Draw a row for each wording: a dot for present things, and one for absent ones."""
    rows = list(study.rows())
    figure, (axes,) = new_figure(theme, 1.1 + 0.3 * len(rows))
    for number, (label, of) in enumerate(_SERIES):
        found = [(place, of(row)) for place, (_, row) in enumerate(rows) if of(row).count]
        shift = _STEP * (number - (len(_SERIES) - 1) / 2)
        places = np.array([place for place, _ in found], dtype=np.float64) + shift
        dots(axes, places, [row for _, row in found], theme.series[number], label)
    names = [f'{wording.name}{"" if wording.trained else " *"}' for wording, _ in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    set_labels(axes, 'share; *: not trained')
    set_title(axes, theme, 'By the way the question is put')
    add_legend_below(figure, axes, theme)
    return figure
