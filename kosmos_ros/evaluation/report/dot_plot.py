# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Shares with their uncertainty, as dots on lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kosmos_ros.evaluation.report.reliability_plot import wilson_interval
from kosmos_ros.evaluation.scoring.tally import Figure
from kosmos_ros.results.plot_style import (
    add_legend_below,
    new_figure,
    set_labels,
    set_title,
    Theme,
)

Series = tuple[str, str, Sequence[tuple[int, Figure]]]
"""Name and colour of dots, and for each the number of its row and its figure."""


def dot_figure(
    theme: Theme,
    labels: tuple[str, str],
    rows: Sequence[str],
    series: Sequence[Series],
    step: float,
    height: float,
) -> Any:
    """
    Draw figures as dots with their 95 % intervals, in named rows.

    :param labels: the title, and that of the horizontal axis.
    :param step: from the dots of a series to those of the next, in rows.
    :param height: of a row, in inches.
    """
    figure, (axes,) = new_figure(theme, 1.1 + height * len(rows))
    for number, (name, color, dots) in enumerate(series):
        shift = step * (number - (len(series) - 1) / 2)
        shares = np.array([one.value for _, one in dots])
        low, high = wilson_interval(shares, np.array([one.count for _, one in dots]))
        axes.errorbar(
            shares,
            np.array([row for row, _ in dots]) + shift,
            xerr=np.maximum(np.stack([shares - low, high - shares]), 0.0),
            fmt='o',
            markersize=4.5,
            elinewidth=1.2,
            color=color,
            label=name,
        )
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    set_title(axes, theme, labels[0])
    set_labels(axes, labels[1])
    add_legend_below(figure, axes, theme)
    return figure
