# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What closer looks gain, and what they take, against one look and against slicing.

    python -m scripts.measure_looks --scenes 400
    python -m scripts.measure_looks --scenes 400 --level standard

Slicing is what SAHI does (Akyon et al. 2022, Slicing Aided Hyper Inference): tiles of a fixed grid
that overlap by a fifth, and the whole image, all in one batch; a box takes in those of lower score
that share more than half of the smaller one with it, and becomes the box around them. Every way
answers every question in the same run: where a thing is that only one phrase fits, and where one
is that is not there. What was measured is kept in ``--output``: a run that was interrupted goes
on.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
import multiprocessing
from pathlib import Path
import platform
import sys
import time
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.core.geometry import iou, shared_area, uncrop
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import crop, RgbImage
from kosmos_ros.core.images.views import ArrayPicture, View
from kosmos_ros.core.types import Box, GroundingRequest, Region, ScoredBox
from kosmos_ros.datasets.levels import FAR, LEVELS
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import check_seeds
from kosmos_ros.results.journal import Journal

OVERLAP = 0.2
SAME = 0.5
"""Intersection over the smaller box, from which on slicing takes two boxes for one."""

RANGES = ((0, 16), (16, 32), (32, 64), (64, 128), (128, 10**6))
"""Widths of objects in pixels."""


class Answer(NamedTuple):
    """The best box of an answer, how many images the model was shown, and seconds."""

    box: Box | None
    looks: int
    seconds: float


Way = Callable[[Grounder, RgbImage, str], Answer]


def with_looks(most: int) -> Way:
    """Return what takes so many looks at most."""

    def ask(grounder: Grounder, image: RgbImage, phrase: str) -> Answer:
        started = time.perf_counter()
        answer = grounder.ground(image, GroundingRequest(phrase, max_looks=most))
        seconds = time.perf_counter() - started
        best = answer.detections[0].box if answer.detections else None
        return Answer(best, len(answer.looks), seconds)

    return ask


def sliced(count: int) -> Way:
    """Return what looks at a grid of tiles and at the whole."""

    def ask(grounder: Grounder, image: RgbImage, phrase: str) -> Answer:
        height, width = image.shape[:2]
        regions = [Region(0, 0, width, height), *grid(count, width, height)]
        started = time.perf_counter()
        views = [View(ArrayPicture(crop(image, region))) for region in regions]
        answers = grounder.ground_views(views, GroundingRequest(phrase, max_looks=1))
        best = greedy(
            [
                replace(one, box=uncrop(one.box, region, width, height))
                for region, answer in zip(regions, answers, strict=True)
                for one in answer.detections
            ]
        )
        seconds = time.perf_counter() - started
        return Answer(best[0].box if best else None, len(regions), seconds)

    return ask


def grid(count: int, width: int, height: int) -> list[Region]:
    """Return tiles that overlap by a fifth, so many in a row and a column."""
    share = 1.0 / (count - (count - 1) * OVERLAP)
    starts = [number * share * (1 - OVERLAP) for number in range(count)]
    across, down = round(width * share), round(height * share)
    return [
        Region(
            min(round(x * width), width - across),
            min(round(y * height), height - down),
            across,
            down,
        )
        for y in starts
        for x in starts
    ]


def greedy(boxes: Sequence[ScoredBox]) -> list[ScoredBox]:
    """Return the boxes, best first, each grown around the worse ones that share much with it."""
    left = sorted(boxes, key=lambda box: -box.score)
    grown: list[ScoredBox] = []
    while left:
        best, *others = left
        same = [one for one in others if _is_same(best.box, one.box)]
        left = [one for one in others if one not in same]
        grown.append(replace(best, box=_around([best.box, *(one.box for one in same)])))
    return grown


def _is_same(one: Box, other: Box) -> bool:
    return shared_area(one, other) > SAME * min(one.area, other.area)


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


OURS: Mapping[str, Way] = {
    'one look': with_looks(1),
    'closer looks, 4 at most': with_looks(4),
    'closer looks, 8 at most': with_looks(8),
}
SLICES: Mapping[str, Way] = {
    'slices 2x2 and the whole': sliced(2),
    'slices 3x3 and the whole': sliced(3),
}
WAYS: Mapping[str, Way] = {**OURS, **SLICES}

_state: dict[str, Any] = {}


def _load(model: str, level: str, seeds: Sequence[int]) -> None:
    """Load the model in a worker, one thread each."""
    from kosmos_ros.backends.factory import make_backend  # noqa: PLC0415
    from kosmos_ros.backends.settings import ModelSettings  # noqa: PLC0415

    backend = make_backend(ModelSettings(model, threads=1))
    # Nothing is kept from one way to the next.
    grounder = Grounder(backend, GrounderSettings(max_cached_frames=0, max_cached_looks=0))
    _state.update(grounder=grounder, data=TabletopSet(seeds, (level,)).__enter__())


def _ask(item_id: str) -> tuple[str, list[dict[str, Any]]]:
    opened = _state['data'].item(item_id).open()
    width = opened.image.shape[1]
    rows = []
    for case in (question.case for question in opened.questions):
        if case.kind not in (Kind.UNIQUE, Kind.ABSENT):
            continue
        truth = case.things[0].box if case.things else None
        row: dict[str, Any] = {'image': width, 'width': truth and truth.width * width}
        for name, way in WAYS.items():
            answer = way(_state['grounder'], opened.image, case.request.query)
            overlap = iou(truth, answer.box) if truth and answer.box else 0.0
            row[name] = [answer.box is not None, overlap, answer.looks, answer.seconds]
        rows.append(row)
    return item_id, rows


