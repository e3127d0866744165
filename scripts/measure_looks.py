# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What closer looks gain, and what they take, against one look and against slicing.

    python -m scripts.measure_looks --scenes 400

Slicing is what SAHI does (Akyon et al. 2022, Slicing Aided Hyper Inference): tiles of a fixed grid
that overlap by a fifth, and the whole image; of boxes that share more than half of the smaller
one the best stays. Every way answers every question in the same run: where a thing is that only
one phrase fits, and where one is that is not there. What was measured is kept in ``--output``: a
run that was interrupted goes on.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
import json
import multiprocessing
from pathlib import Path
import sys
import time
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from kosmos_ros.core.geometry import iou, shared_area
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, GroundingRequest, Region, ScoredBox
from kosmos_ros.datasets.levels import FAR
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import check_seeds

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
        regions = [None, *grid(count, width, height)]
        started = time.perf_counter()
        found: list[ScoredBox] = []
        for region in regions:
            request = GroundingRequest(phrase, region=region, max_looks=1)
            found += grounder.ground(image, request).detections
        best = greedy(found)
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
    """Return the boxes, best first, without those that share too much with a better one."""
    kept: list[ScoredBox] = []
    for one in sorted(boxes, key=lambda box: -box.score):
        if not any(_is_same(one.box, other.box) for other in kept):
            kept.append(one)
    return kept


def _is_same(one: Box, other: Box) -> bool:
    return shared_area(one, other) > SAME * min(one.area, other.area)


WAYS: Mapping[str, Way] = {
    'one look': with_looks(1),
    'closer looks, 4 at most': with_looks(4),
    'closer looks, 8 at most': with_looks(8),
    'slices 2x2 and the whole': sliced(2),
    'slices 3x3 and the whole': sliced(3),
}

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
            row[name] = (answer.box is not None, overlap, answer.looks, answer.seconds)
        rows.append(row)
    return item_id, rows


def measured(
    model: str, level: str, seeds: range, kept: Path, workers: int
) -> list[dict[str, Any]]:
    """Return a row for each question, those in the file ``kept`` from there."""
    done = dict(map(json.loads, kept.read_text().splitlines())) if kept.is_file() else {}
    items = [item.id for item in TabletopSet(seeds, (level,))]
    missing = [item for item in items if item not in done]
    spawn = multiprocessing.get_context('spawn')
    with spawn.Pool(workers, _load, (model, level, seeds)) as pool:
        found = pool.imap_unordered(_ask, missing)
        for item, rows in tqdm(found, total=len(missing), unit='scene', file=sys.stderr):
            done[item] = rows
            with kept.open('a', encoding='utf-8') as file:
                file.write(json.dumps([item, rows]) + '\n')
    return [row for item in items for row in done[item]]


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
    present = [row[way][2] for row in rows if row['width']]
    yield f'{np.mean(present):.2f}' + (
        f', absent {np.mean([row[way][2] for row in rows if not row["width"]]):.2f}'
    )
    yield f'{1000 * np.median([row[way][3] for row in rows]):.0f}'


def _range(low: int, high: int) -> str:
    return f'{low} px and more' if high == RANGES[-1][1] else f'{low} to {high} px'


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=(__doc__ or '').partition('\n\n')[0])
    parser.add_argument('--model', default='tabletop')
    parser.add_argument('--level', default=FAR)
    parser.add_argument('--scenes', type=int, default=400)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--output', type=Path, default=Path('looks_output'))
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    seeds = check_seeds(arguments.seed, arguments.scenes)
    kept = arguments.output / f'{arguments.level}.jsonl'
    rows = measured(arguments.model, arguments.level, seeds, kept, arguments.workers)
    print(f'{arguments.scenes} scenes of level {arguments.level}, {date.today().isoformat()}')
    print(table(rows))


if __name__ == '__main__':
    main()
