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

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import logging
import multiprocessing
import multiprocessing.connection
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from training.pretraining.settings import parse_arguments, Settings
from training.pretraining.state import Counters, SharedState, take_weights, Trained
from training.pretraining.worker import work

ENOUGH_SHARDS = 3
"""A training may begin with so many; others are taken in as they come."""

POLL_SECONDS = 1.0
logger = logging.getLogger('training')


def shards(pool: Path) -> int:
    """Return how many shards can be read."""
    return sum(1 for _ in pool.glob('scenes_*.json'))


@contextmanager
def rendered(pool: Path, scenes: int, workers: int = 2) -> Iterator[None]:
    """
    Render what is missing of a pool as long as the context lasts.

    The context is entered as soon as there is enough to begin with; what is unfinished at its end
    is rendered the next time.

    :param scenes: size of the whole pool; 0 takes the pool as it is.
    :raises ChildProcessError: if rendering fails before there is enough.
    """
    if scenes == 0:
        yield
        return
    options = ('--out', str(pool), '--scenes', str(scenes), '--workers', str(workers))
    # In a session of its own, so that Ctrl-C reaches only the training, which ends it below.
    command = [sys.executable, '-m', 'training.scenes.render_pool', *options]
    renderer = subprocess.Popen(command, start_new_session=True)
    try:
        _wait_for_shards(pool, renderer)
        yield
    finally:
        renderer.terminate()
        renderer.wait()


def _wait_for_shards(pool: Path, renderer: subprocess.Popen[bytes]) -> None:
    if shards(pool) < ENOUGH_SHARDS:
        logger.info('rendering the first scenes into %s', pool)
    while shards(pool) < ENOUGH_SHARDS and renderer.poll() is None:
        time.sleep(POLL_SECONDS)
    if renderer.poll():
        raise ChildProcessError(f'rendering the pool ended with {renderer.returncode}')


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
    modules = Trained(settings.width, settings.vision_layers)
    if settings.start_from:
        take_weights(modules, Path(settings.start_from))
    if settings.vision_from:
        take_weights(modules, Path(settings.vision_from), vision_only=True)
    state = SharedState(modules, settings.world)
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
            ended = multiprocessing.connection.wait([process.sentinel for process in running])
            for process in [one for one in running if one.sentinel in ended]:
                process.join()  # its sentinel ends a little before it does
                running.remove(process)
                if process.exitcode:
                    raise ChildProcessError(f'a training process ended with {process.exitcode}')
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
