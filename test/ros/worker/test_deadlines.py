# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Deadlines are kept in their order, by one thread, and let go of when they are cancelled."""

from __future__ import annotations

from collections.abc import Iterator
import gc
import queue
import threading
import weakref

import pytest

from kosmos_ros.ros.worker.deadlines import AlarmClock


@pytest.fixture
def clock() -> Iterator[AlarmClock]:
    clock = AlarmClock()
    yield clock
    clock.close()


@pytest.fixture
def rung() -> queue.Queue[object]:
    return queue.Queue()


def test_alarms_ring_in_the_order_of_their_times(clock: AlarmClock, rung: queue.Queue) -> None:
    for seconds in (0.3, 0.1, 0.2):
        clock.set(seconds, lambda seconds=seconds: rung.put(seconds))
    assert [rung.get(timeout=30) for _ in range(3)] == [0.1, 0.2, 0.3]


def test_an_earlier_alarm_is_not_slept_over(clock: AlarmClock, rung: queue.Queue) -> None:
    clock.set(3600.0, lambda: rung.put('late'))
    clock.set(0.05, lambda: rung.put('early'))
    assert rung.get(timeout=30) == 'early'


@pytest.mark.parametrize('seconds', [1e12, 1e300, float('inf')])
def test_no_alarm_is_too_far_away(clock: AlarmClock, rung: queue.Queue, seconds: float) -> None:
    clock.set(seconds, lambda: rung.put('far'))
    with pytest.raises(queue.Empty):
        rung.get(timeout=0.1)
    clock.set(0.05, lambda: rung.put('near'))
    assert rung.get(timeout=30) == 'near'
    assert rung.empty()


def test_one_thread_rings_them_all(clock: AlarmClock, rung: queue.Queue) -> None:
    for _ in range(20):
        clock.set(0.01, lambda: rung.put(threading.get_ident()))
    threads = {rung.get(timeout=30) for _ in range(20)}
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_what_is_cancelled_does_not_ring(clock: AlarmClock, rung: queue.Queue) -> None:
    cancel = clock.set(0.05, lambda: rung.put('cancelled'))
    clock.set(0.1, lambda: rung.put('other'))
    cancel()
    cancel()
    assert rung.get(timeout=30) == 'other'
    assert rung.empty()


def test_what_is_cancelled_is_not_held(clock: AlarmClock) -> None:
    class Image:
        def ring(self) -> None:
            """Do nothing."""

    clock.set(1000.0, lambda: None)
    image = Image()
    cancel = clock.set(3600.0, image.ring)
    held = weakref.ref(image)
    cancel()
    del image
    gc.collect()
    assert held() is None


def test_an_alarm_that_fails_leaves_the_others(
    clock: AlarmClock, rung: queue.Queue, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set(0.01, lambda: 1 / 0)
    clock.set(0.05, lambda: rung.put('next'))
    assert rung.get(timeout=30) == 'next'
    assert 'an alarm failed' in caplog.text


def test_a_closed_clock_is_silent(rung: queue.Queue) -> None:
    clock = AlarmClock()
    clock.set(0.05, lambda: rung.put('closed'))
    clock.close()
    clock.set(0.0, lambda: rung.put('closed'))
    with pytest.raises(queue.Empty):
        rung.get(timeout=0.2)
