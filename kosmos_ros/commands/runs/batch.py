# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ask about all pictures of a folder or a recording, and write what was found."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
import sys
from typing import Any

from tqdm import tqdm

from kosmos_ros.batch import COCO, FRAMES, UNREADABLE
from kosmos_ros.batch.answered import answered_in
from kosmos_ros.batch.overview import Overview
from kosmos_ros.batch.running import Batch
from kosmos_ros.batch.sources import BagSource, open_source
from kosmos_ros.batch.tables import write_coco, write_csv
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs.model import load_model, model_facts
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.files import naming, write_bytes
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.results.journal import Journal
from kosmos_ros.results.plot_style import as_png

JOURNAL, CSV, PICTURES, PLOT = 'answers.jsonl', 'detections.csv', 'pictures', 'summary.png'


def run(arguments: Namespace) -> int:
    """
    Ask, store and write what was found, also if interrupted; return the exit code.

    :raises KosmosError: if the input or the model is wrong.
    """
    output: Path = arguments.output
    requests = _requests(arguments)
    source = open_source(arguments.input, arguments.topic, arguments.every, output)
    if arguments.frames and not isinstance(source, BagSource):
        raise InvalidRequestError('--frames is for bags; pictures of a folder are files already')
    for line in source.notes.lines():
        print(line, file=sys.stderr)
    with Journal(output / JOURNAL, _settings(arguments)) as journal:
        grounder = Grounder(load_model(arguments))
        pictures = None if arguments.no_pictures else output / PICTURES
        frames = output / FRAMES if arguments.frames else None
        try:
            batch = Batch(grounder, requests, journal, pictures, arguments.rotation, frames)
            unreadable = _ask(batch, source, output)
        finally:
            # Whatever ended the run: the results so far are stored.
            found_any = _write(journal, arguments, isinstance(source, BagSource))
    if unreadable:
        return exit_codes.SOME_UNREADABLE
    return exit_codes.FOUND if found_any else exit_codes.NOT_FOUND


def _requests(arguments: Namespace) -> list[GroundingRequest]:
    """
    Return what is asked of each picture.

    :raises InvalidRequestError: if no picture could be asked that.
    """
    task = Task[arguments.task.upper()]
    queries = dict.fromkeys(arguments.query or [''])
    limits = {'min_score': arguments.min_score, 'max_looks': arguments.max_looks}
    requests = [GroundingRequest(query, task, **limits) for query in queries]
    for request in requests:
        resolve(request)
    return requests


def _settings(arguments: Namespace) -> dict[str, Any]:
    """Return what the answers depend on."""
    return {
        'input': str(arguments.input.resolve()),
        'topic': arguments.topic,
        'every': arguments.every,
        'queries': arguments.query,
        'task': arguments.task,
        'min_score': arguments.min_score,
        # Left out where there is none, so that older runs, which had none, can be resumed.
        **({'rotation': arguments.rotation} if arguments.rotation else {}),
        **({'max_looks': arguments.max_looks} if arguments.max_looks else {}),
        **model_facts(arguments),
    }


def _ask(batch: Any, source: Any, output: Path) -> int:
    """Ask about all pictures, and return how many cannot be read."""
    unreadable = 0
    path = output / UNREADABLE
    path.unlink(missing_ok=True)
    with tqdm(total=len(source), unit='picture', file=sys.stderr) as bar:

        def show(name: str, problem: str) -> None:
            nonlocal unreadable
            if problem:
                unreadable += 1
                bar.write(f'cannot read {name}: {problem}', file=sys.stderr)
                with (
                    naming(path),
                    path.open('a', encoding='utf-8', errors='backslashreplace') as stream,
                ):
                    stream.write(f'{name}\t{problem}\n')
            bar.update()

        batch.run(source, show)
    return unreadable


def _write(journal: Any, arguments: Namespace, from_bag: bool) -> bool:
    """Write the results, and return whether anything was found."""
    output: Path = arguments.output
    about = {'description': f'kosmos-ros batch {arguments.input}', 'model': arguments.model}
    write_coco(journal, output / COCO, about, output / FRAMES if from_bag else None)
    write_csv(journal, output / CSV)
    overview = Overview.of(answered for _, answered in answered_in(journal))
    write_bytes(output / PLOT, as_png(overview.plot()))
    print('\n'.join(overview.lines()))
    print(f'saved {output / COCO}, {output / CSV} and {output / PLOT}')
    if from_bag and not (output / FRAMES).is_dir():
        print(f'{COCO} names images of the bag, which are no files; --frames makes them')
    return overview.answered > 0
