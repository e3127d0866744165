# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Signals that a phrase's object is in the image, from what locating it computes anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import math

import numpy as np
import torch

from kosmos_ros.backends.kosmos2.probabilities import (
    best_cell,
    corner_at,
    LogProbabilities,
)
from kosmos_ros.core.model.grammar import CELL_COUNT, GRID_SIZE, Tag
from kosmos_ros.core.model.signals import log_ratio, Signals

_RIVAL_DISTANCE = 2
"""An upper left corner that is more cells away, in a row or column, is another place."""


def free_signals(
    existence: float, mass: float, upper_left: LogProbabilities, lower_right: LogProbabilities
) -> Signals:
    """
    Return the signals of the passes that located a phrase.

    :param existence: probability (0..1) of ``<object>`` behind the phrase.
    :param mass: probability (0..1) of all locations behind it.
    :param upper_left: (1024,) log-probabilities of the first box's upper left corner.
    :param lower_right: the same of its lower right corner; -inf where it cannot be.
    """
    return Signals(
        opener=log_odds(existence),
        location_mass=mass,
        upper_left_mass=corner_at(best_cell(upper_left), upper_left).mass,
        lower_right_mass=corner_at(best_cell(lower_right), lower_right).mass,
        upper_left_entropy=relative_entropy(upper_left),
        lower_right_entropy=relative_entropy(lower_right),
        rival_mass=_rival_mass(upper_left),
    )


def log_odds(chance: float) -> float:
    """Return the log-odds of a probability (0..1), kept within the limits of log-ratios."""
    if chance <= 0.0 or chance >= 1.0:
        return log_ratio(math.inf if chance else -math.inf)
    return log_ratio(math.log(chance) - math.log1p(-chance))


def relative_entropy(log: LogProbabilities) -> float:
    """Return the entropy of (1024,) cells as a fraction (0..1) of that of a uniform choice."""
    finite = log[np.isfinite(log)].astype(np.float64)
    return float(np.clip(-(np.exp(finite) @ finite) / math.log(CELL_COUNT), 0.0, 1.0))


def _rival_mass(log: LogProbabilities) -> float:
    rows, columns = np.divmod(np.arange(CELL_COUNT), GRID_SIZE)
    row, column = divmod(best_cell(log).index, GRID_SIZE)
    distance = np.maximum(np.abs(rows - row), np.abs(columns - column))
    others = np.where(distance > _RIVAL_DISTANCE, log, np.float32(-np.inf))
    return corner_at(best_cell(others), others).mass


def phrase_length(prompt: Sequence[int], tags: Mapping[Tag, int]) -> int:
    """Return how many tokens a prompt's phrase has, its end tag among them."""
    return prompt.index(tags[Tag.PHRASE_END]) - prompt.index(tags[Tag.PHRASE])


def log_likelihoods(log: torch.Tensor, tokens: Sequence[int]) -> tuple[float, ...]:
    """Return the log-probabilities of tokens; ``log`` (tokens, vocabulary) is that of each one."""
    return tuple(log.gather(1, torch.tensor(tokens, device=log.device)[:, None])[:, 0].tolist())


def ratios(seen: Sequence[float], unseen: Sequence[float]) -> tuple[float, float]:
    """
    Return what an image adds to the log-likelihood of a phrase: in all, and to its worst token.

    :param seen: log-probabilities of its tokens behind the image.
    :param unseen: the same without an image.
    """
    differences = [one - other for one, other in zip(seen, unseen, strict=True)]
    return log_ratio(sum(differences)), log_ratio(min(differences))
