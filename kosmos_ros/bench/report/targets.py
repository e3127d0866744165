# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Targets for a full-size model on two cores, and whether a run met them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import (
    default_of,
    location_pass_ratio,
    measured,
    MILLI,
    node_row,
    preparation_seconds,
    recipe_seconds,
    Run,
    token_pass_ratio,
    typical,
)


class TargetVerdict(Enum):
    """Whether a target was met."""

    MET = 'met'
    MISSED = 'MISSED'
    NOT_MEASURED = 'not measured'


@dataclass(frozen=True)
class Target:
    """
    A bound on a measured ``value``, None if there is none.

    ``at_least`` says that it has to be no lower than the goal, else it has to be no higher.
    """

    name: str
    goal: float
    at_least: bool
    value: float | None
    unit: str = ''

    @property
    def verdict(self) -> TargetVerdict:
        """Compare value and goal."""
        if self.value is None:
            return TargetVerdict.NOT_MEASURED
        met = self.value >= self.goal if self.at_least else self.value <= self.goal
        return TargetVerdict.MET if met else TargetVerdict.MISSED

    @property
    def goal_text(self) -> str:
        """The goal for people."""
        return f'{"at least" if self.at_least else "at most"} {self.goal:g}{self.unit}'

    @property
    def value_text(self) -> str:
        """The value for people."""
        return '-' if self.value is None else f'{self.value:.3g}{self.unit}'


def targets(run: Run) -> list[Target]:
    """
    Return all targets, as this run measured them.

    Those of a model are about the first full-size one, in the default precision, with one box for
    each phrase; times are medians.
    """
    large = [model for model in run['models'] if model['large']]
    found = list(_of_model(run, large[0])) if large else []
    return [*found, _of_node(run)]


def target_table(run: Run) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of a table of all targets."""
    rows = [
        [target.name, target.goal_text, target.value_text, target.verdict.value]
        for target in targets(run)
    ]
    return ['', 'target', 'measured', ''], rows


def _of_model(run: Run, model: Run) -> Iterator[Target]:
    ours = default_of(model)
    first = typical(ours['first']) if ours else None
    later = typical(ours['later']) if ours else None
    eight = typical(ours['eight_phrases']) if ours else None
    written = f'the recipe as written ({AS_WRITTEN} tokens)'
    bfloat16, float32 = (recipe_seconds(model, dtype) for dtype in ('bfloat16', 'float32'))
    short = recipe_seconds(model, 'bfloat16', 5)
    yield _faster(f'first query, against {written} in bfloat16', 25, bfloat16, first)
    yield _faster(f'first query, against {written} in float32', 100, float32, first)
    yield _faster(f'later query, against {written} in bfloat16', 60, bfloat16, later)
    yield _faster('first query, against the recipe stopped after 5 tokens', 1.4, short, first)
    yield _faster('later query, against the recipe stopped after 5 tokens', 4, short, later)
    yield _at_most('8 phrases in one call, in later queries', 2.2, _ratio(eight, later), 'x')
    decode = location_pass_ratio(run, ours) if ours else None
    yield _at_most('decode pass of a location, against the memory floor', 1.3, decode, 'x')
    token = token_pass_ratio(run, ours) if ours else None
    yield _at_most('token of a caption, against the memory floor', 1.3, token, 'x')
    int8 = model['ours']['int8']
    int8_later = typical(int8['later']) if measured(int8) else None
    yield _faster('later query in int8, against the default precision', 1.5, later, int8_later)
    again = sum(ours['later']['images']) if ours else None
    yield _at_most('images encoded again for later queries (counted)', 0, again)


def _of_node(run: Run) -> Target:
    size = '640x480'
    value = None
    if measured(run['node']):
        value = MILLI * (node_row(run, size)['ours'][0] + preparation_seconds(run, size))
    return _at_most(f'our part of camera to detections, {size}', 5, value, ' ms')


def _faster(name: str, goal: float, slow: float | None, fast: float | None) -> Target:
    return Target(name, goal, at_least=True, value=_ratio(slow, fast), unit='x')


def _at_most(name: str, goal: float, value: float | None, unit: str = '') -> Target:
    return Target(name, goal, at_least=False, value=value, unit=unit)


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one / other
