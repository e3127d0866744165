# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Plots of an evaluation, each a small figure of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Task
from kosmos_ros.evaluation.report.dot_plot import dot_figure
from kosmos_ros.evaluation.report.figures import first_figures, IOU_BINS, iou_counts
from kosmos_ros.evaluation.report.reliability_plot import reliability_figure, TITLES
from kosmos_ros.evaluation.report.roc_plot import roc_figure
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.evaluation.scoring.metrics import HIT_IOU
from kosmos_ros.evaluation.scoring.tally import Figure, threshold_sweep
from kosmos_ros.evaluation.summary import Summary
from kosmos_ros.results.plot_style import (
    add_legend,
    new_figure,
    set_labels,
    set_title,
    Theme,
    write_beside,
)

_TASKS = sorted(TABLE, key=lambda task: (task is not Task.LOCATE, task.name))
"""Tasks in the order of their colours."""


@dataclass(frozen=True)
class Plot:
    """A figure, the name of its file, and what it shows in words."""

    name: str
    alt: str
    figure: Any


def plots(summary: Summary, theme: Theme) -> Iterator[Plot]:
    """Draw all that the records allow."""
    if summary.tally.questions:
        alt = 'how right the answers to each kind of question are'
        yield Plot('tasks', alt, _kinds(summary, theme))
    for trait, values in summary.splits().items():
        name = trait.replace(' ', '_')
        yield Plot(f'by_{name}', f'mean grade by {trait}', _split(trait, values, theme))
    if summary.wordings.studied:
        alt = 'how right answers are by the way the question is put'
        yield Plot('wordings', alt, _wordings(summary, theme))
    if summary.overlaps:
        yield Plot('overlaps', 'histogram of the IoU of located boxes', _overlaps(summary, theme))
    for score in Score:
        judged = summary.evidence.judged(score)
        if len(judged):
            alt = f'reliability of the score {score.value!r}'
            yield Plot(
                f'reliability_{score.value}', alt, reliability_figure(TITLES[score], judged, theme)
            )
    if summary.absent_against_present():
        alt = 'how well existence tells what is there from what is not'
        yield Plot('absent', alt, _absent(summary, theme))
    if summary.tally.present and summary.tally.absent:
        alt = 'what each threshold on the existence lets pass'
        yield Plot('threshold', alt, _thresholds(summary, theme))
    if summary.seconds:
        yield Plot('seconds', 'time of an answer by task', _seconds(summary, theme))


