# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run as sections of the documentation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import textwrap

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import (
    agreement_with_reference,
    bandwidth,
    default_of,
    measured,
    node_row,
    recipe_seconds,
    Run,
    typical,
)
from kosmos_ros.bench.report.tables import duration, gigabytes, parameters
from kosmos_ros.bench.report.targets import targets

_RECIPES = (('float32', AS_WRITTEN), ('bfloat16', AS_WRITTEN), ('bfloat16', 5))
_EIGHT = 8


def speed_section(run: Run) -> str:
    """Return a run as Markdown; only figures that are in the run."""
    machine = run['machine']
    virtual = ' of a virtual machine' if machine['virtual'] else ''
    head = (
        f'{machine["cpu"]}, {machine["cores"]} cores{virtual}, {run["when"][:10]}, torch '
        f'{machine["packages"]["torch"]}; memory is read at {bandwidth(run) / 1e9:.0f} GB/s. '
        'Medians of one run:'
    )
    parts = [_wrap(head)]
    for model in run['models']:
        parts += filter(None, (_queries(model), _caption(model), _precisions(model)))
    if measured(run['node']):
        parts.append(_node(run))
    parts += ['Targets for a full-size model on two cores, ratios within the run:', _targets(run)]
    return '\n\n'.join(parts)


def headline(run: Run) -> str:
    """Return the times that matter most, as Markdown: the default beside the faster recipe."""
    machine = run['machine']
    head = [
        f'{machine["cores"]} cores, {run["when"][:10]}',
        'recipe of the model card',
        'the same, stopped after 5 tokens',
        'this package',
    ]
    rows = [row for model in run['models'] for row in _main_queries(model)]
    return _markdown(head, rows)


def _main_queries(model: Run) -> list[list[str]]:
    ours = default_of(model)
    if ours is None:
        return []
    dtypes = ('float32', 'bfloat16')
    recipes = [_fastest(model, dtypes, tokens) for tokens in (AS_WRITTEN, 5)]
    size = parameters(model['parameters'])
    return [
        [f'{size}: {name}', *map(_cell, recipes), _cell(typical(ours[key]))]
        for name, key in (('first query on an image', 'first'), ('later query', 'later'))
    ]


def _fastest(model: Run, dtypes: Sequence[str], tokens: int) -> float | None:
    times = [recipe_seconds(model, dtype, tokens) for dtype in dtypes]
    return min((seconds for seconds in times if seconds is not None), default=None)


def _queries(model: Run) -> str:
    columns: dict[str, Callable[[int], float | None]] = {}
    for dtype, tokens in _RECIPES:
        seconds = recipe_seconds(model, dtype, tokens)
        columns[f'recipe, {dtype}, {tokens} tokens'] = _times(seconds)
    head = [
        f'{model["name"]}, {parameters(model["parameters"])}',
        *columns,
        *(f'ours, {name}' for name, part in model['ours'].items() if measured(part)),
    ]
    there = [part for part in model['ours'].values() if measured(part)]
    rows = []
    for name, key, phrases in (
        ('first query on a frame', 'first', 1),
        ('later query', 'later', 1),
        (f'{_EIGHT} phrases about a known frame', 'eight_phrases', _EIGHT),
    ):
        recipe = [_cell(column(phrases)) for column in columns.values()]
        rows.append([name, *recipe, *(_cell(typical(part[key])) for part in there)])
    return _markdown(head, rows)


def _caption(model: Run) -> str:
    ours, seed = default_of(model), model['seed']['bfloat16']
    if ours is None or not measured(seed):
        return ''
    return _wrap(
        f'A caption of {ours["caption"]["tokens"][0]} tokens about a new image takes '
        f'{duration(typical(ours["caption"]))}, by the recipe in bfloat16 '
        f'{duration(typical(seed["caption"]))}.'
    )


def _times(seconds: float | None) -> Callable[[int], float | None]:
    """The recipe takes one phrase at a time."""
    return lambda phrases: None if seconds is None else phrases * seconds


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
        if not measured(part):
            continue
        agrees = agreement_with_reference(model, name)
        accuracy = part.get('accuracy')
        corners = '-'
        if agrees:
            corners = f'{(agrees["upper_left"] + agrees["lower_right"]) / 2:.2f}'
        rows.append(
            [
                name,
                part['precision'],
                gigabytes(part['peak_without_files']),
                corners,
                f'{accuracy["acc_50"]:.3f}' if accuracy else '-',
                f'{accuracy["mean_iou"]:.3f}' if accuracy else '-',
            ]
        )
    return _markdown(head, rows)


def _node(run: Run) -> str:
    rows = []
    for size in run['node']['sizes']:
        parts = node_row(run, size)
        cells = [f'{duration(parts[name][0])} ({duration(parts[name][1])})' for name in parts]
        rows.append([size, *cells])
    head = ['camera to detections, median (95 %)', 'in all', 'transport', 'ours', 'model']
    return _markdown(head, rows)


def _targets(run: Run) -> str:
    rows = [
        [target.name, target.goal_text, target.value_text, target.verdict.value]
        for target in targets(run)
    ]
    return _markdown(['', 'target', 'measured', ''], rows)


def _cell(seconds: float | None) -> str:
    return '-' if seconds is None else duration(seconds)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _wrap(text: str) -> str:
    return textwrap.fill(text, 99)
