# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An evaluation as a table for people and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
import math
import platform
from typing import Any

import numpy as np

from kosmos_ros.core.types import Task
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.report.calibration_report import HEADER, rounded, row
from kosmos_ros.evaluation.scoring.reliability import area_under_curve
from kosmos_ros.evaluation.scoring.tally import Figure, Tally, threshold_sweep
from kosmos_ros.evaluation.studies.corners import corner_data, corner_lines
from kosmos_ros.evaluation.studies.positions import position_data, position_lines
from kosmos_ros.evaluation.studies.wordings import wording_data, wording_lines
from kosmos_ros.evaluation.summary import Summary

IOU_BINS = 20
MOST_GROUPS = 10
"""More groups than this have no columns in tables for people."""
MOST_SKIPPED = 10
"""So many of the images that were skipped are named to people; all are in the data."""


@dataclass(frozen=True)
class About:
    """
    What was measured.

    ``data`` is the name of the data set and ``images`` how many it has; ``settings`` is what else
    the figures depend on, in types of JSON. ``warnings`` say what was wrong in its files;
    ``skipped`` are the ids of unusable images, each with the reason.
    """

    model: str
    data: str
    images: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


def title(summary: Summary, about: About) -> str:
    """Return what was measured, and how much of it, as a line."""
    images = f'{summary.images} images'
    if summary.images + len(about.skipped) < about.images:
        images = f'{summary.images} of {about.images} images (not complete yet)'
    if about.skipped:
        images += f', {len(about.skipped)} skipped'
    return f'{about.model} on {about.data}: {summary.tally.questions} questions about {images}'


def table(summary: Summary, about: About) -> str:
    """Return the figures as lines for a terminal."""
    groups = ''.join(f'{name[:10]:>11}' for name in shown_groups(summary))
    lines = [
        title(summary, about),
        '',
        f'{"question":32}{"figure":14}{"value":>7}{"of":>8}{groups}',
    ]
    for kind, name, value, count, *of_groups in figure_rows(summary):
        cells = ''.join(f'{cell:>11}' for cell in of_groups)
        lines.append(f'{kind:32}{name:14}{value:>7}{count:>8}{cells}')
    if reliabilities := summary.reliabilities():
        lines += ['', HEADER, *(row(score, figures) for score, figures in reliabilities.items())]
    for trait, values in summary.splits().items():
        lines += ['', *_split_lines(trait, values)]
    if summary.wordings.studied:
        lines += ['', *wording_lines(summary.wordings)]
    if summary.corners.figures:
        lines += ['', *corner_lines(summary.corners)]
    if any(summary.positions.errors.values()):
        lines += ['', *position_lines(summary.positions)]
    lines += ['', f'mean time of a question {1000 * mean_seconds(summary.tally):.0f} ms']
    if len(summary.seconds_by_looks) > 1:
        lines += ['time of LOCATE by the looks it took', *_times_by_looks(summary)]
    skipped = [f'skipped {image}: {why}' for image, why in about.skipped.items()]
    if len(skipped) > MOST_SKIPPED:
        skipped[MOST_SKIPPED:] = [f'and {len(skipped) - MOST_SKIPPED} more skipped']
    return '\n'.join([*lines, *about.warnings, *skipped])


def _times_by_looks(summary: Summary) -> Iterator[str]:
    for looks, seconds in sorted(summary.seconds_by_looks.items()):
        yield f'{looks:6}{1000 * float(np.median(seconds)):8.0f} ms, median of {len(seconds)}'


def shown_groups(summary: Summary) -> list[str]:
    """Return the groups that have columns of their own."""
    return list(summary.groups) if 1 < len(summary.groups) <= MOST_GROUPS else []


def figure_rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    """Yield kind of question, figure, value, number of answers, and the value of each group."""
    groups = shown_groups(summary)
    for kind in Kind:
        for name, figure in summary.tally.figures.get(kind, {}).items():
            values = (shown(summary.groups[group].value(kind, name)) for group in groups)
            yield kind.value, name, f'{figure.value:.3f}', f'{figure.count:.0f}', *values


