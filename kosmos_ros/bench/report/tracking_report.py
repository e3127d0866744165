# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run of the tracker's benchmark as text, Markdown and a picture."""

from __future__ import annotations

import math
from pathlib import Path
import textwrap
from typing import Any

from matplotlib.figure import Figure

from kosmos_ros.bench.report.figures import machine_of, Run
from kosmos_ros.bench.report.tables import duration, markdown_table, table
from kosmos_ros.core.files import writing

WIDTH, HEIGHT, DPI = 10.0, 4.6, 110
"""Inches and dots per inch."""

_STILL, _CARRIED, _INK = '#d1495b', '#1f77b4', '#30343b'


def tracking_report(run: Run) -> str:
    """Return a table for a terminal."""
    return f'{table(_HEAD, _rows(run))}\n\n{textwrap.fill(_around(run), 79)}'


def tracking_section(run: Run) -> str:
    """Return a run as Markdown; only figures that are in the run."""
    plan = run['plan']
    speed = 2 * math.pi * plan['motion']['amplitude'] / plan['motion']['period']
    head = (
        f'{machine_of(run)}, {run["when"][:10]}: '
        f'{len(plan["seeds"])} held-out scenes, filmed with {plan["size"][0]}x{plan["size"][1]} '
        f'pixels and {plan["rate_hz"]:g} Hz by a camera that moves {100 * speed:.0f} cm a second, '
        'and the embedded model. Mean overlap (IoU) of the boxes with the objects in the newest '
        'image:'
    )
    figures = markdown_table(_HEAD, _rows(run))
    return '\n\n'.join([textwrap.fill(head, 99), figures, textwrap.fill(_around(run), 99)])


_HEAD = ('answers come after', 'answer as it is', 'carried', 'boxes lost')


def _rows(run: Run) -> list[list[str]]:
    return [
        [
            f'{one["seconds"]:.2g} s',
            f'{one["as_it_is"]:.2f}',
            f'{one["carried"]:.2f}',
            f'{100 * one["lost"]:.1f} %',
        ]
        for one in run['latencies']
    ]


def _around(run: Run) -> str:
    tracker = run['tracker']
    return (
        f'In the images that the answers are about it is {run["at_once"]:.2f}. A lost box counts '
        f'as 0. The tracker takes {duration(tracker["median_seconds"])} of one core for each '
        f'image (95 % below {duration(tracker["p95_seconds"])}), with '
        f'{tracker["mean_boxes"]:.1f} boxes on average.'
    )


def save_tracking_plot(run: Run, path: Path) -> None:
    """Draw a run and save it as PNG."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout='constrained')
    axes: Any = figure.subplots(1, len(run['latencies']), sharey=True, squeeze=False)[0]
    for one, part in zip(axes, run['latencies'], strict=True):
        _curves(one, part, run['at_once'])
    axes[0].set_ylabel('mean IoU with the truth of the newest image', color=_INK)
    axes[0].legend(frameon=False, loc='lower left', labelcolor=_INK)
    machine = run['machine']
    figure.suptitle(
        f'Boxes of late answers on a moving camera: {machine["cpu"]}, {run["when"][:10]}',
        color=_INK,
        fontsize=12,
    )
    with writing(path) as stream:
        figure.savefig(stream, format=path.suffix[1:])


def _curves(axes: Any, part: Run, at_once: float) -> None:
    axes.axhline(at_once, color='#b9bec7', linestyle='--', label='the model on its own image')
    axes.plot(part['ages'], part['carried_by_age'], 'o-', color=_CARRIED, label='carried')
    axes.plot(part['ages'], part['as_it_is_by_age'], 'o-', color=_STILL, label='answer as it is')
    axes.set_title(
        f'answers after {part["seconds"]:.2g} s: {part["as_it_is"]:.2f} as they are, '
        f'{part["carried"]:.2f} carried',
        fontsize=10,
        color=_INK,
        loc='left',
    )
    axes.set_xlabel('age of the answered image in seconds', color=_INK)
    axes.set_ylim(0.0, 1.0)
    axes.spines[['top', 'right']].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)
