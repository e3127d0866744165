# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A page of what the steps found, and what did not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
import json
from statistics import median
from typing import Any

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import agreement
from kosmos_ros.results import page
from scripts.gpu_check.steps import GPU, RECIPE, STEPS
from scripts.gpu_check.task import FORMATS, Found, REFERENCE

_WIDEST = 300
"""Characters of a cell of the page; the JSON holds all."""

_TIMES = ('first', 'later', 'eight_phrases', 'caption')
_HEAD = (
    *('format', 'load, s', 'first query, ms', 'later query, ms', '8 phrases, ms', 'caption, ms'),
    *('a token recorded, ms', 'eager, ms', 'GPU memory, GB'),
)
_COMPARED = ('format', 'location tokens', 'caption', 'embedded: location tokens', 'caption')


def outcome(result: Found) -> str:
    """Return in words whether a step was done."""
    for key, words in (('failed', 'failed'), ('not_run', 'not run')):
        if key in result:
            return f'{words}: {result[key]}'
    return 'done'


def compared(steps: Mapping[str, Found]) -> dict[str, Found]:
    """
    Return how far the answers of each format agree with those of the reference.

    That is float32, or the first format that answered. ``cells`` is the share of phrases both of
    whose location tokens are equal, ``caption`` the share of a caption's tokens before the first
    that differs.
    """
    found: dict[str, Found] = {}
    for model in ('answers', 'embedded'):
        answers = {name: steps[name][model] for name in FORMATS if model in steps.get(name, {})}
        reference = next((name for name in (REFERENCE, *answers) if name in answers), '')
        for name in answers.keys() - {reference}:
            one, other = answers[reference], answers[name]
            found.setdefault(name, {})[model] = {
                'with': reference,
                'cells': agreement(one['cells'], other['cells'])['both'],
                'caption': equal_share(one['caption'], other['caption']),
            }
    return {name: found[name] for name in FORMATS if name in found}


def equal_share(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the share of tokens, of the longer text, before the first that differs."""
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    return same / max(len(one), len(other), 1)


def report(found: Found) -> str:
    """Return the page."""
    steps = found['steps']
    words = {name: outcome(result) for name, result in steps.items()}
    done = sum(text == 'done' for text in words.values())
    gpu = steps.get(GPU, {}).get('name', 'none')
    tiles = [
        (gpu, 'GPU'),
        (found['device'], 'device'),
        (found['when'][:10], 'date'),
        (f'{done} of {len(STEPS)}', 'steps done'),
    ]
    body = [page.tiles(tiles), '<h2>Steps</h2>', page.table(['step', 'outcome'], words.items())]
    rows = [_costs(name, steps[name]) for name in FORMATS if 'bench' in steps.get(name, {})]
    if rows:
        body += ['<h2>What it costs</h2>', page.table(_HEAD, [*_recipe(steps), *rows])]
        body.append('<p>Medians. A token is one of a caption, without the image.</p>')
    agreements = found['agreement']
    if agreements:
        body.append('<h2>Answers equal to those of another format</h2>')
        body.append(page.table(_COMPARED, [_agrees(*one) for one in agreements.items()]))
        body.append(
            '<p>Phrases whose location tokens are both equal, and tokens of a caption before the '
            'first that differs. Random weights say little; the embedded model is trained.</p>'
        )
    body.append('<h2>All of it</h2>')
    for name, result in {**steps, 'machine': found['machine']}.items():
        lines = [[key, _told(value)] for key, value in result.items()]
        body.append(
            page.details(f'{name}: {words.get(name, "where it ran")}', page.table(['', ''], lines))
        )
    return page.page('kosmos_ros on a GPU', body)


def _costs(name: str, result: Found) -> list[str]:
    steps = result.get('single_steps', {})
    recorded, eager = (steps.get(f'{kind}_token_seconds') for kind in ('recorded', 'eager'))
    return [
        name,
        f'{result["load_seconds"]:.1f}',
        *(_ms(median(result['bench'][key]['seconds'])) for key in _TIMES),
        _ms(recorded),
        _ms(eager),
        f'{result["gpu_bytes"] / 1e9:.2f}' if result['gpu_bytes'] else '',
    ]


def _recipe(steps: Mapping[str, Found]) -> list[list[str]]:
    result = steps.get(RECIPE, {})
    if 'locate' not in result:
        return []
    query = result['locate'].get(str(AS_WRITTEN), result.get('own_end'))
    times = [_ms(median(part['seconds'])) for part in (query, query, result['caption'])]
    return [['recipe of the model card', '', *times[:2], '', times[2], '', '', '']]


def _agrees(name: str, models: Found) -> list[str]:
    reference = next(iter(models.values()))['with']
    cells = [
        f'{models[model][key]:.0%}' if model in models else ''
        for model in ('answers', 'embedded')
        for key in ('cells', 'caption')
    ]
    return [f'{name} against {reference}', *cells]


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return ''
    return f'{1e3 * seconds:.0f}' if seconds >= 0.1 else f'{1e3 * seconds:.3g}'


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f'{value:.4g}'
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return '; '.join(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _WIDEST else f'{text[:_WIDEST]} ...'