def first_figures(summary: Summary) -> list[tuple[Kind, str, Figure]]:
    """Return the most telling figure of each kind of question that was asked."""
    figures = summary.tally.figures
    return [(kind, *next(iter(figures[kind].items()))) for kind in Kind if figures.get(kind)]


def shown(value: float) -> str:
    """Return a figure as people read it; a dash where nothing was measured."""
    return '-' if math.isnan(value) else f'{value:.3f}'


def mean_seconds(tally: Tally) -> float:
    """Return the mean time of a question in seconds."""
    return tally.seconds / max(1, tally.questions)


def data(summary: Summary, about: About) -> dict[str, Any]:
    """Return the figures in types of JSON."""
    tally = summary.tally
    return {
        'model': about.model,
        'data': about.data,
        'settings': dict(about.settings),
        'date': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'images': summary.images,
        'images_of': about.images,
        'skipped': dict(about.skipped),
        'warnings': list(about.warnings),
        'questions': tally.questions,
        'machine': platform.machine(),
        'python': platform.python_version(),
        'mean_seconds': round(mean_seconds(tally), 4),
        'figures': _figures(tally),
        'groups': {name: _figures(group) for name, group in summary.groups.items()},
        'splits': {
            trait: {
                value: {task.name: _figure(figure) for task, figure in tasks.items()}
                for value, tasks in values.items()
            }
            for trait, values in summary.splits().items()
        },
        'scores': {
            score.value: rounded(figures) for score, figures in summary.reliabilities().items()
        },
        'overlaps': {
            'edges': [round(float(edge), 4) for edge in np.linspace(0.0, 1.0, IOU_BINS + 1)],
            'counts': iou_counts(summary).tolist(),
            'without_box': summary.boxless,
        },
        'absent': {
            name: {
                'auc': _round(area_under_curve(judged)),
                'present': int(judged.right.sum()),
                'absent': int((1.0 - judged.right).sum()),
            }
            for name, judged in summary.absent_against_present().items()
        },
        'seconds': {
            task.name: {
                f'{100 * share:g} %': round(float(np.quantile(seconds, share)), 4)
                for share in (0.5, 0.9, 1.0)
            }
            for task, seconds in sorted(summary.seconds.items())
        },
        'seconds_by_looks': {
            str(looks): {'median': round(float(np.median(seconds)), 4), 'of': len(seconds)}
            for looks, seconds in sorted(summary.seconds_by_looks.items())
        },
        'wordings': wording_data(summary.wordings),
        'mean_iou_by_corners': corner_data(summary.corners),
        'position_errors': position_data(summary.positions),
        'thresholds': [
            {name: round(value, 4) for name, value in entry.items()}
            for entry in threshold_sweep(tally)
            if tally.present and tally.absent
        ],
    }


def iou_counts(summary: Summary) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return how many objects were located with an IoU in each of ``IOU_BINS`` equal bins."""
    counts, _ = np.histogram(summary.overlaps, IOU_BINS, (0.0, 1.0))
    return counts.astype(np.int64)


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        kind.value: {name: _figure(figure) for name, figure in figures.items() if figure.count}
        for kind, figures in tally.figures.items()
    }


def _figure(figure: Figure) -> dict[str, float]:
    return {'value': round(figure.value, 4), 'of': figure.count}


def _round(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _split_lines(trait: str, values: Mapping[str, Mapping[Task, Figure]]) -> Iterator[str]:
    tasks = sorted({task for figures in values.values() for task in figures})
    yield f'{"mean grade by " + trait:32}' + ''.join(f'{task.name:>18}' for task in tasks)
    for value, figures in values.items():
        found = [figures.get(task) for task in tasks]
        cells = (f'{one.value:.3f} of {one.count:.0f}' if one else '' for one in found)
        yield f'{value[:31]:32}' + ''.join(f'{cell:>18}' for cell in cells)
