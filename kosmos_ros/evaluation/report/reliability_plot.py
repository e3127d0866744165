# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reliability diagrams of scores, before and after calibration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
import numpy as np

from kosmos_ros.core.files import writing
from kosmos_ros.evaluation.scoring.calibrating import Comparison
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.evaluation.scoring.reliability import expected_calibration_error, Floats, Judged
from kosmos_ros.results.plot_style import as_png, LIGHT, new_figure, set_labels, set_title, Theme

PLOT_FILE = 'reliability.png'
BARS = 10
"""Bins of equal width in the picture; the calibration error in its titles has bins of its own."""

TITLES = {
    Score.EXISTENCE: 'existence of a phrase',
    Score.BOX: 'located box (IoU at least 0.5)',
    Score.WRITTEN: 'box in a text (IoU at least 0.5)',
    Score.WORDS: 'wording of an expression',
    Score.CLOSER_EXISTENCE: 'existence, closer look',
    Score.CLOSER_BOX: 'located box, closer look',
}
"""Sorts of scores in the words of pictures."""

_BEFORE, _AFTER = '#b4602c', '#2c6fb4'
_GREY = '#8a8a8a'
_Z = 1.96


def bin_equally(judged: Judged, bars: int = BARS) -> tuple[Floats, Floats, Floats]:
    """
    Sort scores into bins of equal width.

    :returns: (bars,) each: mean score, share right (both nan in an empty bin), and count.
    """
    places = np.minimum((judged.scores * bars).astype(np.int64), bars - 1)
    counts = np.bincount(places, minlength=bars).astype(np.float64)
    with np.errstate(invalid='ignore'):
        means = np.bincount(places, judged.scores, bars) / counts
        shares = np.bincount(places, judged.right, bars) / counts
    return means, shares, counts


def wilson_interval(shares: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of shares (Wilson 1927), lower and upper ends."""
    with np.errstate(invalid='ignore', divide='ignore'):
        squared = _Z**2 / counts
        middle = (shares + squared / 2.0) / (1.0 + squared)
        half = np.sqrt(shares * (1.0 - shares) * squared + squared**2 / 4.0) / (1.0 + squared)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def save_plot(compared: Mapping[Score, Comparison], heading: str, folder: Path) -> Path:
    """
    Draw a block for each sort of score: before, and beside it calibrated.

    :returns: path of the PNG.
    """
    seen = [(score, both) for score, both in compared.items() if len(both.before)]
    rows = max(1, (len(seen) + 1) // 2)
    figure = Figure(figsize=(12.0, 0.55 + 3.9 * rows), dpi=90)
    top = 1.0 - 0.85 / (0.55 + 3.9 * rows)
    figure.suptitle(heading, fontsize=11, y=0.99, va='top')
    blocks = figure.add_gridspec(
        rows, 2, left=0.045, right=0.99, top=top, bottom=0.06, wspace=0.11, hspace=0.36
    )
    for place, (score, both) in enumerate(seen):
        block = blocks[place // 2, place % 2]
        box = block.get_position(figure)
        middle = (box.x0 + box.x1) / 2
        figure.text(middle, box.y1 + 0.13 / rows / 2, TITLES[score], ha='center', weight='bold')
        _draw_block(figure, block, both)
    path = folder / PLOT_FILE
    folder.mkdir(parents=True, exist_ok=True)
    with writing(path) as stream:
        stream.write(as_png(figure))
    return path


def reliability_figure(name: str, judged: Judged, theme: Theme) -> Any:
    """Draw scores, called ``name``, as a separate figure: shares right, and the counts below."""
    figure, (curve, bars) = new_figure(theme, 4.4, (3.0, 1.0))
    _draw_curve(curve, judged, theme.series[0], theme)
    _draw_counts(bars, judged, theme.series[0], theme)
    error = expected_calibration_error(judged)
    set_title(curve, theme, f'{name[0].upper()}{name[1:]}: ECE {error:.3f}')
    set_labels(curve, y='share that is right')
    set_labels(bars, 'score', 'count')
    return figure


def _draw_block(figure: Any, block: Any, both: Comparison) -> None:
    grid = block.subgridspec(2, 2, height_ratios=(3.0, 1.0), hspace=0.07, wspace=0.1)
    done = 'calibrated' if both.is_changed else 'left as it is'
    sides = (('as the model gives it', both.before, _BEFORE), (done, both.after, _AFTER))
    for column, (name, judged, color) in enumerate(sides):
        curve = figure.add_subplot(grid[0, column])
        bars = figure.add_subplot(grid[1, column], sharex=curve)
        curve.set_title(f'{name}: ECE {expected_calibration_error(judged):.3f}', fontsize=10)
        _draw_curve(curve, judged, color)
        _draw_counts(bars, judged, color)
        for axes in (curve, bars):
            axes.spines[['top', 'right']].set_visible(False)
            axes.tick_params(labelsize=8.5)
        curve.tick_params(labelbottom=False, labelleft=column == 0)
        if column == 0:
            curve.set_ylabel('share that is right', fontsize=9)
            bars.set_ylabel('count', fontsize=9)


def _draw_curve(axes: Any, judged: Judged, color: str, theme: Theme = LIGHT) -> None:
    """Draw points with intervals; their areas grow with their counts."""
    means, shares, counts = bin_equally(judged)
    low, high = wilson_interval(shares, counts)
    filled = counts > 0
    errors = np.maximum(np.stack([shares - low, high - shares])[:, filled], 0.0)
    axes.plot((0, 1), (0, 1), color=_GREY, linewidth=1, linestyle='--', zorder=1)
    points = means[filled], shares[filled]
    style = {'linestyle': 'none', 'elinewidth': 1.1, 'capsize': 2.5}
    axes.errorbar(*points, yerr=errors, color=color, zorder=2, **style)
    areas = 18.0 + 160.0 * counts[filled] / len(judged)
    axes.scatter(*points, areas, color=color, edgecolor=theme.paper, lw=0.8, zorder=3)
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.grid(color=theme.grid, linewidth=0.7)
    axes.set_axisbelow(True)


def _draw_counts(axes: Any, judged: Judged, color: str, theme: Theme = LIGHT) -> None:
    _, _, counts = bin_equally(judged)
    middles = (np.arange(BARS) + 0.5) / BARS
    most = counts.max()
    axes.bar(middles, counts, width=0.92 / BARS, color=color, alpha=0.75)
    for x, count in zip(middles, counts, strict=True):
        if count:
            y = count + 0.04 * most
            axes.text(x, y, f'{count:.0f}', ha='center', fontsize=7, color=theme.ink)
    axes.set_ylim(0, 1.3 * most)
    axes.set_yticks([])
    axes.set_xlabel('score', fontsize=9, labelpad=1)
