# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Jobs of one run: done, or left out with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kosmos_ros.bench.jobs import run_job, WorkerJob
from kosmos_ros.bench.machine import available_memory, BenchError
from kosmos_ros.bench.run.resident import Resident

WEIGHT_BYTES = {'float32': 4.0, 'bfloat16': 2.0}

_MEMORY_FACTOR = 1.3
"""Activations, and what loading takes besides the weights."""

_SPARE_MEMORY = 1 << 30

Say = Callable[[str], None]


def memory_for(weights: float) -> float:
    """Return the bytes of memory that a model with so many bytes of weights takes."""
    return weights * _MEMORY_FACTOR + _SPARE_MEMORY


class Attempts:
    """
    Starts the jobs of a run.

    :param folder: for files of the run.
    :param picture: that every model is asked about.
    :param say: called with messages.
    """

    def __init__(self, folder: Path, picture: Path, quick: bool, say: Say) -> None:
        self.folder = folder
        self.quick = quick
        self._picture = str(picture)
        self._say = say

    def attempt(
        self, what: str, weights: float, work: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Measure, or return why not: so many bytes of weights may not fit into memory."""
        self._say(f'{what} ...')
        needed, free = memory_for(weights), available_memory()
        reason = f'it takes about {needed / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free'
        if needed <= free:
            try:
                return work()
            except BenchError as error:
                reason = str(error)
        self._say(f'left out: {reason}')
        return {'left_out': reason}

    def work(
        self,
        kind: str,
        name: str,
        model: str,
        large: bool = False,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """
        Do a job in a process of its own, and return its result.

        :raises BenchError: with the reason, if it has none.
        """
        job = self._job(kind, model, large, options)
        return run_job(job, safe_name(name), lambda words: self._say(f'  {words}'))

    def resident(
        self, kind: str, name: str, model: str, large: bool, options: Mapping[str, Any]
    ) -> Resident:
        """Return a process that keeps a model; started when it is first asked."""
        return Resident(self._job(kind, model, large, options), safe_name(name))

    def _job(self, kind: str, model: str, large: bool, options: Mapping[str, Any]) -> WorkerJob:
        return WorkerJob(
            kind=kind,
            folder=str(self.folder),
            model=model,
            quick=self.quick,
            large=large,
            options={'picture': self._picture, **options},
        )


def safe_name(name: str) -> str:
    """Return a name for files."""
    return ''.join(letter if letter.isalnum() else '_' for letter in name)
