# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One process of the training."""

from __future__ import annotations

from dataclasses import dataclass, replace
import json
import logging
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
import signal
import time

import torch

from training.dataset import Pool, Sampler, training_batch
from training.forward import PackedForward
from training.losses import batch_loss
from training.muon import Optimizer, Rates, share
from training.pretraining.settings import Settings
from training.pretraining.state import Counters, freeze_vision, SharedState, Trained
from training.pretraining.validation import Sums, validate, validation_batches

HOLD = 0.1
LOWEST = 0.01
HELPERS_ONLY = 0.07
"""Up to here only the helper heads are learned: the vision tower first has to see."""

LARGE_BATCHES = 0.6
"""From here on batches are twice as large."""

WARM_UP_STEPS, TEXT_WARM_UP_STEPS = 40, 60


@dataclass(frozen=True)
class Moment:
    """
    A point of the training.

    ``progress`` runs from 0 to 1; ``step`` and ``text_step`` count the updates before it, of
    the vision tower and of the decoder. ``sees`` where the vision tower was trained before.
    """

    progress: float
    step: int
    text_step: int
    sees: bool = False

    @property
    def with_text(self) -> bool:
        """Tell whether the decoder learns too."""
        return self.sees or self.progress >= HELPERS_ONLY

    @property
    def rate_factor(self) -> float:
        """Return the learning rate as a fraction of its highest."""
        falling = 1 - (self.progress - HOLD) / (1 - HOLD)
        factor = min(1.0, max(LOWEST, falling)) * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        if self.with_text:
            factor *= min(1.0, (self.text_step + 1) / TEXT_WARM_UP_STEPS + 0.05)
        return factor

    def helper_weight(self, start: float) -> float:
        """Return the helper heads' weight, which falls to two fifths of its start."""
        return start * (1 - 0.6 * self.progress)

    def batch_size(self, start: int) -> int:
        """Return the images a process takes for one step."""
        return start if self.progress < LARGE_BATCHES else 2 * start


LOG_EVERY = 50
logger = logging.getLogger('training')


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
        if settings.vision_from:
            freeze_vision(modules)
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
        return Moment(
            progress,
            counters.step,
            counters.text_step,
            bool(settings.vision_from or settings.start_from),
        )

    def _step(self, moment: Moment) -> None:
        settings, state = self._settings, self._state
        size = moment.batch_size(settings.batch)
        batch = training_batch(self._rng, self._sampler, size, moment.with_text, settings.mix)
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