def measured(
    model: str, level: str, seeds: range, kept: Path, workers: int
) -> list[dict[str, Any]]:
    """
    Return a row for each question, those in the file ``kept`` from there.

    :raises InvalidRequestError: if that file is about another model or level.
    """
    fingerprint = model_fingerprint(find_checkpoint(model))
    items = [item.id for item in TabletopSet(seeds, (level,))]
    with Journal(kept, {'model': fingerprint, 'level': level, 'ways': [*WAYS]}) as journal:
        missing = [item for item in items if item not in journal.done]
        if missing:
            spawn = multiprocessing.get_context('spawn')
            with spawn.Pool(workers, _load, (model, level, seeds)) as pool:
                found = pool.imap_unordered(_ask, missing)
                for item, rows in tqdm(found, total=len(missing), unit='scene', file=sys.stderr):
                    journal.append(item, {'rows': rows})
        done = dict(journal.results())
    return [row for item in items for row in done[item]['rows']]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the figures of each way as rows of a page."""
    images = sorted({row['image'] for row in rows})
    head = ['way', 'image', *(_range(*one) for one in RANGES), 'false boxes', 'looks', 'ms']
    lines = [f'| {" | ".join(head)} |', f'| {" | ".join("---" for _ in head)} |']
    for image in images:
        for way in WAYS:
            mine = [row for row in rows if row['image'] == image]
            lines.append(f'| {way} | {image} wide | {" | ".join(_cells(mine, way))} |')
    return '\n'.join(lines)


def _cells(rows: Sequence[Mapping[str, Any]], way: str) -> Iterator[str]:
    for low, high in RANGES:
        hits = [row[way][1] >= 0.5 for row in rows if row['width'] and low <= row['width'] < high]
        yield f'{np.mean(hits):.3f} of {len(hits)}' if hits else '-'
    absent = [row[way][0] for row in rows if not row['width']]
    yield f'{np.mean(absent):.3f} of {len(absent)}' if absent else '-'
    yield f'{_looks(rows, way, present=True)}, absent {_looks(rows, way, present=False)}'
    yield f'{1000 * np.median([row[way][3] for row in rows]):.0f}'


def _looks(rows: Sequence[Mapping[str, Any]], way: str, present: bool) -> str:
    taken = [row[way][2] for row in rows if bool(row['width']) == present]
    return f'{np.mean(taken):.2f}' if taken else '-'


def needed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return for each way to slice how many looks ours needs to find as many things."""
    head = ('slicing', 'image', 'found', 'looks', 'ours', 'found', 'looks', 'fewer looks')
    lines = [f'| {" | ".join(head)} |', f'| {" | ".join("---" for _ in head)} |']
    for image in sorted({row['image'] for row in rows}):
        mine = [row for row in rows if row['image'] == image]
        for name in SLICES:
            cells = ' | '.join(_as_good(mine, name))
            lines.append(f'| {name} | {image} wide | {cells} |')
    return '\n'.join(lines)


def _as_good(rows: Sequence[Mapping[str, Any]], sliced_way: str) -> Iterator[str]:
    """Yield what slicing finds and takes, and the way of ours that finds as much with least."""
    found, looks = _recall(rows, sliced_way), _mean_looks(rows, sliced_way)
    yield from (f'{found:.3f}', f'{looks:.2f}')
    as_good = [way for way in OURS if _recall(rows, way) >= found]
    if not as_good:
        yield from ('none finds as much', '-', '-', '-')
        return
    best = min(as_good, key=lambda way: _mean_looks(rows, way))
    ours = _mean_looks(rows, best)
    yield from (best, f'{_recall(rows, best):.3f}', f'{ours:.2f}', f'{1 - ours / looks:.0%}')


def _recall(rows: Sequence[Mapping[str, Any]], way: str) -> float:
    hits = [row[way][1] >= 0.5 for row in rows if row['width']]
    return float(np.mean(hits)) if hits else float('nan')


def _mean_looks(rows: Sequence[Mapping[str, Any]], way: str) -> float:
    return float(np.mean([row[way][2] for row in rows]))


def _range(low: int, high: int) -> str:
    return f'{low} px and more' if high == RANGES[-1][1] else f'{low} to {high} px'


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=(__doc__ or '').partition('\n\n')[0])
    parser.add_argument('--model', default='tabletop')
    parser.add_argument('--level', choices=list(LEVELS), default=FAR, metavar='LEVEL')
    parser.add_argument('--scenes', type=int, default=400)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--output', type=Path, default=Path('looks_output'))
    arguments = parser.parse_args()
    seeds = check_seeds(arguments.seed, arguments.scenes)
    kept = arguments.output / f'{arguments.level}.jsonl'
    rows = measured(arguments.model, arguments.level, seeds, kept, arguments.workers)
    machine = f'{platform.machine()}, one thread, {arguments.workers} processes'
    print(f'{arguments.scenes} scenes of level {arguments.level}, {machine}, {date.today()}\n')
    print(f'{table(rows)}\n\n{needed(rows)}')


if __name__ == '__main__':
    main()
