# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run as sections of the documentation."""

from __future__ import annotations

import textwrap

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import (
    agreement_with_reference,
    bandwidth,
    default_of,
    load_of,
    machine_of,
    measured,
    node_row,
    recipe_seconds,
    Run,
    start_rows,
    typical,
)
from kosmos_ros.bench.report.peer_report import peer_section
from kosmos_ros.bench.report.tables import (
    accuracy_cells,
    decimal,
    duration,
    gigabytes,
    markdown_table,
    parameters,
)
from kosmos_ros.bench.report.targets import target_table
from kosmos_ros.bench.run.session import SEED_DTYPES

_RECIPES = (('float32', AS_WRITTEN), ('bfloat16', AS_WRITTEN), ('bfloat16', 5))
_EIGHT = 8
_TARGETS = (
    'Targets for a full-size model on two cores: ratios within the run, in brackets what half of '
    'the measurements lie between. A target that lies there too is undecided, and so is what was '
    'measured once:'
)


def speed_section(run: Run) -> str:
    """Return a run as Markdown; only figures that are in the run."""
    head = (
        f'{machine_of(run)}, {run["when"][:10]}, torch {run["machine"]["packages"]["torch"]}; '
        f'memory is read at {bandwidth(run) / 1e9:.0f} GB/s'
        f'{"".join(f"; {words}" for words in [load_of(run)] if words)}. Medians of one run:'
    )
    parts = [textwrap.fill(head, 99)]
    for model in run['models']:
        found = (_queries(model), _caption(model), peer_section(run, model), _precisions(model))
        parts += filter(None, found)
    if start := start_rows(run):
        titles = ['`kosmos-ros ground`, embedded model', 'seconds of computing, median']
        parts.append(markdown_table(titles, [[name, f'{took:.2f}'] for name, took in start]))
    if measured(run['node']):
        parts.append(_node(run))
    parts.append(textwrap.fill(_TARGETS, 99))
    parts.append(markdown_table(*target_table(run)))
    return '\n\n'.join(parts)


def headline(run: Run) -> str:
    """Return the times that matter most, as Markdown: the default beside the faster recipe."""
    head = [
        f'{run["machine"]["cores"]} cores, {run["when"][:10]}',
        'recipe of the model card',
        'the same, stopped after 5 tokens',
        'this package',
    ]
    return markdown_table(head, [row for model in run['models'] for row in _main_queries(model)])


def _main_queries(model: Run) -> list[list[str]]:
    ours = default_of(model)
    if ours is None:
        return []
    recipes = [_fastest(model, tokens) for tokens in (AS_WRITTEN, 5)]
    size = parameters(model['parameters'])
    return [
        [f'{size}: {name}', *map(_cell, recipes), _cell(typical(ours[key]))]
        for name, key in (('first query on an image', 'first'), ('later query', 'later'))
    ]


def _fastest(model: Run, tokens: int) -> float | None:
    times = [recipe_seconds(model, dtype, tokens) for dtype in SEED_DTYPES]
    return min((seconds for seconds in times if seconds is not None), default=None)


def _queries(model: Run) -> str:
    there = {name: part for name, part in model['ours'].items() if measured(part)}
    head = [
        f'{model["name"]}, {parameters(model["parameters"])}',
        *(f'recipe, {dtype}, {tokens} tokens' for dtype, tokens in _RECIPES),
        *(f'ours, {name}' for name in there),
    ]
    recipes = [recipe_seconds(model, dtype, tokens) for dtype, tokens in _RECIPES]
    rows = []
    for name, key, phrases in (
        ('first query on a frame', 'first', 1),
        ('later query', 'later', 1),
        (f'{_EIGHT} phrases about a known frame', 'eight_phrases', _EIGHT),
    ):
        # The recipe takes one phrase at a time.
        cells = [_cell(seconds and phrases * seconds) for seconds in recipes]
        rows.append([name, *cells, *(_cell(typical(part[key])) for part in there.values())])
    return markdown_table(head, rows)


def _caption(model: Run) -> str:
    ours, seed = default_of(model), model['seed']['bfloat16']
    if ours is None or not measured(seed):
        return ''
    text = (
        f'A caption of {ours["caption"]["tokens"][0]} tokens about a new image takes '
        f'{duration(typical(ours["caption"]))}, by the recipe in bfloat16 '
        f'{duration(typical(seed["caption"]))}.'
    )
    return textwrap.fill(text, 99)


def _precisions(model: Run) -> str:
    head = [
        f'{model["name"]}, precision',
        'computes in',
        'peak memory',
        'location tokens as in float32',
        'Acc@0.5',
        'mean IoU',
    ]
    rows = []
    for name, part in model['ours'].items():
        if measured(part):
            agrees = agreement_with_reference(model, name)
            corners = (agrees['upper_left'] + agrees['lower_right']) / 2 if agrees else None
            memory = gigabytes(part['peak_without_files'])
            rows.append(
                [name, part['precision'], memory, decimal(corners, 2), *accuracy_cells(part)]
            )
    return markdown_table(head, rows)


def _node(run: Run) -> str:
    rows = []
    for size in run['node']['sizes']:
        parts = node_row(run, size)
        cells = [f'{duration(parts[name][0])} ({duration(parts[name][1])})' for name in parts]
        rows.append([size, *cells])
    head = ['camera to detections, median (95 %)', 'in all', 'transport', 'ours', 'model']
    return markdown_table(head, rows)


def _cell(seconds: float | None) -> str:
    return '-' if seconds is None else duration(seconds)
