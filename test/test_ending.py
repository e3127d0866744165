# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Programs end by signals soon, with a status, without a traceback, and nobody is left behind.

Spans ``ending``, ``__main__`` and ``scripts.signal_moments``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
import signal
from typing import Any

import pytest

from scripts.signal_moments import end_after, material, PROGRAMS

SEED = 20260101
LIMIT = 30.0
"""Seconds; how long it takes says more about the machine here, ``signal_moments`` measures it."""


@pytest.mark.parametrize('program', PROGRAMS)
def test_a_signal_at_any_moment_ends_it(program: str, ros_domain: int, tmp_path: Path) -> None:
    names = material(tmp_path)
    command = [part.format(**names) for part in PROGRAMS[program]]
    random = Random(f'{SEED} {program}')
    for number, latest in ((signal.SIGINT, 0.3), (signal.SIGTERM, 8.0)):
        ending = end_after(random.uniform(0.0, latest), number, command, tmp_path / 'log', LIMIT)
        assert not ending.objections(LIMIT)


STEPS = """
import signal, sys, threading, time
from kosmos_ros import ending
{begin}
print('ready', flush=True)
{work}
"""


@pytest.fixture
def started(start_process: Callable[..., Any]) -> Callable[..., Any]:
    """
    Start a program that begins and works in some way, and wait until it does.

    :param ready: what it prints by then, which a program that is to be in the midst of something
        prints itself: a signal could come before.
    """

    def start(begin: str, work: str, ready: str = 'ready') -> Any:
        process = start_process('-c', STEPS.format(begin=begin, work=work))
        process.wait_for_output(ready)
        return process

    return start


@pytest.mark.parametrize(('number', 'status'), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_at_once(started: Callable[..., Any], number: signal.Signals, status: int) -> None:
    process = started('ending.end_at_once()', 'time.sleep(600)')
    process.signal(number)
    assert process.wait() == status
    assert process.output == 'ready\ninterrupted\n'


@pytest.mark.parametrize(('number', 'status'), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_in_order_and_with_no_word_about_what_that_breaks(
    started: Callable[..., Any], number: signal.Signals, status: int
) -> None:
    work = """
def main():
    try:
        print('at work', flush=True)
        time.sleep(600)
    except KeyboardInterrupt:
        raise RuntimeError('because of that')
    finally:
        print('cleaned up')
ending.run_program(main)
"""
    process = started('ending.end_in_order()', work, 'at work')
    process.signal(number)
    assert process.wait() == status
    assert process.output == 'ready\nat work\ncleaned up\n'


def test_who_does_not_come_to_an_end_is_ended(started: Callable[..., Any]) -> None:
    process = started('ending.end_by(lambda _: print("heard"), 0)', 'while True: time.sleep(1)')
    process.signal(signal.SIGTERM)
    process.wait_for_output('heard')
    process.signal(signal.SIGINT)  # impatiently
    assert process.wait() == 0
    assert process.output == 'ready\nheard\n'


def test_the_kernel_ends_what_python_cannot(started: Callable[..., Any]) -> None:
    # A call by PyDLL keeps all other Python code, such as handlers, from running.
    work = """
import ctypes
with ending.kernel_ends():
    print('loading', flush=True)
    while True:
        ctypes.PyDLL(None).sleep(600)
"""
    process = started('ending.end_in_order()', work, 'loading')
    process.signal(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_handlers_of_others_are_left_alone(started: Callable[..., Any]) -> None:
    begin = 'signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))'
    process = started(begin, 'with ending.kernel_ends():\n    time.sleep(600)')
    process.signal(signal.SIGTERM)
    assert process.wait() == 7


def test_an_error_without_a_signal_is_shown(started: Callable[..., Any]) -> None:
    process = started('ending.end_in_order()', 'ending.run_program(lambda: 1 / 0)')
    assert process.wait() == 1
    assert 'ZeroDivisionError' in process.output


@pytest.mark.parametrize(('code', 'status'), [('None', 0), ('4', 4), ('"why"', 1)])
def test_statuses_are_those_of_sys_exit(
    started: Callable[..., Any], code: str, status: int
) -> None:
    process = started('import atexit; atexit.register(print, "left")',
                      f'ending.run_program(lambda: sys.exit({code}))')  # fmt: skip
    assert process.wait() == status
    assert process.output.split() == ['ready', *(['why'] if status == 1 else []), 'left']


def test_a_process_that_ends_does_so_at_once_and_loses_no_output(
    start_process: Callable[..., Any],
) -> None:
    process = start_process(
        '-c',
        'import atexit, sys\n'
        'from kosmos_ros.ending import end_process\n'
        'atexit.register(print, "taken apart")\n'
        'print("bye", end="")\n'
        'print("ouch", end="", file=sys.stderr)\n'
        'end_process(3)',
    )
    assert process.wait() == 3
    assert sorted(process.output) == sorted('byeouch')


def test_who_cleans_up_knows_how_long_it_may_take(started: Callable[..., Any]) -> None:
    work = """
assert ending.seconds_left() > 1e9
try:
    print('at work', flush=True)
    time.sleep(600)
finally:
    print(f'{ending.seconds_left():.3f} left', flush=True)
"""
    process = started('ending.end_in_order()', work, 'at work')
    process.signal(signal.SIGINT)
    left = float(process.wait_for_output(r'([-.\d]+) left').group(1))
    assert left <= 1.5
