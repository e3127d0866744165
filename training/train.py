# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Trains the embedded model: ``python -m training.train``, or ``make train``.

Scenes are rendered into a pool in the background, and training begins with the first ones. Two
processes of one thread each share the weights and gradients in memory (two threads in one process
are slower). The output folder receives ``train.log``, ``curve.jsonl`` (validation scores over
time) and ``checkpoint.pt``, from which ``--resume`` goes on and ``python -m training.export``
makes the model folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
import json
import logging
import multiprocessing
import multiprocessing.connection
from multiprocessing.synchronize import Barrier
import os
from pathlib import Path
from random import Random
import signal
import sys
import time

import torch

from training.dataset import Pool, Sampler, training_batch
from training.forward import PackedForward
from training.losses import batch_loss
from training.model import VISION_LAYERS, WIDTH
from training.muon import Optimizer, Rates, share
from training.rendering import rendered
from training.schedule import Moment
from training.state import Counters, SharedState, Trained
from training.validation import Sums, validate, validation_batches

LOG_EVERY = 50
logger = logging.getLogger('training')


@dataclass(frozen=True)
class Settings:
    """What the command line says."""

    pool: Path
    out: Path
    scenes: int
    minutes: float
    images: int
    batch: int = 8
    world: int = 2
    validate_minutes: float = 4.0
    helper_weight: float = 3.0
    muon_rate: float = 0.016
    adam_rate: float = 1.2e-3
    width: int = WIDTH
    vision_layers: int = VISION_LAYERS
    seed: int = 0
    resume: bool = False

    def plain(self) -> dict[str, object]:
        """Return the settings as JSON can hold them."""
        return {name: str(v) if isinstance(v, Path) else v for name, v in asdict(self).items()}


class Worker:
    """One process of the training; rank 0 also logs, validates and saves."""

    def __init__(
        self,
        rank: int,
        settings: Settings,
        state: SharedState,
        barrier: Barrier,
        counters: Counters,
    ) -> None:
        self._rank, self._settings, self._state, self._barrier = rank, settings, state, barrier
        self._counters, self._started = counters, time.monotonic()
        modules = Trained(settings.width, settings.vision_layers)
        slots = state.adopt(modules, rank)
        self._heads = modules.helpers
        self._forward = PackedForward(modules.model)
        rates = Rates(settings.muon_rate, settings.adam_rate)
        self._optimizer = Optimizer(share(slots, rank, settings.world), rates)
        pool = Pool(settings.pool)
        self._rng = Random(f'{settings.seed} {rank} {counters.step}')
        self._sampler = Sampler(pool, self._rng, rank, settings.world)
        self._validation = validation_batches(pool, rank, settings.world)
        self._averages: dict[str, float] = {}

    def run(self) -> None:
        """Train until the time or the images are used up."""
        interval = 60 * self._settings.validate_minutes
        due = self._counters.seconds + interval
        while (moment := self._agree()).progress < 1:
            self._step(moment)
            if self._state.clock.item() >= due:
                due = self._state.clock.item() + interval
                self._validate_and_save()
        self._validate_and_save()
        if self._rank == 0:
            hours = self._state.clock.item() / 3600
            logger.info('trained %d images in %.2f hours', self._counters.images, hours)

    def _agree(self) -> Moment:
        """Let rank 0 read the clock, so that all processes see the same moment."""
        counters, settings = self._counters, self._settings
        if self._rank == 0:
            self._state.clock[0] = counters.seconds + time.monotonic() - self._started
        self._barrier.wait()
        elapsed = self._state.clock.item() / (60 * settings.minutes)
        progress = max(elapsed, counters.images / settings.images)
        return Moment(progress, counters.step, counters.text_step)

    def _step(self, moment: Moment) -> None:
        settings, state = self._settings, self._state
        size = moment.batch_size(settings.batch)
        batch = training_batch(self._rng, self._sampler, size, moment.with_text)
        self._forward.refresh()
        weight = moment.helper_weight(settings.helper_weight)
        loss, parts = batch_loss(self._forward, self._heads, batch, weight, moment.with_text)
        loss.backward()
        self._barrier.wait()
        text_count = moment.text_step + 1 if moment.with_text else 0
        self._optimizer.step(moment.rate_factor, moment.step + 1, text_count)
        self._barrier.wait()
        state.gradients[self._rank].zero_()
        self._counters = replace(
            self._counters,
            step=moment.step + 1,
            text_step=moment.text_step + int(moment.with_text),
            images=self._counters.images + size * settings.world,
        )
        self._log(moment, parts)

    def _log(self, moment: Moment, parts: dict[str, float]) -> None:
        for name, value in parts.items():
            self._averages[name] = 0.95 * self._averages.get(name, value) + 0.05 * value
        if self._rank == 0 and self._counters.step % LOG_EVERY == 0:
            seconds = self._state.clock.item()
            means = ' '.join(f'{name} {value:.3f}' for name, value in self._averages.items())
            logger.info(
                '%5.1f min, %4.1f %%, step %d, %d images of a pool of %d, rate %.3f, %s',
                seconds / 60,
                100 * moment.progress,
                self._counters.step,
                self._counters.images,
                self._sampler.known * self._settings.world,
                moment.rate_factor,
                means,
            )

    def _validate_and_save(self) -> None:
        self._forward.refresh()
        self._state.scores[self._rank] = validate(self._forward, self._validation)
        self._barrier.wait()
        if self._rank == 0:
            seconds = self._state.clock.item()
            counters = replace(self._counters, seconds=seconds)
            scores = Sums(*self._state.scores.sum(0).tolist()).scores()
            record = {'minutes': seconds / 60, 'step': counters.step, 'images': counters.images}
            record |= scores
            line = json.dumps({name: round(value, 4) for name, value in record.items()})
            logger.info('validation %s', line)
            with (self._settings.out / 'curve.jsonl').open('a') as curve:
                curve.write(line + '\n')
            self._state.save(self._settings.out, counters, self._settings.plain())
        self._barrier.wait()


