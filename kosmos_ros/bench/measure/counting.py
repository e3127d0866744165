# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Counts and times what a model really computes, whoever calls it."""

from __future__ import annotations

from dataclasses import dataclass, field
import time
from typing import Any

from transformers import Kosmos2ForConditionalGeneration


@dataclass(frozen=True)
class Pass:
    """A pass through the layers of the decoder: tokens that went in, and how long it took."""

    tokens: int
    seconds: float


@dataclass
class Counts:
    """What was done: images through the vision tower, and passes of the decoder."""

    images: int = 0
    passes: list[Pass] = field(default_factory=list)


class Counter:
    """
    Watches a stock model, whoever calls its layers.

    :param model: keeps the hooks for good.
    """

    def __init__(self, model: Kosmos2ForConditionalGeneration) -> None:
        self._counts = Counts()
        self._start = 0.0
        model.vision_model.register_forward_hook(self._after_images, with_kwargs=True)
        layers = model.text_model.model.layers
        layers[0].register_forward_pre_hook(self._before_pass)
        layers[-1].register_forward_hook(self._after_pass, with_kwargs=True)

    def take(self) -> Counts:
        """Return what was counted since the last time."""
        counts, self._counts = self._counts, Counts()
        return counts

    def _after_images(self, _: Any, args: Any, kwargs: Any, __: Any) -> None:
        pixels = kwargs['pixel_values'] if 'pixel_values' in kwargs else args[0]
        self._counts.images += len(pixels)

    def _before_pass(self, *_: Any) -> None:
        self._start = time.perf_counter()

    def _after_pass(self, _: Any, args: Any, kwargs: Any, __: Any) -> None:
        seconds = time.perf_counter() - self._start
        hidden = kwargs['hidden_states'] if 'hidden_states' in kwargs else args[0]
        self._counts.passes.append(Pass(hidden.shape[0] * hidden.shape[1], seconds))
