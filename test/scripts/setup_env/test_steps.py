# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Steps run when something they depend on has changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
import io
from pathlib import Path
import threading

import pytest

from scripts.setup_env.commands import Log, SetupError
from scripts.setup_env.progress import Progress
from scripts.setup_env.steps import fingerprint, Runner, Step

Recorder = Callable[[str], Callable[[Log], None]]


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def record(ran: list[str]) -> Recorder:
    return lambda name: lambda log: ran.append(name)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / 'state', Progress(io.StringIO()))


def test_each_step_runs_after_those_it_needs_and_not_again(
    runner: Runner, record: Recorder, ran: list[str]
) -> None:
    steps = [
        Step('first', 'First', record('first')),
        Step('left', 'Left', record('left'), after=('first',)),
        Step('right', 'Right', record('right'), after=('first',)),
        Step('last', 'Last', record('last'), after=('left', 'right')),
    ]
    assert runner.run(steps) == 4
    assert ran[0] == 'first'
    assert set(ran[1:3]) == {'left', 'right'}
    assert ran[3] == 'last'
    assert runner.run(steps) == 0
    assert len(ran) == 4


def test_a_changed_input_redoes_what_depends_on_it(
    runner: Runner, record: Recorder, ran: list[str], tmp_path: Path
) -> None:
    sources = tmp_path / 'sources'
    sources.mkdir()
    (sources / 'one').write_text('1')
    steps = [
        Step('other', 'Other', record('other'), ('value',)),
        Step('built', 'Built', record('built'), (sources,)),
        Step('used', 'Used', record('used'), after=('built',)),
    ]
    runner.run(steps)
    ran.clear()
    (sources / 'two').write_text('2')
    assert runner.run(steps) == 2
    assert ran == ['built', 'used']


def test_a_run_after_a_failure_goes_on_from_there(
    runner: Runner, record: Recorder, ran: list[str]
) -> None:
    def fail(log: Log) -> None:
        raise SetupError('no network')

    def steps(second: Callable[[Log], None]) -> list[Step]:
        return [
            Step('first', 'First', record('first')),
            Step('second', 'Second', second, after=('first',)),
            Step('third', 'Third', record('third'), after=('second',)),
        ]

    with pytest.raises(SetupError, match='no network'):
        runner.run(steps(fail))
    assert ran == ['first']
    assert runner.run(steps(record('second'))) == 2
    assert ran == ['first', 'second', 'third']


def test_what_runs_beside_a_failing_step_is_kept(
    runner: Runner, record: Recorder, ran: list[str]
) -> None:
    both = threading.Barrier(2, timeout=30)

    def fail(log: Log) -> None:
        both.wait()
        raise SetupError('broken')

    def succeed(log: Log) -> None:
        both.wait()
        ran.append('good')

    with pytest.raises(SetupError, match='broken'):
        runner.run([Step('bad', 'Bad', fail), Step('good', 'Good', succeed)])
    assert runner.run([Step('bad', 'Bad', record('bad')), Step('good', 'Good', succeed)]) == 1
    assert ran == ['good', 'bad']


def test_a_failed_step_loses_the_stamp_it_had(runner: Runner, record: Recorder) -> None:
    def fail(log: Log) -> None:
        raise SetupError('broken')

    runner.run([Step('step', 'Step', record('step'), ('old',))])
    with pytest.raises(SetupError):
        runner.run([Step('step', 'Step', fail, ('new',))])
    assert runner.run([Step('step', 'Step', record('step'), ('old',))]) == 1


def test_values_and_their_order_are_told_apart(record: Recorder) -> None:
    run = record('step')
    prints = [
        fingerprint(Step('step', 'Step', run, inputs), {})
        for inputs in [('ab', 'c'), ('a', 'bc'), ('c', 'ab'), ()]
    ]
    assert len(set(prints)) == 4


def test_a_missing_input_is_an_error(record: Recorder, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fingerprint(Step('step', 'Step', record('step'), (tmp_path / 'absent',)), {})