def start_logging(out: Path) -> None:
    """Log to the terminal and to ``train.log``."""
    handlers: list[logging.Handler] = [
        logging.StreamHandler(),
        logging.FileHandler(out / 'train.log'),
    ]
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(message)s', handlers=handlers)


def work(
    rank: int, settings: Settings, state: SharedState, barrier: Barrier, counters: Counters
) -> None:
    """Run one process."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its children
    if rank == 0:
        start_logging(settings.out)
    Worker(rank, settings, state, barrier, counters).run()


def train(settings: Settings) -> None:
    """
    Train, or go on with a training.

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


def parse_arguments(argv: Sequence[str] | None = None) -> Settings:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m training.train', description='Train the embedded model.'
    )
    parser.add_argument('--out', type=Path, default=Path('training_output'))
    parser.add_argument('--pool', type=Path, default=Path('training_output/pool'))
    parser.add_argument(
        '--scenes', type=int, default=40_000, help='size of the pool; 0 takes it as it is'
    )
    parser.add_argument('--minutes', type=float, default=150.0, help='wall clock at most')
    parser.add_argument('--images', type=int, default=300_000, help='images at most')
    parser.add_argument('--batch', type=int, default=8, help='images of a process and step')
    parser.add_argument('--world', type=int, default=2, help='processes')
    parser.add_argument('--validate-minutes', type=float, default=4.0)
    parser.add_argument('--helper-weight', type=float, default=3.0)
    parser.add_argument('--muon-rate', type=float, default=0.016)
    parser.add_argument('--adam-rate', type=float, default=1.2e-3)
    parser.add_argument('--width', type=int, default=WIDTH)
    parser.add_argument('--vision-layers', type=int, default=VISION_LAYERS)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--resume', action='store_true', help='go on from the checkpoint in OUT')
    return Settings(**vars(parser.parse_args(argv)))


if __name__ == '__main__':
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that children are ended too
    try:
        train(parse_arguments())
    except KeyboardInterrupt:
        print('interrupted; --resume goes on from the last checkpoint', file=sys.stderr)
        sys.exit(130)
