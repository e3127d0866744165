# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Targets of the embedded model, and the values that it must never fall below.

``goal`` is the target, ``least`` the worst value accepted for a released model, whatever its card
says: ``make test`` holds the committed model to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import math
from typing import Any

from kosmos_ros.evaluation.questions.cases import Kind

Data = Mapping[str, Any]
"""Figures as ``kosmos_ros.evaluation.report.figures.data`` returns them."""


@dataclass(frozen=True)
class Measured:
    """A figure between 0 and 1 and its sample size; nan for none."""

    value: float
    count: int


@dataclass(frozen=True)
class Target:
    """
    A figure with its goal and the worst that is accepted.

    ``at_most``: less is better; ``curve`` names the column of the learning curve about the same
    ability, if any.
    """

    words: str
    goal: float
    least: float
    read: Callable[[Data], Measured]
    curve: str = ''
    at_most: bool = False

    @property
    def wanted(self) -> str:
        """Return the goal in words."""
        return f'at {"most" if self.at_most else "least"} {self.goal:.2f}'

    def shortfall(self, value: float) -> float:
        """Return by how much a value misses the goal, 0 or less if it does not."""
        return value - self.goal if self.at_most else self.goal - value


def _pooled(name: str, *kinds: Kind) -> Callable[[Data], Measured]:
    def read(data: Data) -> Measured:
        asked = [data['figures'].get(kind.value, {}) for kind in kinds]
        figures = [figures[name] for figures in asked if name in figures]
        count = sum(figure['of'] for figure in figures)
        if not count:
            return Measured(float('nan'), 0)
        return Measured(sum(f['value'] * f['of'] for f in figures) / count, round(count))

    return read


def _boxed(data: Data) -> Measured:
    """Return the share of unknown words with a box."""
    refused = _pooled('refused', Kind.UNKNOWN)(data)
    return Measured(1.0 - refused.value, refused.count)


def _worst_score(data: Data) -> Measured:
    """Return the largest calibration error among the sorts of scores."""
    worst = max(data['scores'].values(), key=lambda figures: figures['ece'])
    return Measured(worst['ece'], worst['count'])


def _share(words: str, goal: float, least: float, curve: str, figure: str, *kinds: Kind) -> Target:
    """Return the target of a figure of some kinds of questions."""
    return Target(words, goal, least, _pooled(figure, *kinds), curve)


_PLACED = (Kind.INSTRUCT, Kind.INSTRUCT_RELATED)
_ASKED = (Kind.ASK_COLOR, Kind.ASK_WHAT, Kind.ASK_COUNT, Kind.ASK_EXISTS)

TARGETS = (
    _share('LOCATE, one object: IoU at least 0.5', 0.97, 0.95, 'acc50', 'Acc@0.5', Kind.UNIQUE),
    _share('LOCATE, one object: mean IoU', 0.88, 0.85, 'iou', 'mean IoU', Kind.UNIQUE),
    _share(
        'LOCATE, left of, behind, ...: all boxes right',
        *(0.85, 0.78, 'acc50', 'all right', Kind.RELATION),
    ),
    _share('LOCATE, several objects: F1', 0.93, 0.91, 'acc50', 'F1', Kind.SEVERAL),
    _share('LOCATE, absent object: refused', 0.97, 0.95, 'absent', 'refused', Kind.ABSENT),
    _share('LOCATE, one object: found at all', 0.98, 0.95, 'present', 'accepted', Kind.UNIQUE),
    Target('LOCATE, unknown word: boxed', 0.05, 0.08, _boxed, 'absent', at_most=True),
    _share('DESCRIBE: F1 of colour, shape and box', 0.93, 0.87, 'acc50', 'F1', Kind.CAPTION),
    _share('IDENTIFY: colour and shape exact', 0.97, 0.90, 'words', 'exact', Kind.IDENTIFY),
    _share('ASK, in words: exact', 0.95, 0.92, 'words', 'exact', *_ASKED),
    _share('INSTRUCT: target right', 0.92, 0.91, 'acc50', 'target', *_PLACED),
    Target(
        'calibration error, the largest of four scores', 0.03, 0.08, _worst_score, at_most=True
    ),
)

KINDS = frozenset(
    (
        *(Kind.UNIQUE, Kind.RELATION, Kind.SUPERLATIVE, Kind.SEVERAL, Kind.ABSENT, Kind.UNKNOWN),
        *(Kind.CAPTION, Kind.IDENTIFY, *_ASKED, *_PLACED),
    )
)
"""Kinds of questions that the targets are about."""

SIGMAS = 3.0


def sampling_error(card: Measured, count: int) -> float:
    """
    Return the standard deviation of the difference between two samples of one share.

    ``sqrt(p (1 - p) (1 / n + 1 / m))``, with p from two successes and two failures more than were
    seen (Agresti and Coull 1998), so that it is not nothing at a share of 1. Of means of values
    within 0..1, such as IoU, it is an upper bound.

    :param card: the share in one sample.
    :param count: size of the other.
    """
    share = (card.value * card.count + 2.0) / (card.count + 4.0)
    return math.sqrt(share * (1.0 - share) * (1.0 / card.count + 1.0 / max(1, count)))


def floor(target: Target, card: Measured, count: int) -> float:
    """
    Return the worst value of ``count`` answers that the card and ``Target.least`` allow.

    Three standard deviations from the card's value, and never beyond ``least``. A ceiling where
    less is better.
    """
    margin = SIGMAS * sampling_error(card, count)
    if target.at_most:
        return min(card.value + margin, target.least)
    return max(card.value - margin, target.least)


def misses(card: Data, seen: Data) -> Iterator[str]:
    """Return which of the measured figures are worse than allowed."""
    for target in TARGETS:
        there = target.read(seen)
        if not there.count:
            continue
        limit = floor(target, target.read(card), there.count)
        beyond = there.value > limit if target.at_most else there.value < limit
        if beyond:
            wanted = 'at most' if target.at_most else 'at least'
            yield (
                f'{target.words}: expected {wanted} {limit:.3f}, got {there.value:.3f} of '
                f'{there.count}'
            )
