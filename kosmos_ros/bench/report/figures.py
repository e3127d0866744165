# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run: its file, and its figures: medians, ratios and counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
import json
from math import hypot
from pathlib import Path
import re
from statistics import fmean
from typing import Any

from kosmos_ros.bench.plan import AS_WRITTEN, SEED_TOKENS
from kosmos_ros.bench.run.session import DEFAULT, REFERENCE
from kosmos_ros.bench.timing import median, percentile_95
from kosmos_ros.core.files import write_text
from kosmos_ros.core.model.grammar import GRID_SIZE

Run = dict[str, Any]
"""A run as ``run_bench`` returns it and JSON holds it, or a part of one."""

MILLI = 1000.0

_DECIMALS = 6
"""Of seconds: no clock here is more precise."""

_START = {
    'torch': 'Python and PyTorch',
    'transformers': "transformers' KOSMOS-2 classes",
    'stock': 'loading the model as transformers does',
    'loaded': 'more for loading it here, and its test question',
    'answered': 'the command, the picture and the answer',
}
"""Programs that get further and further, and what each does beyond the one before it."""

_NUMBERS = re.compile(r'\[\s+([-\d.e+,\s]+?)\s+\]')


def save_run(run: Run, path: Path) -> None:
    """Write a run as JSON, each list of numbers on a line."""
    rounded = json.loads(json.dumps(run), parse_float=lambda text: round(float(text), _DECIMALS))
    text = json.dumps(rounded, indent=1)
    flat = _NUMBERS.sub(lambda match: f'[{" ".join(match[1].split())}]', text)
    write_text(path, flat + '\n')


def load_run(path: Path) -> Run:
    """Read what ``save_run`` wrote."""
    run: Run = json.loads(path.read_text(encoding='utf-8'))
    return run


def machine_of(run: Run) -> str:
    """Return the processor of the machine that was measured, and its cores, for people."""
    machine = run['machine']
    virtual = ' of a virtual machine' if machine['virtual'] else ''
    return f'{machine["cpu"]}, {machine["cores"]} cores{virtual}'


def load_of(part: Run) -> str:
    """Return how busy the machine was during a run or a part of one, for people; '' if unknown."""
    load = part.get('load')
    if load is None:
        return ''
    first, last = load['average']
    waited = load['waited']
    share = (
        '' if waited is None else f', and some thread waited for a core {waited:.0%} of the time'
    )
    return f'the load average was {first:.1f} before and {last:.1f} after{share}'


def measured(part: Run) -> bool:
    """Tell whether a variant was measured, not left out."""
    return 'left_out' not in part


def typical(timing: Run) -> float:
    """Return the median of repeated calls in seconds."""
    return median(timing['seconds'])


def recipe_seconds(model: Run, dtype: str, tokens: int = AS_WRITTEN) -> float | None:
    """Return the time of a query by the recipe, None if it was left out."""
    seed = model['seed'][dtype]
    return typical(seed['locate'][str(tokens)]) if measured(seed) else None


def token_seconds(seed: Run) -> float:
    """Return the recipe's time for a further token, from the longest and the middle answer."""
    most, fewer = SEED_TOKENS[:2]
    more = typical(seed['locate'][str(most)]) - typical(seed['locate'][str(fewer)])
    return more / (most - fewer)


def default_of(model: Run) -> Run | None:
    """Return what the default precision measured, None if it was left out."""
    part: Run = model['ours'][DEFAULT]
    return part if measured(part) else None


def reference_of(model: Run) -> Run | None:
    """Return what float32 measured, None if it was left out."""
    default = default_of(model)
    if default and default['dtype'] == REFERENCE:
        return default
    part: Run = model['ours'].get(REFERENCE, {'left_out': ''})
    return part if measured(part) else None


def bandwidth(run: Run) -> float:
    """Return the highest bandwidth seen in a run, in bytes per second; 0 if there is none."""
    return max(run['bandwidths'], default=0.0)


