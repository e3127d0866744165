# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Measure a model on simulated scenes and data sets, and report."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
import sys
from typing import Any

from tqdm import tqdm

from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval_data import (
    BOXES,
    data_settings,
    FLICKR30K,
    OUTPUT,
    PAPER,
    REFCOCO,
    SCENES,
    TABLETOP,
)
from kosmos_ros.commands.runs.eval_jobs import answers, Skip, Work
from kosmos_ros.commands.runs.model import load_model, model_facts
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.files import safe_path
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.datasets.coco import coco
from kosmos_ros.datasets.flickr30k import flickr30k
from kosmos_ros.datasets.levels import chosen_levels, STANDARD
from kosmos_ros.datasets.photos import PhotoSet
from kosmos_ros.datasets.refcoco import refcoco
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.protocols import OwnProtocol, PaperProtocol
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.report.figures import About, table
from kosmos_ros.evaluation.report.files import save_report
from kosmos_ros.evaluation.runner import check_seeds, complete_items, nothing, records
from kosmos_ros.evaluation.scoring.records import record_from_data, record_to_data
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.evaluation.summary import Studies, Summary
from kosmos_ros.results.journal import Journal

RECORDS = 'records.jsonl'


def run(arguments: Namespace) -> int:
    """
    Measure, print and save, also if interrupted; return the exit code.

    :raises KosmosError: if the input, the model or the renderer is wrong.
    """
    data_set = open_data_set(arguments)
    folder = arguments.output or OUTPUT / safe_path(_name(data_set, arguments))
    for warning in data_set.warnings:
        print(warning, file=sys.stderr)
    skipped: dict[str, str] = {}
    with data_set, Journal(folder / RECORDS, _settings(arguments)) as journal:
        try:
            _ask(data_set, journal, arguments, skipped)
        finally:
            # Whatever ended the run: what was answered so far is reported.
            _report(data_set, journal, arguments, folder, skipped)
        if skipped and not journal.done:
            why = next(iter(skipped.values()))
            raise InvalidDataError(f'none of {len(skipped)} images can be used; the first: {why}')
    return exit_codes.SOME_UNREADABLE if skipped else exit_codes.FOUND


def open_data_set(arguments: Namespace) -> Any:
    """
    Open the ``DataSet``; its annotations are read, its images not yet.

    :raises InvalidRequestError: if there is no such data.
    """
    if arguments.data == TABLETOP:
        levels = chosen_levels(STANDARD if arguments.level is None else arguments.level)
        scenes = SCENES if arguments.scenes is None else arguments.scenes
        return TabletopSet(check_seeds(arguments.seed or 0, scenes), levels)
    return open_photos(arguments)


def open_photos(arguments: Namespace, *, absent: bool = False) -> PhotoSet:
    """
    Open a data set of photographs.

    :param absent: whether as many phrases for what is not there are asked for as for what is.
    :raises InvalidRequestError: if there is no such data.
    """
    folder = arguments.folder.expanduser()
    images = arguments.images.expanduser() if arguments.images else None
    if arguments.data in REFCOCO:
        split, split_by = arguments.split or 'val', arguments.split_by or ''
        return refcoco(arguments.data, folder, split, split_by, images, absent=absent)
    if arguments.data == FLICKR30K:
        return flickr30k(folder, arguments.split or 'test', images, absent=absent)
    return coco(folder, arguments.split or '', images, absent=None if absent else 1)


def _name(data_set: Any, arguments: Namespace) -> str:
    return f'{data_set.name}-{PAPER}' if arguments.protocol == PAPER else str(data_set.name)


def _count(data_set: Any, arguments: Namespace) -> int:
    return len(data_set) if arguments.limit is None else min(len(data_set), arguments.limit)


def _settings(arguments: Namespace, with_extent: bool = False) -> dict[str, Any]:
    """Return what the answers depend on, and if asked for also how many there will be."""
    return {
        **data_settings(arguments, with_extent),
        'protocol': arguments.protocol,
        'relations': arguments.relations,
        'max_looks': arguments.max_looks,
        **model_facts(arguments),
    }


def _ask(data_set: Any, journal: Any, arguments: Namespace, skipped: dict[str, str]) -> None:
    """Ask what has not been asked yet; ``skipped`` gets ids of unusable images, and reasons."""
    items = list(islice(data_set, arguments.limit))
    done = complete_items(journal.done)
    left = [item for item in items if item.id not in done]
    if not left:
        return
    complete = len(items) - len(left)
    with tqdm(total=len(items), initial=complete, unit='image', file=sys.stderr) as bar:

        def skip(item_id: str, why: str) -> None:
            skipped[item_id] = why
            bar.write(f'skipped {item_id}: {why}', file=sys.stderr)

        for answered in _answers(left, frozenset(journal.done), arguments, skip):
            for key, data in answered:
                journal.append(key, data)
            bar.update()


def _answers(
    items: Sequence[Any], done: frozenset[str], arguments: Namespace, skip: Skip
) -> Iterator[Iterable[tuple[str, dict[str, Any]]]]:
    """Yield the answers to each item, side by side or as items are read."""
    if arguments.jobs > 1:
        work = Work(arguments, open_data_set, make_asker, tuple(Kind), done)
        yield from answers(work, [item.id for item in items], arguments.jobs, skip)
        return
    asker, study = make_asker(arguments)
    for item in items:
        answered = records(asker, [item], done, study=study, on_unusable=skip)
        yield ((record.key, record_to_data(record)) for record in answered)


def make_asker(arguments: Namespace, studied: bool = True) -> tuple[Any, Any]:
    """
    Load the model.

    :param studied: whether corners and positions are studied, which takes time.
    :returns: functions that ask the model, and that study its answers.
    """
    recorder = Recorder(load_model(arguments))
    if arguments.protocol == PAPER:
        asker: Any = PaperProtocol(recorder)
    else:
        settings = GrounderSettings(
            relations_by_boxes=arguments.relations == BOXES,
            max_looks=arguments.max_looks or GrounderSettings.max_looks,
        )
        asker = OwnProtocol(Grounder(recorder, settings))
    return asker, Studies(recorder) if studied else nothing


def _report(
    data_set: Any, journal: Any, arguments: Namespace, folder: Path, skipped: dict[str, str]
) -> None:
    """Print and save the figures, unless nothing was answered."""
    if not journal.done:
        return
    asked = {item.id for item in islice(data_set, arguments.limit)}
    answered = journal.read(record_from_data)
    summary = Summary(record for record in answered if record.image in asked)
    about = About(
        arguments.model,
        _name(data_set, arguments),
        _count(data_set, arguments),
        _settings(arguments, with_extent=True) | {'groups': dict(data_set.group_texts)},
        data_set.warnings,
        skipped,
    )
    print(table(summary, about))
    figures, page = save_report(
        summary, about, folder, lambda item_id: data_set.item(item_id).open().image
    )
    print(f'saved {figures} and {page}')
