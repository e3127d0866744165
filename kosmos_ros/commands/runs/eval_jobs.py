# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Several processes that answer the questions of an evaluation side by side.

A small model gains little from a second core, so two processes of one thread each are nearly twice
as fast. Each has a model and a renderer of its own. Answers are the same in all, but for rounding.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
import multiprocessing
from multiprocessing.util import Finalize
import os
import signal
import threading
from typing import Any

from kosmos_ros.core.errors import ModelError
from kosmos_ros.ending import end_process, SIGNALS
from kosmos_ros.evaluation.runner import records
from kosmos_ros.evaluation.scoring.records import record_to_data

Answered = Sequence[tuple[str, dict[str, Any]]]
"""Keys and data of the records of an item."""

Skip = Callable[[str, str], None]
"""Called with the id of an unusable item, and the reason."""


@dataclass(frozen=True)
class Work:
    """
    What each process needs; all of it is pickled, functions by their names.

    ``make_asker`` returns functions that ask and that study answers; ``kinds`` are the kinds of
    questions to ask, ``done`` the keys of those answered already.
    """

    arguments: Namespace
    open_data_set: Callable[[Namespace], Any]
    make_asker: Callable[[Namespace], tuple[Any, Any]]
    kinds: Collection[Any]
    done: frozenset[str] = frozenset()


_given: list[Work] = []
"""The work of this process."""


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        end_process(1)


def _start(work: Work) -> None:
    """Take the work; this process ends with its parent, and by no signal meant for that."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _given.append(work)


@cache
def _opened() -> tuple[Any, Any, Any]:
    """Return this process's own data set, model and study, opened by its first item."""
    (work,) = _given
    data_set = work.open_data_set(work.arguments).__enter__()
    # A pool's process ends without running exit handlers.
    Finalize(None, data_set.close, exitpriority=1)
    return (data_set, *work.make_asker(work.arguments))


def _answer(item_id: str) -> tuple[Answered, dict[str, str]]:
    """Answer the questions of one item, or return its id and why it is unusable."""
    (work,), (data_set, asker, study) = _given, _opened()
    skipped: dict[str, str] = {}
    items = [data_set.item(item_id)]
    answered = records(asker, items, work.done, work.kinds, study, skipped.__setitem__)
    return [(record.key, record_to_data(record)) for record in answered], skipped


def answers(
    work: Work, item_ids: Sequence[str], jobs: int, skip: Skip = lambda _, __: None
) -> Iterator[Answered]:
    """
    Answer the questions of items in several processes.

    :param jobs: how many; they share the cores, unless ``threads`` says otherwise.
    :param skip: called with unusable items, which have no answers.
    :returns: an item's answers in the order of the items.
    :raises KosmosError: if the model fails, or a process is ended from outside.
    """
    spawn = multiprocessing.get_context('spawn')
    threads = work.arguments.threads or max(1, len(os.sched_getaffinity(0)) // jobs)
    shared = replace(work, arguments=Namespace(**{**vars(work.arguments), 'threads': threads}))
    pool = ProcessPoolExecutor(jobs, spawn, _start, (shared,))
    try:
        futures = [pool.submit(_answer, item_id) for item_id in item_ids]
        for future in futures:
            answered, skipped = future.result()
            for item_id, why in skipped.items():
                skip(item_id, why)
            yield answered
    except BrokenProcessPool as error:
        raise ModelError(
            'a process that answered questions was ended from outside; is there enough memory '
            f'for {jobs} models?'
        ) from error
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
        raise
    pool.shutdown()
