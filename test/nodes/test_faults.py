# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Whatever a model does, the node answers, tells, and goes on.

Spans ``nodes.grounding_node`` and ``isolation``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import os
from pathlib import Path
import signal
import time

from builtin_interfaces.msg import Duration
from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground
import pytest

FAULTY_NODE = Path(__file__).resolve().parents[1] / 'isolation' / 'faulty_node.py'

MODEL_ERROR, TIMEOUT = Grounding.STATUS_MODEL_ERROR, Grounding.STATUS_TIMEOUT
ERROR, OK = DiagnosticStatus.ERROR, DiagnosticStatus.OK
ENDS = {
    'segmentation fault': 'SIGSEGV',
    'abort': 'SIGABRT',
    'kill': 'by the kernel for want of memory',
    'panic': 'Panic: index out of range',
}


@pytest.fixture
def start_faulty(start_process) -> Callable[..., object]:
    def start(**parameters: object) -> object:
        arguments = [FAULTY_NODE, '--ros-args']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={value}']
        return start_process(*arguments)

    return start


def children(pid: int) -> set[int]:
    """Return the processes that a process has started and that live."""
    found = set()
    for stat in Path('/proc').glob('[0-9]*/stat'):
        with suppress(OSError):
            state, parent = stat.read_text().rpartition(')')[2].split()[:2]
            if int(parent) == pid and state != 'Z':
                found.add(int(stat.parent.name))
    return found


def wait_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + 30
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < deadline, f'{pids} are left'
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


def test_a_model_that_dies_or_hangs_while_answering_is_replaced(start_faulty, robot) -> None:
    node = start_faulty(hang_timeout=3.0)
    robot.film()
    robot.ask_until(Grounding.STATUS_FOUND)
    for restarts, (fault, how) in enumerate(ENDS.items(), 1):
        failed = robot.ask(fault).grounding
        assert (failed.status, how in failed.status_message) == (MODEL_ERROR, True), failed
        robot.ask_until(Grounding.STATUS_FOUND)
        robot.wait_until(lambda count=restarts: robot.value('model', 'restarts') == str(count))
    robot.wait_until(lambda: robot.status('model').level == OK)
    hung = robot.ask('hang', timeout=Duration(nanosec=300_000_000)).grounding
    assert (hung.status, 'still at it' in hung.status_message) == (TIMEOUT, True)
    robot.ask_until(Grounding.STATUS_FOUND)
    robot.wait_until(lambda: 'it hung' in robot.value('model', 'latest problem'))
    # While nobody asks anything, too.
    (child,) = children(node.pid)
    os.kill(child, signal.SIGKILL)
    robot.wait_until(lambda: robot.value('model', 'restarts') == str(len(ENDS) + 2))
    robot.ask_until(Grounding.STATUS_FOUND)
    assert robot.state() == 'active'
    left = children(node.pid)
    assert node.interrupt() == 0
    wait_gone(left)
    assert node.output.count('Traceback') == 1  # of the panic


def test_a_model_that_dies_or_hangs_while_loading_makes_configuring_fail(
    start_faulty, robot
) -> None:
    node = start_faulty(autostart=False, hang_timeout=3.0)
    for fault, how in {**ENDS, 'hang': 'loading has made no progress'}.items():
        assert robot.set_parameter('model', fault).successful
        assert not robot.transition('configure')
        assert how in robot.ask().grounding.status_message
        robot.wait_until(lambda how=how: how in robot.status('model').message)
        assert robot.status('model').level == ERROR
        wait_gone(children(node.pid))
    assert robot.set_parameter('hang_timeout', 0.0).successful
    for label, state in (('cleanup', 'unconfigured'), ('shutdown', 'finalized')):
        configuring = robot.begin_transition('configure')
        robot.wait_until(lambda: robot.state() == 'configuring' and children(node.pid))
        assert robot.transition(label)
        robot.wait_until(configuring.done)
        assert (configuring.result().success, robot.state()) == (False, state)
        wait_gone(children(node.pid))
        if state == 'unconfigured':
            assert robot.set_parameter('model', 'faultless').successful
            assert robot.transition('configure')
            assert robot.transition('cleanup')
            assert robot.set_parameter('model', 'hang').successful


@pytest.mark.parametrize('where', ['loading', 'answering'])
def test_a_model_that_hangs_keeps_the_node_from_no_end(start_faulty, robot, where: str) -> None:
    node = start_faulty(model='hang' if where == 'loading' else 'faultless')
    if where == 'answering':
        robot.film()
        robot.ask_until(Grounding.STATUS_FOUND)
        robot.ask('hang', timeout=Duration(nanosec=300_000_000))
        pending = robot.ground.call_async(Ground.Request(query='the red cube'))
        robot.wait_until(lambda: robot.value('requests', 'waiting') == '1')
    else:
        robot.wait_until(lambda: children(node.pid))
    left = children(node.pid)
    assert len(left) == 1
    assert node.interrupt() == 0
    wait_gone(left)
    if where == 'answering':
        robot.wait_until(pending.done)
        assert pending.result().grounding.status == Grounding.STATUS_CANCELLED


def test_a_killed_node_leaves_no_process(start_faulty, robot) -> None:
    node = start_faulty(model='hang')
    robot.wait_until(lambda: children(node.pid))
    left = children(node.pid)
    os.kill(node.pid, signal.SIGKILL)
    node.wait()
    wait_gone(left)
