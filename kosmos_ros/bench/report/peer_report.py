# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's recipe beside this package: who takes how many times as long as the other."""

from __future__ import annotations

from collections.abc import Iterator
import textwrap

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import load_of, measured, Run
from kosmos_ros.bench.report.ratios import paired_ratio, Spread
from kosmos_ros.bench.report.tables import duration, markdown_table, ratio, table
from kosmos_ros.bench.timing import median

QUESTIONS = {
    'first_written': f'first query, {AS_WRITTEN} tokens written',
    'later_written': f'later query, {AS_WRITTEN} tokens written',
    'first_short': 'first query, 5 tokens written',
    'later_short': 'later query, 5 tokens written',
    'caption': 'caption',
}
"""What another recipe is asked for, by the names of pairs."""

_HEAD = ('OpenVINO', 'ours', 'times as long', 'half of them', 'faster')
_OURS = {'bfloat16': 'default', 'int8': 'int8'}


def peer_report(run: Run, model: Run) -> str:
    """Return the comparison of a model for a terminal; '' if none was asked for."""
    rows = _rows(model)
    return '\n'.join([*([table(_head(model), rows)] if rows else []), *_notes(run, model)])


def peer_section(run: Run, model: Run) -> str:
    """Return the comparison of a model as Markdown; '' if none was asked for."""
    rows = _rows(model)
    notes = textwrap.fill('. '.join(_notes(run, model)), 99)
    return '\n\n'.join(filter(None, [markdown_table(_head(model), rows) if rows else '', notes]))


def _head(model: Run) -> tuple[str, ...]:
    return (f'{model["name"]}, OpenVINO and ours', *_HEAD)


def faster(times_as_long: Spread) -> str:
    """Return who is faster, by the ratio of OpenVINO's time to ours."""
    if times_as_long.low > 1:
        return 'ours'
    return 'OpenVINO' if times_as_long.high < 1 else 'undecided'


def _rows(model: Run) -> list[list[str]]:
    return [
        [f'{weights} / {_OURS[weights]}: {text}', *_cells(pairs[name])]
        for weights, pairs in model.get('peer', {}).items()
        if measured(pairs)
        for name, text in QUESTIONS.items()
    ]


def _cells(pair: Run) -> list[str]:
    found = paired_ratio(pair['recipe'], pair['ours'])
    times = [duration(median(pair[side])) for side in ('recipe', 'ours')]
    return [*times, ratio(found.value), found.text, faster(found)]


def _notes(run: Run, model: Run) -> Iterator[str]:
    """Yield what a reader has to know about the table, or why there is none."""
    peer = run.get('peer', {'left_out': ''})
    if not measured(peer):
        if peer['left_out']:
            yield f"OpenVINO's recipe was left out: {peer['left_out']}"
        return
    packages = ', '.join(f'{name} {version}' for name, version in peer['packages'].items())
    yield (
        f'{packages}; on the embedded model in float32 its {peer["same_tokens"]} tokens were '
        'those of the model card'
    )
    for weights, pairs in model.get('peer', {}).items():
        if not measured(pairs):
            yield f"OpenVINO's recipe in {weights} was left out: {pairs['left_out']}"
            continue
        how = 'both loaded' if pairs['together'] else 'loaded in turn, for want of memory'
        yield '; '.join(filter(None, [f'{weights}: {how}', load_of(pairs)]))
