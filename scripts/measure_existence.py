# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How well signals tell what is in the image from what is not, as a table for docs/scores.md.

    python -m training.train --out OUT --absent-share 0 --phrase-loss ...
    python -m training.export --run OUT --to FOLDER
    python -m scripts.measure_existence --model FOLDER

Fusions are fitted on some held-out scenes and judged on others; the figures of single signals are
those of the judged ones. ``--write`` puts the fusions into the model's ``calibration.json``. What
was measured is kept in ``--output``: a run that was interrupted goes on, and the table can be made
anew from it.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
import json
import multiprocessing
from pathlib import Path
import platform
import sys
from typing import Any

import numpy as np
from tqdm import tqdm

from kosmos_ros.backends.checkpoint.calibration_file import read_calibration, write_calibration
from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint, write_checksums
from kosmos_ros.core.model.signals import Fusion, LEVELS, NAMES
from kosmos_ros.core.plain import from_plain, to_plain
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import check_seeds
from kosmos_ros.evaluation.scoring.fusing import (
    ACCEPTED,
    fit_evidence,
    Separation,
    separation,
    values_of,
    Witnessed,
)

COSTS = {
    'free': 'none',
    'phrase': 'one pass for each new phrase',
    'question': 'one pass for each phrase and image',
    'caption': 'about thirty passes for each image',
}
"""What each level takes, beside what it shares with the levels before it."""

Scene = tuple[int, list[Witnessed]]


def measured(model: str, seeds: Sequence[int], kept: Path, workers: int) -> list[Witnessed]:
    """Return the signals of scenes, those in the file ``kept`` from there."""
    scenes = {seed: found for seed, found in _read(kept) if seed in set(seeds)}
    missing = [seed for seed in seeds if seed not in scenes]
    context = multiprocessing.get_context('spawn')
    with context.Pool(workers, _load, (model,)) if missing else _Nobody() as pool:
        found = pool.imap_unordered(_ask, missing, chunksize=4)
        for seed, witnessed in tqdm(found, total=len(missing), unit='scene', file=sys.stderr):
            scenes[seed] = witnessed
            with kept.open('a', encoding='utf-8') as file:
                file.write(json.dumps([seed, to_plain(witnessed)]) + '\n')
    return [one for seed in seeds for one in scenes[seed]]


class _Nobody:
    """A pool without work."""

    def __enter__(self) -> _Nobody:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def imap_unordered(self, *_: Any, **__: Any) -> list[Scene]:
        return []


def _read(kept: Path) -> list[Scene]:
    lines = kept.read_text(encoding='utf-8').splitlines() if kept.is_file() else []
    return [
        (seed, [from_plain(Witnessed, one) for one in found])
        for seed, found in map(json.loads, lines)
    ]


_state: dict[str, Any] = {}


def _load(model: str) -> None:
    """Load the model in a worker, one thread each."""
    from kosmos_ros.backends.kosmos2.backend import TransformersBackend  # noqa: PLC0415
    from kosmos_ros.backends.settings import ModelSettings  # noqa: PLC0415
    from kosmos_ros.sim.rendering.renderer import TabletopRenderer  # noqa: PLC0415

    backend = TransformersBackend.load(ModelSettings(model, threads=1))
    backend.signals = LEVELS[-1]
    _state.update(backend=backend, renderer=TabletopRenderer().__enter__())


def _ask(seed: int) -> Scene:
    from kosmos_ros.evaluation.questions.simulated import make_cases  # noqa: PLC0415
    from kosmos_ros.evaluation.studies.existence import witness  # noqa: PLC0415
    from kosmos_ros.sim.scenes.scene import sample_scene  # noqa: PLC0415

    frame = _state['renderer'].render(sample_scene(seed))
    return seed, witness(_state['backend'], frame.rgb, make_cases(frame, seed))


def table(judged: Sequence[Witnessed], fusions: dict[str, Fusion]) -> str:
    """Return the figures of each signal and each fusion as rows of a page."""
    rows = ['| score | AUC | absent refused | of known words | of unknown words | passes |']
    rows.append('| --- | --- | --- | --- | --- | --- |')
    for level in LEVELS:
        for name in NAMES[level]:
            values = values_of(judged, name)
            sign = -1.0 if separation(values, _present(judged)).auc < 0.5 else 1.0
            label = f'`{name}`' if sign > 0 else f'`{name}`, lower is better'
            rows.append(_row(label, sign * values, judged, COSTS[level]))
    rows += [
        _row(f'**fused, `{level}`**', _fused(judged, fusion), judged, _cost(level))
        for level, fusion in fusions.items()
    ]
    return '\n'.join(rows)


