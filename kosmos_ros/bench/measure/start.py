# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From a command to its answer: seconds of computing, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
import os
from pathlib import Path
import subprocess
import sys
import time
from types import MappingProxyType
from typing import NamedTuple

from kosmos_ros.backends.checkpoint.files import EMBEDDED_FOLDER
from kosmos_ros.bench.jobs import worker_environment
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.plan import PHRASES

TORCH, CLASSES, STOCK = 'torch', 'transformers', 'stock'
LOADED, ANSWERED = 'loaded', 'answered'
"""
How far a program gets: each does what the one before it does, and more.

STOCK loads model and processor as transformers does it; ``LOADED`` as this package does.
"""

_CLASSES = (
    'import torch\n'
    'from kosmos_ros.backends.without_compiler import without_compiler\n'
    'with without_compiler():\n'
    '    from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor\n'
)
_STOCK = (
    f'{_CLASSES}'
    f'    for kind in (Kosmos2ForConditionalGeneration, Kosmos2Processor):\n'
    f'        kind.from_pretrained({str(EMBEDDED_FOLDER)!r})\n'
)
_LOADED = (
    'from kosmos_ros.backends.factory import make_backend_of_process\n'
    'from kosmos_ros.backends.settings import ModelSettings\n'
    'make_backend_of_process(ModelSettings(), warm_up=False)\n'
)
_PROGRAMS: Mapping[str, str] = MappingProxyType(
    # They end as the command does, without taking apart what they imported.
    {
        name: f'{code}\nfrom kosmos_ros.ending import end_process\nend_process(0)'
        for name, code in (
            (TORCH, 'import torch'),
            (CLASSES, _CLASSES),
            (STOCK, _STOCK),
            (LOADED, _LOADED),
        )
    }
)


class Taken(NamedTuple):
    """Seconds of computing, on all cores together, and seconds until the end."""

    computing: float
    passed: float


def measure_start(picture: Path, rounds: int) -> dict[str, dict[str, list[float]]]:
    """
    Start programs in turn that get further and further.

    :param picture: what ``kosmos-ros ground`` is asked about; nothing is saved.
    :returns: for each its seconds, ``computing`` and ``passed``, round by round.
    :raises BenchError: if one of them fails.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, start in _starts(picture).items():
            taken = start()
            for key, value in taken._asdict().items():
                found.setdefault(name, {}).setdefault(key, []).append(value)
    return found


def _starts(picture: Path) -> dict[str, Callable[[], Taken]]:
    python = sys.executable
    ground = [python, '-m', 'kosmos_ros.cli', 'ground', str(picture), PHRASES[0], '--no-save']
    starts = {name: _start_of([python, '-c', code], (0,)) for name, code in _PROGRAMS.items()}
    # Whether it finds the thing does not matter here.
    return starts | {ANSWERED: _start_of(ground, (0, 1))}


def _start_of(command: list[str], codes: tuple[int, ...]) -> Callable[[], Taken]:
    return lambda: taken_by(command, codes)


def taken_by(command: list[str], codes: tuple[int, ...] = (0,)) -> Taken:
    """
    Run a program to its end.

    :param codes: that it may end with.
    :raises BenchError: if it ends with another one.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=worker_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    passed = time.perf_counter() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise BenchError(f'{" ".join(command[1:4])} ended with {code}')
    return Taken(usage.ru_utime + usage.ru_stime, passed)
