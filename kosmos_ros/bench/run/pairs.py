# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A recipe and this package in turn, so that what the machine does meanwhile meets both.

Measured one after the other, a ratio of two variants also holds how busy the machine was with
each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kosmos_ros.bench.machine import Load
from kosmos_ros.bench.run.resident import CAPTION, FIRST, LATER, SHORT, WRITTEN

Pairs = Mapping[str, tuple[str, str]]
"""Compared questions: the recipe's and ours, by their names in the results."""

PAIRS: Pairs = MappingProxyType(
    {
        'first_written': (WRITTEN, FIRST),
        'later_written': (WRITTEN, LATER),
        'first_short': (SHORT, FIRST),
        'later_short': (SHORT, LATER),
        'caption': (CAPTION, CAPTION),
    }
)
"""Those of the model card's recipe, which takes every image for a new one."""

PEER_PAIRS: Pairs = MappingProxyType(
    {
        'first_written': (f'{FIRST} {WRITTEN}', FIRST),
        'later_written': (f'{LATER} {WRITTEN}', LATER),
        'first_short': (f'{FIRST} {SHORT}', FIRST),
        'later_short': (f'{LATER} {SHORT}', LATER),
        'caption': (CAPTION, CAPTION),
    }
)
"""Those of a recipe that keeps the features of an image."""

Ask = Callable[[str], float]
"""Asks a question by its name, and returns the seconds."""


def measure_pairs(
    recipe: Ask,
    ours: Ask,
    rounds: int,
    leave: Callable[[], object] | None = None,
    pairs: Pairs = PAIRS,
) -> dict[str, Any]:
    """
    Ask both in turn.

    :param leave: ends the process that was asked last, where there is no memory for both: then
        each round asks all of one before all of the other.
    :returns: ``{'load': ..., PAIR: {'recipe': [seconds], 'ours': [seconds]}}``, round by round.
    """
    load = Load()
    found: dict[str, dict[str, list[float]]] = {name: {'recipe': [], 'ours': []} for name in pairs}
    for index in range(rounds + 1):
        for name, seconds in _round(recipe, ours, leave, pairs).items():
            # The first time a question is asked, a model prepares much that it reuses.
            if index or leave is not None:
                for side, value in zip(('recipe', 'ours'), seconds, strict=True):
                    found[name][side].append(value)
    return {'load': load.data(), 'together': leave is None, **found}


def _round(
    recipe: Ask, ours: Ask, leave: Callable[[], object] | None, pairs: Pairs
) -> dict[str, tuple[float, float]]:
    if leave is None:
        return _in_turn(recipe, ours, pairs)
    questions = dict.fromkeys(theirs for theirs, _ in pairs.values())
    written = {question: recipe(question) for question in questions}
    leave()
    for question in (FIRST, LATER, CAPTION):
        ours(question)
    asked = {question: ours(question) for question in (FIRST, LATER, CAPTION)}
    leave()
    return {name: (written[theirs], asked[own]) for name, (theirs, own) in pairs.items()}


def _in_turn(recipe: Ask, ours: Ask, pairs: Pairs) -> dict[str, tuple[float, float]]:
    """Ask each question of the recipe once, and what is compared with it right behind it."""
    last: dict[str, float] = {}
    found = {}
    for name, (theirs, own) in pairs.items():
        if theirs not in last:
            last[theirs] = recipe(theirs)
        found[name] = (last[theirs], ours(own))
    return found