def decided(judged: Sequence[Witnessed], fusion: Fusion) -> tuple[float, float]:
    """Return the share of present phrases that score 0.5 or more, and of absent ones below."""
    passed, there = _fused(judged, fusion) >= 0.5, _present(judged)
    return float(passed[there].mean()), float((~passed[~there]).mean())


def heading(judged: Sequence[Witnessed], fitted: range, others: range) -> str:
    """Return what was measured, and how well the model points at what is there."""
    alone = [bool(one.right) for one in judged if one.kind == Kind.UNIQUE.value]
    return (
        f'{date.today().isoformat()}, {platform.machine()} ({platform.processor() or "CPU"}): '
        f'fitted on the scenes with the seeds {fitted.start} to {fitted.stop - 1}, judged on '
        f'{others.start} to {others.stop - 1}: {int(_present(judged).sum())} phrases that are '
        f'there, {int((~_present(judged)).sum())} that are not. The box of a single object is '
        f'right (IoU 0.5) in {np.mean(alone):.3f} of {len(alone)}.'
    )


def _cost(level: str) -> str:
    costs = [COSTS[one] for one in LEVELS[1 : LEVELS.index(level) + 1]]
    return ', '.join(costs) or COSTS['free']


def _row(label: str, scores: Any, judged: Sequence[Witnessed], cost: str) -> str:
    figures = [separation(scores, _present(judged))]
    for kind in (Kind.ABSENT, Kind.UNKNOWN):
        used = np.array([one.present or one.kind == kind.value for one in judged])
        figures.append(separation(scores[used], _present(judged)[used]))
    return f'| {label} | {figures[0].auc:.3f} | {" | ".join(map(_refused, figures))} | {cost} |'


def _refused(figures: Separation) -> str:
    return f'{figures.refused:.3f}'


def _fused(judged: Sequence[Witnessed], fusion: Fusion) -> Any:
    return np.array([fusion(one.signals) for one in judged], dtype=np.float64)


def _present(judged: Sequence[Witnessed]) -> Any:
    return np.array([one.present for one in judged], dtype=np.bool_)


def _seeds(text: str) -> range:
    first, _, count = text.partition('+')
    try:
        return check_seeds(int(first), int(count))
    except ValueError as error:
        raise ArgumentTypeError(f'FIRST+COUNT expected, such as 0+400: {error}') from error


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, fit, judge and print."""
    parser = ArgumentParser(prog='python -m scripts.measure_existence', description=__doc__)
    parser.add_argument('--model', required=True, help='folder of the model')
    parser.add_argument('--fit', type=_seeds, default='60000+400', metavar='FIRST+COUNT')
    parser.add_argument('--judge', type=_seeds, default='0+400', metavar='FIRST+COUNT')
    parser.add_argument('--workers', type=int, default=2, help='processes of one thread each')
    parser.add_argument('--output', type=Path, default=Path('existence_output'), metavar='FOLDER')
    parser.add_argument('--write', action='store_true', help="write the model's calibration.json")
    arguments = parser.parse_args(argv)
    if set(arguments.fit) & set(arguments.judge):
        parser.error('--fit and --judge need different scenes')
    arguments.output.mkdir(parents=True, exist_ok=True)
    kept = arguments.output / 'signals.jsonl'
    seeds = [*arguments.fit, *arguments.judge]
    measured(arguments.model, seeds, kept, arguments.workers)
    fitting = measured(arguments.model, arguments.fit, kept, arguments.workers)
    judging = measured(arguments.model, arguments.judge, kept, arguments.workers)
    fusions = fit_evidence(fitting)
    print(f'{arguments.model}, {heading(judging, arguments.fit, arguments.judge)}')
    print('', table(judging, fusions), sep='\n')
    print(f'\nat {ACCEPTED:.0%} accepted; from 0.5 on instead:')
    for level, fusion in fusions.items():
        accepted, refused = decided(judging, fusion)
        print(
            f'{level}: {accepted:.3f} of what is there is found, {refused:.3f} of the rest refused'
        )
    if arguments.write:
        _write(arguments.model, fusions)


def _write(model: str, fusions: dict[str, Fusion]) -> None:
    folder = find_checkpoint(model)
    calibration = replace(read_calibration(folder), fusions=fusions)
    print(f'saved {write_calibration(folder, calibration, {"by": "measure_existence"})}')
    if (folder / CHECKSUMS).is_file():
        write_checksums(folder)


if __name__ == '__main__':
    main()
