# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A soak as text and as a picture."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from kosmos_ros.bench.report.tables import duration, table
from kosmos_ros.results.plot_style import as_png, LIGHT, new_figure, set_labels, set_title
from kosmos_ros.stress.events import RESTART
from kosmos_ros.stress.samples import BOUNDS, growth
from kosmos_ros.stress.soak import SoakResult


def report(result: SoakResult) -> str:
    """Return tables of events and of what the node held, and what went wrong."""
    verdict = [f'FAILED: {one}' for one in result.problems] or ['passed']
    return '\n'.join([_event_table(result), '', _growth_table(result), '', *verdict])


def _event_table(result: SoakResult) -> str:
    rows = []
    for kind in sorted({one.kind for one in result.events}):
        events = [one for one in result.events if one.kind == kind]
        answered = [one.answered for one in events if one.answered is not None]
        times = [duration(median(answered)), duration(max(answered))] if answered else ['-', '-']
        problems = sum(bool(one.problem) for one in events)
        rows.append([kind, str(len(events)), *times, str(problems)])
    return table(['event', 'times', 'next answer, median', 'longest', 'problems'], rows)


def _growth_table(result: SoakResult) -> str:
    rows = []
    for name, bound in BOUNDS.items():
        words, found = name.replace('_', ' '), growth(result.samples, name)
        if found is None:
            rows.append([words, 'too short to judge', '', '', ''])
            continue
        before, after = found
        most = max(getattr(one, name) for one in result.samples)
        change = f'{after - before:+.0f} of {bound:.0f}'
        rows.append([words, f'{before:.0f}', f'{after:.0f}', change, f'{most:.0f}'])
    return table(['node', 'after warm-up', 'at the end', 'growth', 'most'], rows)


def save_plot(result: SoakResult, path: Path) -> None:
    """Draw memory, threads and file descriptors over time, with a line for each event."""
    figure, (memory, counts) = new_figure(LIGHT, 5.0, (2.0, 1.0))
    minutes = [one.seconds / 60 for one in result.samples]
    blue, orange, green = LIGHT.series[:3]
    memory.plot(minutes, [one.megabytes for one in result.samples], color=blue)
    memory.set_ylim(bottom=0)
    set_title(memory, LIGHT, f'Memory of the node, {len(result.events)} events')
    set_labels(memory, y='MB resident')
    counts.plot(minutes, [one.threads for one in result.samples], color=orange, label='threads')
    counts.plot(minutes, [one.files for one in result.samples], color=green, label='open files')
    counts.set_ylim(bottom=0)
    set_labels(counts, x='minutes; a line for each event, thick where all was killed')
    counts.legend(frameon=False, loc='lower right')
    for event in result.events:
        width = 2.0 if event.kind == RESTART else 0.4
        color = LIGHT.series[1] if event.problem else LIGHT.faint
        memory.axvline(event.seconds / 60, color=color, linewidth=width, alpha=0.5)
    path.write_bytes(as_png(figure))
