# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The schedule of the training."""

from __future__ import annotations

from dataclasses import dataclass

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
    the vision tower and of the decoder.
    """

    progress: float
    step: int
    text_step: int

    @property
    def with_text(self) -> bool:
        """Tell whether the decoder learns too."""
        return self.progress >= HELPERS_ONLY

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
