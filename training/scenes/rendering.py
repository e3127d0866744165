# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Renders the pool in the background while the training already draws from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from pathlib import Path
import subprocess
import sys
import time

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
