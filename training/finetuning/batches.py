# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The batches of each step.

Everything follows from the seed and the number of the step, so that a resumed run learns the same
as one that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Union

import torch
from transformers import Kosmos2Processor

from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.evaluation.questions.items import Sample, TraitedCase
from training.augment import toned
from training.finetuning.lessons import lessons, mirrored
from training.finetuning.replay import SimulatedScene
from training.finetuning.rows import RowMaker, Rows
from training.finetuning.settings import Settings
from training.texts.examples import Example
from training.texts.language import examples

Photo = tuple[Sample, tuple[TraitedCase, ...]]
Source = Union[Photo, SimulatedScene]
"""Where an image and its examples come from."""

_CAPTION_CHANCE = 0.3


class Batches:
    """
    Draws batches: every image once in an epoch, in another order in each.

    :param processor: the stock processor of the checkpoint; makes the pixels.
    :raises ValueError: if there are no sources.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        processor: Kosmos2Processor,
        maker: RowMaker,
        settings: Settings,
    ) -> None:
        if not sources:
            raise ValueError('expected at least one image to learn, got none')
        self._sources, self._settings = sources, settings
        self._image_processor, self._maker = processor.image_processor, maker

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which every image is learned once."""
        return -(-len(self._sources) // (self._settings.batch * self._settings.accumulate))

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return self._settings.epochs * self.steps_per_epoch

    def of_step(self, step: int) -> list[tuple[torch.Tensor, Rows]]:
        """
        Return pixels and rows of each pass of a step.

        :raises InvalidDataError: naming the image that can no longer be read.
        """
        settings = self._settings
        epoch, place = divmod(step, self.steps_per_epoch)
        order = Random(f'{settings.seed} order {epoch}').sample(
            range(len(self._sources)), len(self._sources)
        )
        size = settings.batch * settings.accumulate
        chosen = order[place * size : (place + 1) * size]
        rng = Random(f'{settings.seed} step {step}')
        passes = range(0, len(chosen), settings.batch)
        drawn = (
            self._batch(rng, [self._sources[n] for n in chosen[start : start + settings.batch]])
            for start in passes
        )
        return [batch for batch in drawn if batch is not None]

    def unchanged(self, photos: Sequence[Photo]) -> list[tuple[torch.Tensor, Rows]]:
        """Return unchanged batches of photographs, always the same, to validate on."""
        made = []
        for start in range(0, len(photos), self._settings.batch):
            rng = Random(start)
            few = photos[start : start + self._settings.batch]
            shown = [
                (sample.open().image, self._lessons(rng, questions)) for sample, questions in few
            ]
            batch = self._collated(shown)
            if batch is not None:
                made.append(batch)
        return made

    def _batch(self, rng: Random, sources: Sequence[Source]) -> tuple[torch.Tensor, Rows] | None:
        return self._collated([self._drawn(rng, source) for source in sources])

    def _drawn(self, rng: Random, source: Source) -> tuple[RgbImage, list[Example]]:
        if isinstance(source, SimulatedScene):
            made = examples(rng, source.table, _CAPTION_CHANCE)
            # Only some scenes have a caption, which comes first.
            return toned(rng, source.image), made[: self._settings.questions]
        sample, questions = source
        image = sample.open().image
        other = mirrored(questions) if self._settings.mirror and rng.random() < 0.5 else None
        if other is not None:
            image, questions = image[:, ::-1], other
        return toned(rng, image), self._lessons(rng, questions)

    def _lessons(self, rng: Random, questions: Sequence[TraitedCase]) -> list[Example]:
        return lessons(rng, questions, self._settings.questions, self._settings.describe)

    def _collated(
        self, shown: Sequence[tuple[RgbImage, list[Example]]]
    ) -> tuple[torch.Tensor, Rows] | None:
        """Return pixels and rows, None if no image has examples."""
        told = [(image, made) for image, made in shown if made]
        if not told:
            return None
        pixels = [pixel_values(self._image_processor, image) for image, _ in told]
        return torch.cat(pixels), self._maker.rows([made for _, made in told])
