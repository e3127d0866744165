# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measurements of one model, as tables."""

from __future__ import annotations

from functools import partial

from kosmos_ros.bench.plan import SEED_TOKENS
from kosmos_ros.bench.report.figures import (
    agreement_with_reference,
    default_of,
    load_of,
    location_pass_ratio,
    measured,
    Run,
    token_ratio,
    token_seconds,
    typical,
)
from kosmos_ros.bench.report.peer_report import peer_report, QUESTIONS
from kosmos_ros.bench.report.ratios import paired_ratio
from kosmos_ros.bench.report.tables import (
    accuracy_cells,
    Cells,
    duration,
    gigabytes,
    parameters,
    ratio,
    table,
    times,
    underlined,
    variant_table,
)
from kosmos_ros.bench.run.session import DEFAULT
from kosmos_ros.bench.timing import median


def model_report(run: Run, model: Run) -> str:
    """Return all tables of a model."""
    title = f'{model["name"]}: {parameters(model["parameters"])}'
    note = f'{model["note"]}\n' if model['note'] else ''
    tables = (
        recipe_table(model),
        ours_table(run, model),
        pairs_table(model),
        peer_report(run, model),
        counts_table(model),
        accuracy_table(model),
        growth_tables(model),
    )
    return '\n\n'.join([f'{underlined(title)}\n{note}'.rstrip(), *filter(None, tables)])


def recipe_table(model: Run) -> str:
    """Return the times of the model card's recipe."""
    rows: list[tuple[str, Cells]] = [
        (f'locate, {tokens} tokens written', partial(_located, tokens=str(tokens)))
        for tokens in SEED_TOKENS
    ]
    if any('own_end' in part for part in model['seed'].values()):
        rows.append(('locate, until the model ends', _own_end))
    rows += [
        ('caption', lambda part: f'{times(part["caption"])}, {_tokens(part)} tokens'),
        ('each further token', lambda part: duration(token_seconds(part))),
        ('peak memory', lambda part: gigabytes(part['peak_without_files'])),
        ('with mapped files', lambda part: gigabytes(part['peak_bytes'])),
    ]
    return variant_table('recipe of the model card, median (shortest)', model['seed'], rows)


def ours_table(run: Run, model: Run) -> str:
    """Return the times of this package in each precision."""
    floors: list[tuple[str, Cells]] = [
        ('decode pass / memory floor', lambda part: ratio(location_pass_ratio(run, part))),
        ('caption token / memory floor', lambda part: ratio(token_ratio(run, part))),
    ]
    rows: list[tuple[str, Cells]] = [
        ('first query on a frame, one box', lambda part: times(part['first'])),
        ('first query, all boxes', lambda part: times(part['first_all'])),
        ('later query, one box', lambda part: times(part['later'])),
        ('later query, all boxes', lambda part: times(part['later_all'])),
        ('8 phrases in one later call', lambda part: times(part['eight_phrases'])),
        ('caption', lambda part: f'{times(part["caption"])}, {_tokens(part)} tokens'),
        *(floors if model['large'] else []),
        ('loading, libraries included', lambda part: duration(part['load_seconds'])),
        ('memory once loaded', lambda part: gigabytes(part['resident_bytes'])),
        ('peak memory', lambda part: gigabytes(part['peak_without_files'])),
        ('with mapped files', lambda part: gigabytes(part['peak_bytes'])),
    ]
    there = {name: part for name, part in model['ours'].items() if measured(part)}
    precisions = [f'{name}: {part["precision"]}' for name, part in there.items()]
    whole = variant_table('kosmos_ros, median (shortest)', model['ours'], rows)
    return '\n'.join([whole, *precisions])


def pairs_table(model: Run) -> str:
    """Return the ratios of what the recipe and the default precision took in turn."""
    pairs = model.get('pairs', {'left_out': ''})
    if not measured(pairs):
        return f'in turn: left out: {pairs["left_out"]}' if pairs['left_out'] else ''
    rows = []
    for name, text in QUESTIONS.items():
        found = paired_ratio(pairs[name]['recipe'], pairs[name]['ours'])
        rows.append([text, str(len(pairs[name]['ours'])), ratio(found.value), found.text])
    how = 'both loaded' if pairs['together'] else 'loaded in turn, for want of memory'
    head = ['recipe in bfloat16 / default, in turn', 'pairs', 'median', 'half of them']
    return f'{table(head, rows)}\n{how}; {load_of(pairs)}'


def counts_table(model: Run) -> str:
    """Return the counts of each call in the default precision."""
    ours = default_of(model)
    if ours is None:
        return ''
    calls = (
        (ours['first'], 'first query, one box'),
        (ours['later'], 'later query, one box'),
        (ours['later_all'], 'later query, all boxes'),
        (ours['eight_phrases'], '8 phrases in one later call'),
        (ours['caption'], 'caption'),
    )
    rows = [
        [text, str(len(call['passes'])), _range(call['images']), _range(call['passes'])]
        for call, text in calls
    ]
    later = ours['later']
    reused = (
        f'encoding reused for {later["reused"]} of {len(later["seconds"])} later queries, '
        f'{sum(later["images"])} images encoded again (counted)'
    )
    head = [
        f'counted in each call ({DEFAULT})',
        'calls',
        'images encoded',
        'passes of the decoder',
    ]
    return f'{table(head, rows)}\n{reused}'


def accuracy_table(model: Run) -> str:
    """Return the accuracy of each precision."""
    rows = []
    for name, part in model['ours'].items():
        agrees = agreement_with_reference(model, name)
        if agrees:
            keys = ('upper_left', 'lower_right', 'both', 'mean_distance')
            rows.append([name, *(f'{agrees[key]:.2f}' for key in keys), *accuracy_cells(part)])
    head = ['location tokens equal to those of float32']
    head += ['upper left', 'lower right', 'both', 'cells apart', 'Acc@0.5', 'mean IoU']
    return table(head, rows) if rows else ''


def growth_tables(model: Run) -> str:
    """Return how times grow, for the default precision."""
    ours = default_of(model)
    if ours is None:
        return ''
    growth = ours['growth']
    parts = [
        _growth_table('phrases in one later call', growth['phrases']),
        _growth_table('cameras in one call', growth['cameras']),
    ]
    if growth['image_sizes']:
        rows = [
            [size, times(sized), duration(median(sized['prepare_seconds']))]
            for size, sized in growth['image_sizes'].items()
        ]
        parts.append(table(['image size', 'first query', 'of it, preparing the image'], rows))
    return '\n\n'.join(parts)


def _growth_table(title: str, points: Run) -> str:
    one = typical(points[next(iter(points))])
    rows = [[count, times(point), ratio(typical(point) / one)] for count, point in points.items()]
    return table([title, 'median (shortest)', 'to the first'], rows)


def _located(part: Run, tokens: str) -> str:
    return times(part['locate'][tokens])


def _own_end(part: Run) -> str:
    if 'own_end' not in part:
        return '-'
    return f'{times(part["own_end"])}, {_range(part["own_end"]["tokens"])} tokens'


def _tokens(part: Run) -> str:
    return _range(part['caption']['tokens'])


def _range(values: list[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f'{low} to {high}'
