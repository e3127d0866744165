# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Calibration of a model's probabilities.

A model's probability is turned into log-odds, divided by a temperature, shifted, and turned back
(Platt scaling; Guo et al. 2017, On Calibration of Modern Neural Networks). The numbers belong to
one checkpoint and are measured on images that it was not trained on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
import math
from shlex import quote

from kosmos_ros.core.model.signals import Fusion, includes, LEVELS, sigmoid, Signals

_EDGE = 1e-9
"""Probabilities closer than this to 0 or 1 have no useful log-odds."""


@dataclass(frozen=True)
class Scaling:
    """``sigmoid(logit(p) / temperature + shift)``; the default changes nothing."""

    temperature: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        """Reject what would turn the order of scores round, or is no number."""
        if not 0.0 < self.temperature < math.inf:
            raise ValueError(f'temperature must be above 0, got {self.temperature}')
        if not abs(self.shift) < math.inf:
            raise ValueError(f'shift must be finite, got {self.shift}')

    def __call__(self, probability: float) -> float:
        """Return the calibrated probability (0..1)."""
        if self.temperature == 1.0 and self.shift == 0.0:
            return probability
        inside = min(max(probability, _EDGE), 1.0 - _EDGE)
        return sigmoid(math.log(inside / (1.0 - inside)) / self.temperature + self.shift)


@dataclass(frozen=True)
class Calibration:
    """
    Scalings of one checkpoint.

    ``existence`` is for the probability that a phrase asked for is in the image, ``box`` for a
    located box, ``written`` for a box that stands in a text the model wrote, and ``words`` for the
    exact wording of an expression. ``closer_existence`` and ``closer_box`` are the first two for
    looks that enlarge what an earlier look showed. A box is right if it overlaps an object that
    its phrase names with an IoU of 0.5 or more. Boxes in texts have a scaling of their own: a
    caption names objects that nobody asked for, and errs about which one it means rather than
    where it is.

    ``fitted`` are the names of those that were fitted to labelled images, be it that there was
    nothing to correct. Scores of the others are the model's own.

    ``fusions``, by their levels, take the place of ``existence`` where their signals were
    measured; only models that box what is not there need any.
    """

    existence: Scaling = field(default_factory=Scaling)
    box: Scaling = field(default_factory=Scaling)
    written: Scaling = field(default_factory=Scaling)
    words: Scaling = field(default_factory=Scaling)
    closer_existence: Scaling = field(default_factory=Scaling)
    closer_box: Scaling = field(default_factory=Scaling)
    fitted: tuple[str, ...] = ()
    fusions: Mapping[str, Fusion] = field(default_factory=dict)

    def covers(self, scores: Collection[str]) -> bool:
        """Tell whether all of these scores, by the names of their scalings, are calibrated."""
        return set(scores) <= set(self.fitted)

    def level(self, most: str) -> str:
        """Return the highest level with a fusion up to ``most``; '' where nothing is fused."""
        return next(
            (one for one in reversed(LEVELS) if one in self.fusions and includes(most, one)), ''
        )

    def existence_of(
        self, probability: float, signals: Signals | None, closer: bool = False
    ) -> float:
        """
        Return the calibrated probability (0..1) that what a phrase names is in the image.

        :param probability: of ``<object>`` behind the phrase.
        :param signals: what else was measured; None: nothing.
        :param closer: it is that of a closer look.
        """
        if closer and self.covers(['closer_existence']):
            return self.closer_existence(probability)
        if signals is not None:
            for level in reversed(LEVELS):
                fused = self.fusions[level](signals) if level in self.fusions else None
                if fused is not None:
                    return fused
        return self.existence(probability)

    def box_of(self, probability: float, closer: bool = False) -> float:
        """Return the calibrated probability (0..1) that a located box is right."""
        scaling = self.closer_box if closer and self.covers(['closer_box']) else self.box
        return scaling(probability)


def how_to_calibrate(model: str) -> str:
    """Return the command that calibrates a model on labelled images, by its name or folder."""
    return f'kosmos-ros calibrate coco --folder LABELLED_IMAGES --model {quote(model)}'


SCALINGS = ('existence', 'box', 'written', 'words', 'closer_existence', 'closer_box')
"""Names of the scalings, in the order of ``Calibration`` and of reports."""
