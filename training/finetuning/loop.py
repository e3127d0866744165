# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The steps of a fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
import json
import logging
import math
import signal
import time
from types import FrameType

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.files import naming
from training.finetuning.adapters import trained
from training.finetuning.batches import Batches
from training.finetuning.objective import answer_loss, Loss
from training.finetuning.rows import Rows
from training.finetuning.settings import Settings, SOFT
from training.finetuning.state import restore_state, save_state

_WARM_UP = 0.05
_LOWEST = 0.02
_CLIP = 1.0
_LOG_EVERY = 10
_SAVE_SECONDS = 300.0
_TIMED_STEPS = 3
"""Steps after which the total time is logged; the first one is slower."""

logger = logging.getLogger('training')

Batch = tuple[torch.Tensor, Rows]


def rate_factor(step: int, steps: int) -> float:
    """Return the learning rate as a fraction of its highest: up, then down along a cosine."""
    warm_up = max(1, round(_WARM_UP * steps))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return _LOWEST + (1 - _LOWEST) * (1 + math.cos(math.pi * progress)) / 2


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """
    Let Ctrl-C and SIGTERM end a loop between two steps; a second one ends it at once.

    :returns: a function that returns whether one came.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if came:
            raise KeyboardInterrupt
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Loop:
    """
    Trains a model that ``adapters.prepare`` has prepared.

    :param first_cell: id of the first location token.
    :param validation: batches whose loss is logged after each epoch, never learned.
    """

    def __init__(
        self,
        model: Kosmos2ForConditionalGeneration,
        batches: Batches,
        first_cell: int,
        validation: Sequence[Batch],
        settings: Settings,
    ) -> None:
        self._model, self._batches, self._settings = model, batches, settings
        self._first_cell, self._validation = first_cell, validation
        self._device = next(model.parameters()).device
        values = [value for _, value in trained(model)]
        self._optimizer = torch.optim.AdamW(
            values, lr=settings.highest_rate, weight_decay=settings.weight_decay
        )
        self._values = values
        self._step = restore_state(model, self._optimizer, settings) if settings.resume else 0
        self._first_step = self._step
        self._started = self._saved = time.monotonic()

    @property
    def step(self) -> int:
        """Number of steps that are done."""
        return self._step

    def run(self) -> bool:
        """
        Train to the end, or until Ctrl-C; either way the state is saved.

        :returns: whether it came to the end.
        :raises ModelError: if the loss is not finite.
        """
        self._started = time.monotonic()
        with stop_requests() as stopped:
            while self._step < self._batches.steps and not stopped():
                self._train(self._step)
                self._step += 1
                self._after_step()
        self._save()
        return self._step == self._batches.steps

    def _train(self, step: int) -> None:
        # Dropout, too, depends on the step alone.
        torch.manual_seed(self._settings.seed * 1_000_003 + step)
        self._model.train()
        factor = rate_factor(step, self._batches.steps)
        for group in self._optimizer.param_groups:
            group['lr'] = self._settings.highest_rate * factor
        self._optimizer.zero_grad(set_to_none=True)
        passes = self._batches.of_step(step)
        losses = []
        for batch in passes:
            loss = self._loss(batch)
            (loss.total / len(passes)).backward()
            losses.append(loss)
        if not losses:
            return
        total = sum(float(loss.total.detach()) for loss in losses) / len(losses)
        if not math.isfinite(total):
            raise ModelError(
                f'the loss of step {step} is {total}: the weights are no longer usable; start '
                f'again with a lower --rate than {self._settings.highest_rate:g}'
            )
        torch.nn.utils.clip_grad_norm_(self._values, _CLIP)
        self._optimizer.step()
        if step % _LOG_EVERY == 0 or step + 1 == self._batches.steps:
            self._tell(step, total, losses[-1], factor)

    def _loss(self, batch: Batch) -> Loss:
        pixels, rows = batch
        settings = self._settings
        # If all weights are trained they stay float32; only computation is in a shorter format.
        shorter = settings.full and self._device.type == 'cuda' and settings.dtype != 'float32'
        with torch.autocast(self._device.type, torch.bfloat16, enabled=shorter):
            return answer_loss(
                self._model,
                pixels.to(self._device, self._model.dtype),
                rows.to(self._device),
                self._first_cell,
                settings.location_targets == SOFT,
            )

    def _after_step(self) -> None:
        done = self._step - self._first_step
        if done == _TIMED_STEPS:
            each = (time.monotonic() - self._started) / done
            left = each * (self._batches.steps - self._step)
            logger.info('%.1f s a step: about %.0f min to go', each, left / 60)
        if self._step % self._batches.steps_per_epoch == 0:
            self._validate()
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            self._save()

    def _validate(self) -> None:
        if not self._validation:
            return
        self._model.eval()
        with torch.inference_mode():
            losses = [self._loss(batch) for batch in self._validation]
        held_out = sum(float(loss.total) for loss in losses) / len(losses)
        epoch = self._step // self._batches.steps_per_epoch
        logger.info('epoch %d: loss on images not learned %.4f', epoch, held_out)
        self._write({'step': self._step, 'epoch': epoch, 'held_out_loss': round(held_out, 5)})

    def _tell(self, step: int, total: float, last: Loss, factor: float) -> None:
        seconds = time.monotonic() - self._started
        each = seconds / (step + 1 - self._first_step)
        logger.info(
            'step %d of %d: loss %.4f (words %.3f, cells %.3f), rate %.2e, %.0f min to go',
            step + 1,
            self._batches.steps,
            total,
            last.words,
            last.cells,
            self._settings.highest_rate * factor,
            each * (self._batches.steps - step - 1) / 60,
        )
        self._write({'step': step + 1, 'loss': round(total, 5), 'seconds': round(seconds, 1)})

    def _write(self, record: dict[str, float]) -> None:
        path = self._settings.run_folder / 'curve.jsonl'
        with naming(path), path.open('a', encoding='utf-8') as curve:
            curve.write(json.dumps(record) + '\n')

    def _save(self) -> None:
        save_state(self._model, self._optimizer, self._step, self._settings)
        self._saved = time.monotonic()