def _kinds(summary: Summary, theme: Theme) -> Any:
    rows = [(f'{kind.value}  ({name})', figure) for kind, name, figure in first_figures(summary)]
    figure, (axes,) = new_figure(theme, 0.9 + 0.27 * len(rows))
    places = np.arange(len(rows))
    values = np.array([row.value for _, row in rows])
    axes.barh(places, values, height=0.66, color=theme.series[0])
    for place, value in zip(places, values, strict=True):
        inside = value > 0.25
        x, side = (value - 0.012, 'right') if inside else (value + 0.012, 'left')
        color = theme.paper if inside else theme.ink
        axes.text(x, place, f'{value:.3f}', ha=side, va='center', fontsize=8.5, color=color)
    axes.set_yticks(places, [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.grid(visible=False, axis='y')
    set_title(axes, theme, 'How right answers are')
    return figure


def _color(theme: Theme, task: Task) -> str:
    return theme.series[_TASKS.index(task) % len(theme.series)]


def _split(trait: str, values: Mapping[str, Mapping[Task, Figure]], theme: Theme) -> Any:
    """Draw a row for each value, with a dot for each task."""
    series = [
        (task.name, _color(theme, task), dots)
        for task in _TASKS
        if (dots := [(row, of[task]) for row, of in enumerate(values.values()) if task in of])
    ]
    labels = f'By {trait}', 'mean grade, with its 95 % interval'
    step = 0.16
    height = max(0.27, step * len(series) * 0.9)
    return dot_figure(theme, labels, list(values), series, step, height)


def _wordings(summary: Summary, theme: Theme) -> Any:
    """Draw a row for each wording: a dot for present objects, and one for absent ones."""
    found = list(summary.wordings.rows())
    present = [(row, of.right) for row, (_, of) in enumerate(found) if of.right.count]
    absent = [(row, of.refused) for row, (_, of) in enumerate(found) if of.refused.count]
    series = [
        ('there: exactly the right boxes', theme.series[0], present),
        ('not there: refused', theme.series[1], absent),
    ]
    names = [f'{wording.name}{"" if wording.trained else " *"}' for wording, _ in found]
    labels = 'By the way the question is put', 'share; *: not trained'
    return dot_figure(theme, labels, names, series, 0.24, 0.3)


def _overlaps(summary: Summary, theme: Theme) -> Any:
    figure, (axes,) = new_figure(theme, 3.0)
    counts = iou_counts(summary)
    middles = (np.arange(IOU_BINS) + 0.5) / IOU_BINS
    found = counts.copy()
    found[0] -= summary.boxless
    width = 0.94 / IOU_BINS
    colors = [theme.series[0] if middle > HIT_IOU else theme.series[1] for middle in middles]
    axes.bar(middles, found, width, color=colors)
    axes.bar(middles[:1], summary.boxless, width, bottom=found[0], color=theme.series[5])
    if summary.boxless:
        text = f'{summary.boxless} without a box'
        write_beside(axes, theme, text, (middles[0], counts[0]), 8, 'top')
    axes.axvline(HIT_IOU, color=theme.faint, linewidth=1.0, linestyle='--')
    axes.set_xlim(0.0, 1.0)
    mean = float(np.mean(summary.overlaps))
    hits = float(np.mean(np.array(summary.overlaps) >= HIT_IOU))
    set_labels(axes, 'IoU with the true box', 'objects')
    set_title(axes, theme, f'Overlap of boxes: mean {mean:.3f}, {100 * hits:.1f} % at 0.5 or more')
    return figure


def _absent(summary: Summary, theme: Theme) -> Any:
    labels = 'share of what is absent that passes', 'share of what is there that passes'
    curves = summary.absent_against_present()
    return roc_figure(curves, theme, 'Existence: there or absent (ROC)', labels)


def _thresholds(summary: Summary, theme: Theme) -> Any:
    figure, (axes,) = new_figure(theme, 3.0)
    rows = threshold_sweep(summary.tally)
    at = [row['threshold'] for row in rows]
    for number, name in enumerate(('present accepted', 'absent refused')):
        shares, color = [row[name] for row in rows], theme.series[number]
        axes.plot(at, shares, color=color, marker='o', markersize=3.5, label=name)
    lowest = min(min(row['present accepted'], row['absent refused']) for row in rows)
    axes.set_ylim(max(-0.02, min(0.9, lowest - 0.02)), 1.005)
    axes.set_xlim(0.0, 1.0)
    set_labels(axes, 'threshold on the existence', 'share')
    set_title(axes, theme, 'What a threshold lets pass')
    add_legend(axes, theme)
    return figure


def _seconds(summary: Summary, theme: Theme) -> Any:
    tasks = [task for task in _TASKS if summary.seconds.get(task)]
    figure, (axes,) = new_figure(theme, 1.0 + 0.32 * len(tasks))
    for place, task in enumerate(tasks):
        low, middle, high = 1000.0 * np.quantile(summary.seconds[task], (0.1, 0.5, 0.9))
        color = _color(theme, task)
        line = {'linewidth': 7, 'alpha': 0.35, 'solid_capstyle': 'butt'}
        axes.plot((low, high), (place, place), color=color, **line)
        axes.plot(middle, place, 'o', color=color)
        write_beside(axes, theme, f'{middle:.0f} ms', (high, place), 6)
    axes.set_yticks(range(len(tasks)), [task.name for task in tasks])
    axes.set_ylim(len(tasks) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.18 * axes.get_xlim()[1])
    set_labels(axes, 'milliseconds: median, and from 10 % to 90 % of the answers')
    set_title(axes, theme, 'Time of an answer')
    return figure
