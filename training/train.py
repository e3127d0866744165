# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Trains the embedded model: ``python -m training.train``, or ``make train``.

Scenes are rendered into a pool in the background, and training begins with the first ones. Two
processes of one thread each share the weights and gradients in memory (two threads in one process
are slower). The output folder receives ``train.log``, ``curve.jsonl`` (validation scores over
time) and ``checkpoint.pt``, which ``--resume`` continues and ``python -m training.export`` turns
into the model folder.
"""

from __future__ import annotations

from collections.abc import Sequence
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys

from training.pretraining.settings import parse_arguments, Settings
from training.pretraining.state import Counters, SharedState, Trained
from training.pretraining.worker import work
from training.scenes.rendering import rendered


def train(settings: Settings) -> None:
    """
    Train, or resume a training.

    :raises FileNotFoundError: if the pool is empty, or there is no checkpoint to resume.
    :raises ChildProcessError: if a process failed.
    """
    settings.out.mkdir(parents=True, exist_ok=True)
    with rendered(settings.pool, settings.scenes):
        run_processes(settings)


def run_processes(settings: Settings) -> None:
    """Run the workers to their end."""
    state = SharedState(Trained(settings.width, settings.vision_layers), settings.world)
    counters = state.restore(settings.out) if settings.resume else Counters()
    context = multiprocessing.get_context('spawn')
    barrier = context.Barrier(settings.world)
    processes = [
        context.Process(target=work, args=(rank, settings, state, barrier, counters), daemon=True)
        for rank in range(settings.world)
    ]
    for process in processes:
        process.start()
    wait_for(processes)


def wait_for(processes: Sequence[multiprocessing.process.BaseProcess]) -> None:
    """
    Wait until all processes end; if one fails or the wait is interrupted, end the others.

    :raises ChildProcessError: if one failed.
    """
    running = list(processes)
    try:
        while running:
            multiprocessing.connection.wait([process.sentinel for process in running])
            failed = [process for process in running if process.exitcode not in (None, 0)]
            if failed:
                raise ChildProcessError(f'a training process ended with {failed[0].exitcode}')
            running = [process for process in running if process.exitcode is None]
    finally:
        for process in running:
            process.terminate()


if __name__ == '__main__':
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that children are ended too
    try:
        train(parse_arguments())
    except KeyboardInterrupt:
        print('interrupted; --resume goes on from the last checkpoint', file=sys.stderr)
        sys.exit(130)