def location_pass_ratio(run: Run, part: Run) -> float | None:
    """Return a one-token pass of the decoder over the time that reading its weights takes."""
    floor = part['floor']
    if not floor['location_pass_seconds'] or not bandwidth(run):
        return None
    # The hooks see the decoder without the head, whose rows are a thousandth of the weights.
    return median(floor['location_pass_seconds']) * bandwidth(run) / floor['location_pass_bytes']


def caption_token_seconds(part: Run) -> list[float]:
    """Return what a further token takes on average, by captions: one guessed comes for free."""
    gaps = iter(part['caption']['token_seconds'])
    captions = [list(islice(gaps, count - 1)) for count in part['caption']['tokens']]
    return [fmean(caption) for caption in captions if caption]


def token_ratio(run: Run, part: Run) -> float | None:
    """Return the time of a further token of a caption over that of reading all weights."""
    tokens = caption_token_seconds(part)
    if not tokens or not bandwidth(run):
        return None
    return median(tokens) * bandwidth(run) / part['floor']['token_pass_bytes']


def agreement_with_reference(model: Run, variant: str) -> dict[str, float] | None:
    """Compare a variant's location tokens with float32's; None if one was left out."""
    reference, other = reference_of(model), model['ours'][variant]
    if reference is None or not measured(other):
        return None
    return agreement(reference['location_tokens'], other['location_tokens'])


def agreement(
    reference: Sequence[Sequence[int]], other: Sequence[Sequence[int]]
) -> dict[str, float]:
    """
    Compare location tokens, each a pair of upper left and lower right cell.

    :returns: fractions of equal upper left and lower right tokens and of both equal, and the mean
        distance of corners in cells.
    """
    pairs = [(tuple(one), tuple(two)) for one, two in zip(reference, other, strict=True)]
    distances = [_distance(a, b) for one, two in pairs for a, b in zip(one, two, strict=True)]
    return {
        'phrases': len(pairs),
        'upper_left': sum(one[0] == two[0] for one, two in pairs) / len(pairs),
        'lower_right': sum(one[1] == two[1] for one, two in pairs) / len(pairs),
        'both': sum(one == two for one, two in pairs) / len(pairs),
        'mean_distance': sum(distances) / len(distances),
    }


def start_rows(run: Run) -> list[tuple[str, float]]:
    """
    Return parts of the way from a command to its answer and their seconds of computing.

    Each is the median of what a program takes longer than the one that gets less far, round by
    round; empty if it was not measured.
    """
    start = run.get('start', {'left_out': ''})
    if not measured(start):
        return []
    rows, before = [], [0.0] * len(start['answered']['computing'])
    for key, name in _START.items():
        now = start[key]['computing']
        rows.append((name, median([a - b for a, b in zip(now, before, strict=True)])))
        before = now
    return [*rows, ('command to answer', median(before))]


def node_row(run: Run, size: str) -> dict[str, tuple[float, float]]:
    """
    Return median and 95th percentile in seconds of camera-to-detections and its parts.

    ``ours`` is how much longer the grounding node takes with a model that costs nothing than a
    node that only answers, image by image. ``model`` is the node's inference time, the making of
    the model's input included.
    """
    times = run['node']['sizes'][size]
    ours = [a - b for a, b in zip(times['instant'], times['echo'], strict=True)]
    total, transport, model = times['model'], times['echo'], times['inference']
    rows = {'total': total, 'transport': transport, 'ours': ours, 'model': model}
    return {name: (median(values), percentile_95(values)) for name, values in rows.items()}


def preparation_seconds(run: Run, size: str) -> float:
    """Return the time to make a model's input of an image, which is our part too; 0 if unknown."""
    for model in run['models']:
        ours = default_of(model)
        sizes = ours['growth']['image_sizes'] if ours else {}
        if size in sizes:
            return median(sizes[size]['prepare_seconds'])
    return 0.0


def _distance(one: int, other: int) -> float:
    rows, columns = zip(divmod(one, GRID_SIZE), divmod(other, GRID_SIZE), strict=True)
    return hypot(rows[0] - rows[1], columns[0] - columns[1])
