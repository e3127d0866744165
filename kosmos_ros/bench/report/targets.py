# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Targets for a full-size model on two cores, and whether a run met them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from kosmos_ros.bench.plan import AS_WRITTEN
from kosmos_ros.bench.report.figures import (
    caption_token_seconds,
    default_of,
    location_pass_ratio,
    measured,
    MILLI,
    node_row,
    preparation_seconds,
    Run,
    token_ratio,
)
from kosmos_ros.bench.report.ratios import paired_ratio, ratio_of, Spread, spread_of


class TargetVerdict(Enum):
    """Whether a target was met; undecided where the measurements lie on both sides of it."""

    MET = 'met'
    MISSED = 'MISSED'
    UNDECIDED = 'undecided'
    NOT_MEASURED = 'not measured'


@dataclass(frozen=True)
class Target:
    """
    A bound on a measured ``value``, None if there is none.

    ``at_least`` says that it has to be no lower than the goal, else it has to be no higher.
    ``spread`` is how far the measurements lie apart, None for what is counted.
    """

    name: str
    goal: float
    at_least: bool
    value: float | None
    unit: str = ''
    spread: Spread | None = None

    @property
    def verdict(self) -> TargetVerdict:
        """Compare the measurements and the goal."""
        if self.value is None:
            return TargetVerdict.NOT_MEASURED
        ends = (self.spread.low, self.spread.high) if self.spread else (self.value, self.value)
        met = {end >= self.goal if self.at_least else end <= self.goal for end in ends}
        if len(met) > 1:
            return TargetVerdict.UNDECIDED
        return TargetVerdict.MET if met.pop() else TargetVerdict.MISSED

    @property
    def goal_text(self) -> str:
        """The goal for people."""
        return f'{"at least" if self.at_least else "at most"} {self.goal:g}{self.unit}'

    @property
    def value_text(self) -> str:
        """The value for people."""
        if self.value is None:
            return '-'
        spread = f' ({self.spread.text})' if self.spread else ''
        return f'{self.value:.3g}{self.unit}{spread}'


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
    written = f'the recipe as written ({AS_WRITTEN} tokens)'
    bfloat16 = partial(_in_turn, model, 'bfloat16')
    float32 = _ratio(_recipe(model, 'float32', AS_WRITTEN), _seconds(ours, 'first'))
    first, later = bfloat16('first', AS_WRITTEN), bfloat16('later', AS_WRITTEN)
    yield _faster(f'first query, against {written} in bfloat16', 25, first)
    yield _faster(f'first query, against {written} in float32', 100, float32)
    yield _faster(f'later query, against {written} in bfloat16', 60, later)
    short = 'the recipe stopped after 5 tokens'
    yield _faster(f'first query, against {short}', 1.4, bfloat16('first', 5))
    yield _faster(f'later query, against {short}', 4, bfloat16('later', 5))
    eight = _ratio(_seconds(ours, 'eight_phrases'), _seconds(ours, 'later'))
    yield _at_most('8 phrases in one call, in later queries', 2.2, eight)
    decode = location_pass_ratio(run, ours) if ours else None
    passes = ours['floor']['location_pass_seconds'] if ours else []
    yield _at_most(
        'decode pass of a location, against the memory floor', 1.3, _scaled(decode, passes)
    )
    token = token_ratio(run, ours) if ours else None
    tokens = caption_token_seconds(ours) if ours else []
    yield _at_most('token of a caption, against the memory floor', 1.3, _scaled(token, tokens))
    int8 = model['ours']['int8']
    faster = _ratio(_seconds(ours, 'later'), _seconds(int8 if measured(int8) else None, 'later'))
    yield _faster('later query in int8, against the default precision', 1.5, faster)
    again = sum(ours['later']['images']) if ours else None
    yield Target('images encoded again for later queries (counted)', 0, False, again)


def _in_turn(model: Run, dtype: str, question: str, tokens: int) -> Spread | None:
    """Return how much longer the recipe takes, from pairs where there are some."""
    name = f'{question}_{"written" if tokens == AS_WRITTEN else "short"}'
    pairs = model.get('pairs', {}).get(name)
    if pairs:
        return paired_ratio(pairs['recipe'], pairs['ours'])
    return _ratio(_recipe(model, dtype, tokens), _seconds(default_of(model), question))


def _recipe(model: Run, dtype: str, tokens: int) -> list[float]:
    seed = model['seed'][dtype]
    return list(seed['locate'][str(tokens)]['seconds']) if measured(seed) else []


def _seconds(part: Run | None, question: str) -> list[float]:
    return list(part[question]['seconds']) if part else []


def _of_node(run: Run) -> Target:
    size = '640x480'
    value = None
    if measured(run['node']):
        value = MILLI * (node_row(run, size)['ours'][0] + preparation_seconds(run, size))
    return Target(f'our part of camera to detections, {size}', 5, False, value, ' ms')


def _faster(name: str, goal: float, spread: Spread | None) -> Target:
    return Target(name, goal, True, spread.value if spread else None, 'x', spread)


def _at_most(name: str, goal: float, spread: Spread | None) -> Target:
    return Target(name, goal, False, spread.value if spread else None, 'x', spread)


def _ratio(ones: Sequence[float], others: Sequence[float]) -> Spread | None:
    return ratio_of(ones, others) if ones and others else None


def _scaled(middle: float | None, seconds: Sequence[float]) -> Spread | None:
    """Return the spread of seconds as that of a ratio with this median."""
    if middle is None:
        return None
    found = spread_of(seconds)
    scale = middle / found.value
    return Spread(middle, found.low * scale, found.high * scale)
