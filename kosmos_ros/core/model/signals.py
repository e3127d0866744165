# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Signs that what a phrase names is in the image, and one probability of them all.

A model that only ever saw phrases with boxes gives ``<object>`` a probability close to one,
whatever the image shows. What else it computes may differ between what is there and what is not:
how sharply it places the corners, how much more probable the image makes the phrase, what it
answers when asked whether such a thing is there, and whether its caption mentions one. A logistic
regression, fitted on labelled images, weighs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
import math

LEVELS = ('free', 'phrase', 'question', 'caption')
"""
Which signals are measured, by their cost; each level includes those before it.

``free``: those of the passes that locate the phrase anyway. ``phrase``: one more pass for each new
phrase, without an image. ``question``: one more pass for each phrase and image. ``caption``: a
caption of each image, some thirty passes.
"""

DEFAULT_LEVEL = 'phrase'
"""As docs/scores.md measures: what is free is not enough, and a phrase is asked more than once."""

LARGEST_RATIO = 20.0
"""Log-ratios are kept within -20..20, beyond which they say nothing more."""


@dataclass(frozen=True)
class Signals:
    """
    What was measured about one phrase in one image; None where it was not.

    :param opener: log-odds of ``<object>`` behind the phrase.
    :param location_mass: probability (0..1) that a location follows ``<object>``.
    :param upper_left_mass: probability (0..1) of the 3x3 cells around the best upper left corner.
    :param lower_right_mass: the same of the lower right corner behind it.
    :param upper_left_entropy: of the upper left corner's distribution, as a fraction (0..1) of
        that of a uniform one.
    :param lower_right_entropy: the same of the lower right corner.
    :param rival_mass: probability (0..1) of the 3x3 cells around the best upper left corner that
        is more than two cells away from the first.
    :param phrase_ratio: log-likelihood of the phrase behind the image, minus that without it.
    :param worst_ratio: the same of the token for which it is lowest.
    :param plain_yes: log-odds of yes against no to
        ``Question: Is there ... in the image? Answer:``.
    :param grounded_yes: the same behind ``<grounding>``.
    :param tagged_yes: the same, what is asked for being marked as a phrase too.
    :param caption_words: largest share (0..1) of words in common with a phrase of the caption.
    :param caption_match: the same times the IoU of the box with those of that phrase.
    """

    opener: float
    location_mass: float
    upper_left_mass: float
    lower_right_mass: float
    upper_left_entropy: float
    lower_right_entropy: float
    rival_mass: float
    phrase_ratio: float | None = None
    worst_ratio: float | None = None
    plain_yes: float | None = None
    grounded_yes: float | None = None
    tagged_yes: float | None = None
    caption_words: float | None = None
    caption_match: float | None = None

    def __post_init__(self) -> None:
        """Reject what is no number."""
        for spec in fields(self):
            value = getattr(self, spec.name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f'{spec.name} must be finite, got {value}')


NAMES: Mapping[str, tuple[str, ...]] = {
    'free': (
        *('opener', 'location_mass', 'upper_left_mass', 'lower_right_mass'),
        *('upper_left_entropy', 'lower_right_entropy', 'rival_mass'),
    ),
    'phrase': ('phrase_ratio', 'worst_ratio'),
    'question': ('plain_yes', 'grounded_yes', 'tagged_yes'),
    'caption': ('caption_words', 'caption_match'),
}
"""The signals that each level adds."""


def names_up_to(level: str) -> tuple[str, ...]:
    """Return the names of all signals of a level."""
    return tuple(name for one in LEVELS[: LEVELS.index(level) + 1] for name in NAMES[one])


def includes(level: str, other: str) -> bool:
    """Tell whether a level, '' for none, includes another one."""
    return bool(level) and LEVELS.index(level) >= LEVELS.index(other)


def sigmoid(odds: float) -> float:
    """Return the probability (0..1) of log-odds, in a form that cannot overflow."""
    return 0.5 * (1.0 + math.tanh(odds / 2.0))


def log_ratio(value: float) -> float:
    """Return a log-ratio kept within the limits; not a number counts as no evidence."""
    return 0.0 if math.isnan(value) else max(-LARGEST_RATIO, min(LARGEST_RATIO, value))


@dataclass(frozen=True)
class Fusion:
    """
    A logistic regression: ``sigmoid(intercept + sum of weight * signal)``.

    :raises ValueError: if a weight is of no signal, or a number is not finite.
    """

    intercept: float
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        """Reject what could not be computed."""
        known = [spec.name for spec in fields(Signals)]
        for name, weight in self.weights.items():
            if name not in known:
                raise ValueError(f'{name!r} is no signal; there are {", ".join(known)}')
            if not math.isfinite(weight):
                raise ValueError(f'the weight of {name} must be finite, got {weight}')
        if not self.weights or not math.isfinite(self.intercept):
            raise ValueError(
                f'expected a finite intercept and weights of signals, got {self.intercept} and '
                f'{len(self.weights)} weights'
            )

    def __call__(self, signals: Signals) -> float | None:
        """Return the probability (0..1), None where a signal that it needs was not measured."""
        odds = self.intercept
        for name, weight in self.weights.items():
            value = getattr(signals, name)
            if value is None:
                return None
            odds += weight * value
        return sigmoid(odds)
