# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Faults of many kinds for minutes or hours, and after each the question whether all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
import random
import time
from typing import Any

from kosmos_ros.bench.machine import machine
from kosmos_ros.demo.processes import ProcessDiedError
from kosmos_ros.stress.driver import Driver, StressError
from kosmos_ros.stress.events import (
    CLIENTS,
    EVENTS,
    LOAD_SECONDS,
    PART_KILLED,
    RESTART,
    restart_all,
    SECONDS,
    start_client,
)
from kosmos_ros.stress.samples import grown, ProcessSample, Sampler
from kosmos_ros.stress.stage import NODE, running_stage, StressStage

_REST = 0.5, 4.0
"""Seconds between two events, at least and at most."""
_RESTART_SHARE = 0.25
"""Of the time, after which all is killed: what is left has to be long enough to judge growth."""
_COMPLAINT = 'Traceback'


@dataclass(frozen=True)
class Happened:
    """
    An event, when it began, and how it went.

    :param answered: seconds until the next valid call was answered, None if it was not.
    """

    seconds: float
    kind: str
    what: str
    answered: float | None
    problem: str = ''


@dataclass
class SoakResult:
    """All that came of a soak; it passed if there are no problems."""

    minutes: float
    seed: int
    events: list[Happened] = field(default_factory=list)
    samples: list[ProcessSample] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return all in types of JSON, with the machine."""
        return asdict(self) | {'machine': machine()}


def run_soak(minutes: float, seed: int, folder: Path, say: Callable[[str], None]) -> SoakResult:
    """
    Run the node under faults.

    :param seed: decides on the events and their order.
    :param folder: for logs.
    :param say: called for each event.
    """
    result = SoakResult(minutes, seed)
    with running_stage(folder, say) as (stage, driver), Sampler(lambda: _node_of(stage)) as seen:
        for name in CLIENTS:
            start_client(stage, name)
        try:
            driver.wait_for_answer(LOAD_SECONDS)
            _soak(result, stage, driver, seen, say)
        except (StressError, ProcessDiedError) as error:
            result.problems.append(str(error))
    result.samples = seen.samples
    result.problems += grown(seen.samples) + seen.leftovers() + _complaints(stage.logs)
    return result


def _soak(
    result: SoakResult,
    stage: StressStage,
    driver: Driver,
    seen: Sampler,
    say: Callable[[str], None],
) -> None:
    """Let events happen until the time is over, or something has died that should not."""
    rng = random.Random(result.seed)
    order, begun, end = _order(rng), seen.seconds, seen.seconds + 60 * result.minutes
    restart = begun + _RESTART_SHARE * 60 * result.minutes
    while seen.seconds < end:
        kind, restart = (RESTART, end) if seen.seconds > restart else (next(order), restart)
        happened = _happen(kind, stage, driver, rng, seen.seconds)
        result.events.append(happened)
        if happened.problem:
            result.problems.append(f'{happened.kind} ({happened.what}): {happened.problem}')
        answered = 'no answer' if happened.answered is None else f'{happened.answered:.1f} s'
        say(f'{happened.seconds:6.0f} s  {happened.kind}: {happened.what}  ({answered})')
        stage.check()
        time.sleep(rng.uniform(*_REST))


def _order(rng: random.Random) -> Iterator[str]:
    """Return kinds of events at random, each as often as any other."""
    while True:
        yield from rng.sample(sorted(EVENTS), len(EVENTS))


def _happen(
    kind: str, stage: StressStage, driver: Driver, rng: random.Random, seconds: float
) -> Happened:
    event = restart_all if kind == RESTART else EVENTS[kind]
    kills_node = kind in (RESTART, PART_KILLED)
    what, answered = '', None
    try:
        what = event(stage, driver, rng)
        patience = LOAD_SECONDS if kills_node else SECONDS
        answered = driver.wait_for_answer(patience, after_kill=kills_node)
    except StressError as error:
        return Happened(seconds, kind, what, answered, str(error))
    return Happened(seconds, kind, what, answered)


def _node_of(stage: StressStage) -> int | None:
    node = stage.children.get(NODE)
    return None if node is None else node.pid


def _complaints(logs: Path) -> list[str]:
    """Return which processes printed a traceback: no exception leaves a callback."""
    return [
        f'there is a traceback in {log}'
        for log in sorted(logs.glob(f'*_{NODE}.log'))
        if _COMPLAINT in log.read_text(encoding='utf-8', errors='replace')
    ]
