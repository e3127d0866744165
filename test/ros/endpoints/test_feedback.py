# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""News of an answer: the newest wins, the last one always comes, the model never waits."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from kosmos_ros.ros.endpoints import feedback
from kosmos_ros.ros.endpoints.feedback import FeedbackStream
from kosmos_ros.ros.executor.waiting import Signal


@pytest.fixture
def clock(steady_clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feedback, 'time', steady_clock)
    return steady_clock


def test_what_comes_too_fast_is_left_out_but_for_the_last(rig, clock) -> None:
    rig.node('grounding')
    published: list[int] = []
    stream = FeedbackStream(published.append, rig.executor)
    task = rig.executor.create_task(stream.run)
    stream.put(1)
    rig.spin_until(lambda: published == [1])
    for number in (2, 3):
        stream.put(number)
        rig.executor.spin_once(timeout_sec=0.01)
    assert published == [1]
    clock.now += feedback.PERIOD
    stream.put(4)
    rig.spin_until(lambda: published == [1, 4])
    stream.put(5)
    stream.put(6)
    stream.end()
    rig.spin_until(task.done)
    assert published == [1, 4, 6]


def test_another_thread_tells_and_never_waits(rig) -> None:
    rig.node('grounding')
    published: list[int] = []
    stream = FeedbackStream(published.append, rig.executor)
    task = rig.executor.create_task(stream.run)

    def write() -> None:
        for number in range(20_000):
            stream.put(number)
        stream.end()

    # Nobody publishes meanwhile: it would never end if it had to wait.
    writer = threading.Thread(target=write)
    writer.start()
    writer.join(60.0)
    assert not writer.is_alive()
    rig.spin_until(task.done)
    assert published == [19_999]


def test_nothing_is_published_of_an_answer_without_news(rig) -> None:
    rig.node('grounding')
    published: list[object] = []
    stream = FeedbackStream(published.append, rig.executor)
    task = rig.executor.create_task(stream.run)
    stream.end()
    rig.spin_until(task.done)
    assert published == []


def test_a_signal_wakes_a_sleeping_executor_each_time(rig) -> None:
    rig.node('grounding')
    signal = Signal(rig.executor)
    woken = SimpleNamespace(times=0)

    async def wait() -> None:
        for _ in range(3):
            await signal.wait()
            woken.times += 1

    task = rig.executor.create_task(wait)
    for times in range(3):
        rig.spin_until(lambda times=times: woken.times == times)
        timer = threading.Timer(0.05, signal.give)
        timer.start()
        rig.executor.spin_once(timeout_sec=20.0)
        timer.join()
    rig.spin_until(task.done)
    assert woken.times == 3
