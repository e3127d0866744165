# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run as text for a terminal."""

from __future__ import annotations

from kosmos_ros.bench.report.figures import (
    bandwidth,
    load_of,
    machine_of,
    measured,
    node_row,
    preparation_seconds,
    Run,
    start_rows,
)
from kosmos_ros.bench.report.model_report import model_report
from kosmos_ros.bench.report.tables import duration, table, underlined
from kosmos_ros.bench.report.targets import target_table


def report(run: Run) -> str:
    """Return all results of a run."""
    models = [model_report(run, model) for model in run['models']]
    goals = f'{underlined("targets")}\n{table(*target_table(run))}'
    parts = [_head(run), *models, start_report(run), node_report(run), goals]
    return '\n\n'.join(filter(None, parts))


def start_report(run: Run) -> str:
    """Return the parts of the way from a command to its answer; '' if it was not measured."""
    rows = [[name, f'{seconds:.2f} s'] for name, seconds in start_rows(run)]
    title = underlined('kosmos-ros ground, embedded model: seconds of computing')
    return f'{title}\n{table(["part", "median"], rows)}' if rows else ''


def node_report(run: Run) -> str:
    """Return camera-to-detections and its parts."""
    title = underlined('from camera to detections, over DDS')
    node = run['node']
    if not measured(node):
        return f'{title}\nleft out: {node["left_out"]}'
    rows = []
    for size in node['sizes']:
        parts = node_row(run, size)
        for part, text in _PARTS.items():
            median, late = parts[part]
            rows.append([f'{size}  {text}', duration(median), duration(late)])
        prepare = duration(preparation_seconds(run, size))
        rows.append([f'{size}  of it, preparing the image', prepare, ''])
    memory = 'shared memory' if node['shared_memory'] else 'UDP, for want of shared memory'
    return f'{title}\n{table(["images, part", "median", "95 %"], rows)}\ntransport: {memory}'


_PARTS = {
    'total': 'camera to detections',
    'transport': 'transport (a node that only answers)',
    'ours': 'this node, with a model that costs nothing',
    'model': 'the model (inference_time)',
}


def _head(run: Run) -> str:
    machine = run['machine']
    packages = ', '.join(f'{name} {version}' for name, version in machine['packages'].items())
    quick = ', quick' if run['quick'] else ''
    return '\n'.join(
        [
            f'{run["when"]}, took {run["seconds"] / 60:.0f} min{quick}',
            f'{machine_of(run)}, {machine["memory_bytes"] / 1e9:.0f} GB, '
            f'load average {machine["load_average"]:.1f}',
            *filter(None, [load_of(run)]),
            ' '.join(machine['flags']),
            f'Python {machine["python"]}, {packages}',
            f'memory is read at {bandwidth(run) / 1e9:.1f} GB/s at best',
        ]
    )
