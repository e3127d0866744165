# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Many calls at once from many clients, beside two cameras and a standing query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import queue
import time
from typing import Any

import numpy as np
import psutil
from std_msgs.msg import String

from kosmos_ros.bench.machine import machine
from kosmos_ros.bench.report.tables import duration, table
from kosmos_ros.core.types import Status
from kosmos_ros.stress.driver import Driver, StressError
from kosmos_ros.stress.events import LOAD_SECONDS
from kosmos_ros.stress.load_clients import Call, PATIENCE_SECONDS, SAYS
from kosmos_ros.stress.stage import ECHO, NODE, running_stage, StressStage, TARGETS

_CLIENTS_PER_PROCESS = 4
_LEAD_SECONDS = 2.0
"""From the order to the calls: every process has it by then."""

BUSY_GOAL_SECONDS, BUSY_GOAL_RATIO = 0.5, 3.0

Result = dict[str, Any]
"""In types of JSON."""


@dataclass(frozen=True)
class LoadPlan:
    """So many calls at once from so many clients, so many times."""

    calls: int = 200
    clients: int = 20
    rounds: int = 3


def run_load(plan: LoadPlan, folder: Path, say: Callable[[str], None]) -> Result:
    """
    Call the grounding node, and in turn with it a node that only answers.

    :param folder: for logs.
    :raises StressError: if the node answers nothing at all, or a process does not report.
    :raises ProcessDiedError: if a process ended.
    """
    calls: dict[str, list[Call]] = {ECHO: [], NODE: []}
    busy: dict[str, list[float]] = {ECHO: [], NODE: []}
    with running_stage(folder, say) as (stage, driver):
        stage.start_echo()
        heard: queue.Queue[list[Call]] = queue.Queue()
        processes = _start_clients(stage, plan, heard)
        say('waiting for the model')
        driver.wait_for_answer(LOAD_SECONDS)
        _wait_for_clients(driver, processes)
        for _ in range(plan.rounds):
            for name in calls:
                say(f'{plan.calls} calls at once to {TARGETS[name]}')
                psutil.cpu_percent()
                calls[name] += _volley(driver, TARGETS[name], heard, processes)
                busy[name].append(psutil.cpu_percent())
                stage.check()
        driver.wait_for_answer(LOAD_SECONDS)
    return {
        'plan': vars(plan),
        'machine': machine(),
        'calls': calls,
        'cpu_percent': busy,
        'goal': {'seconds': BUSY_GOAL_SECONDS, 'ratio': BUSY_GOAL_RATIO},
    }


def seconds_of(calls: Sequence[Call], status: Status | None = None) -> list[float]:
    """Return the seconds of the calls that were answered, with this status or any."""
    return [seconds for code, seconds in calls if seconds is not None and status in (None, code)]


def lost(result: Result) -> int:
    """Count the calls that nobody answered."""
    return sum(seconds is None for calls in result['calls'].values() for _, seconds in calls)


def report(result: Result) -> str:
    """Return the result as text."""
    node, echo = result['calls'][NODE], result['calls'][ECHO]
    statuses = Counter(Status(code).name for code, seconds in node if seconds is not None)
    series = {
        'all calls': seconds_of(node),
        'BUSY': seconds_of(node, Status.BUSY),
        'a node that only answers': seconds_of(echo),
    }
    rows = [[name, *_figures(seconds)] for name, seconds in series.items()]
    about, load = result['machine'], result['cpu_percent'][NODE]
    return '\n'.join(
        [
            table(['', 'calls', 'median', '99 %', 'longest'], rows),
            f'answers: {", ".join(f"{count} {name}" for name, count in statuses.items())}; '
            f'lost: {lost(result)}',
            f'{about["cpu"]}, {about["cores"]} cores; while the node was called they were busy '
            f'for {sum(load) / len(load):.0f} %, load average {about["load_average"]:.1f}',
            _verdict(series['BUSY'], series['a node that only answers']),
        ]
    )


def _verdict(busy: list[float], echo: list[float]) -> str:
    if not busy or not echo:
        return 'nobody heard BUSY: more calls are needed for that'
    late, ratio = _late(busy), _late(busy) / _late(echo)
    met = late <= BUSY_GOAL_SECONDS or ratio <= BUSY_GOAL_RATIO
    return (
        f'BUSY within {duration(late)} (99 %), {ratio:.1f} times as long as an answer of a node '
        f'that only answers: {"met" if met else "missed"} (goal: {BUSY_GOAL_SECONDS:g} s, or '
        f'{BUSY_GOAL_RATIO:g} times)'
    )


def _figures(seconds: list[float]) -> list[str]:
    if not seconds:
        return ['0', '-', '-', '-']
    figures = (float(np.median(seconds)), _late(seconds), max(seconds))
    return [str(len(seconds)), *map(duration, figures)]


def _late(seconds: list[float]) -> float:
    return float(np.percentile(seconds, 99))


def _start_clients(stage: StressStage, plan: LoadPlan, heard: queue.Queue[list[Call]]) -> int:
    """Start them, as many to a process as it can spin, and return the number of processes."""

    def listen(line: str) -> None:
        if line.startswith(SAYS):
            heard.put(json.loads(line.removeprefix(SAYS)))

    shares = np.array_split(np.arange(plan.clients), -(-plan.clients // _CLIENTS_PER_PROCESS))
    each = str(-(-plan.calls // plan.clients))
    for number, share in enumerate(shares):
        arguments = ('stress.load_clients', str(len(share)), each, *TARGETS.values())
        stage.start(f'clients_{number}', *arguments, listener=listen)
    return len(shares)


def _wait_for_clients(driver: Driver, processes: int) -> None:
    deadline = time.monotonic() + LOAD_SECONDS
    while driver.orders.get_subscription_count() < processes:
        if time.monotonic() > deadline:
            raise StressError('the clients did not start')
        time.sleep(0.1)


def _volley(
    driver: Driver, target: str, heard: queue.Queue[list[Call]], processes: int
) -> list[Call]:
    order = [target, time.monotonic() + _LEAD_SECONDS]
    driver.orders.publish(String(data=json.dumps(order)))
    patience = _LEAD_SECONDS + 2 * PATIENCE_SECONDS
    try:
        return [call for _ in range(processes) for call in heard.get(timeout=patience)]
    except queue.Empty:
        raise StressError('a process of clients did not report') from None
