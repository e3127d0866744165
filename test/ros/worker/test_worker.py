# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The thread that owns the model: loading, order, bounds, idle work, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
import threading
import time
from types import SimpleNamespace

import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.errors import ModelEndedError, ModelError, ModelLoadError
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import HeldUpError, RefusedError
from kosmos_ros.ros.worker import retries
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.model_source import InProcess
from kosmos_ros.ros.worker.queue import JobQueue
from kosmos_ros.ros.worker.worker import Worker, WorkerState

LONG = 60.0


class Gate:
    """A job that says when it runs and goes on when it is told to."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.leave = threading.Event()
        self.job = Job(self._run, LONG)

    def _run(self, _: object, should_stop: Callable[[], bool]) -> str:
        self.entered.set()
        while not (self.leave.is_set() or should_stop()):
            self.leave.wait(0.005)
        return 'left'


class Workers(list):
    """Makes workers that are closed at the end of the test."""

    def __call__(self, load=ScriptedBackend, queue_size: int = 8) -> Worker:
        self.append(Worker(InProcess(load), JobQueue(queue_size)))
        return self[-1]


@pytest.fixture
def make_worker() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    for worker in workers:
        worker.close(5.0)


@pytest.fixture
def worker(make_worker: Workers) -> Worker:
    worker = make_worker(queue_size=3)
    worker.start()
    wait_for(lambda: worker.state is WorkerState.READY)
    worker.resume()
    return worker


def wait_for(condition: Callable[[], object], timeout: float = 30.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, 'it did not come to pass'
        time.sleep(0.002)


def quick(result: object = None) -> Job[object]:
    return Job(lambda *_: result, LONG)


def refusal(worker: Worker) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        worker.submit(quick())
    return error.value


def test_all_jobs_run_in_one_thread_of_their_own(worker: Worker) -> None:
    threads = {
        worker.submit(Job(lambda *_: threading.get_ident(), LONG)).result(30) for _ in range(5)
    }
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


def test_jobs_run_in_their_order(worker: Worker) -> None:
    gate, done = Gate(), []
    worker.submit(gate.job)
    assert gate.entered.wait(30)
    futures = [
        worker.submit(Job(lambda *_, number=number: done.append(number), LONG))
        for number in range(3)
    ]
    gate.leave.set()
    for future in futures:
        future.result(30)
    assert done == [0, 1, 2]


def test_a_full_queue_refuses_at_once(worker: Worker) -> None:
    gate = Gate()
    worker.submit(gate.job)
    assert gate.entered.wait(30)
    waiting = [worker.submit(quick(number)) for number in range(3)]
    assert worker.waiting() == 3
    error = refusal(worker)
    assert (error.status, str(error)) == (Status.BUSY, '3 requests are waiting already; try later')
    gate.leave.set()
    assert [future.result(30) for future in waiting] == [0, 1, 2]


def test_jobs_that_are_over_make_room(worker: Worker) -> None:
    gate = Gate()
    worker.submit(gate.job)
    assert gate.entered.wait(30)
    waiting = [quick(), quick(), quick()]
    for job in waiting:
        worker.submit(job)
    waiting[1].fail(RefusedError(Status.TIMEOUT, 'over'))
    late = worker.submit(quick('late'))
    gate.leave.set()
    assert late.result(30) == 'late'


def test_a_blocked_job_lets_the_others_pass(worker: Worker) -> None:
    reason: RefusedError | None = RefusedError(Status.NO_IMAGE, 'not yet')
    blocked = worker.submit(Job(lambda *_: 'at last', LONG, blocked=lambda: reason))
    assert worker.submit(quick('passed')).result(30) == 'passed'
    assert not blocked.done()
    reason = None
    worker.notify()
    assert blocked.result(30) == 'at last'


def test_an_error_in_a_job_ends_the_job_only(worker: Worker) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        worker.submit(Job(fail, LONG)).result(30)
    assert worker.submit(quick('next')).result(30) == 'next'


def test_before_the_model_is_loaded_nothing_is_taken(make_worker: Workers) -> None:
    go_on = threading.Event()

    def load() -> ScriptedBackend:
        go_on.wait(30)
        return ScriptedBackend()

    worker = make_worker(load)
    worker.start()
    error = refusal(worker)
    assert error.status is Status.NOT_READY
    assert 'loading' in str(error)
    go_on.set()
    wait_for(lambda: worker.state is WorkerState.READY)
    assert worker.facts.name == 'scripted'
    worker.resume()
    assert worker.submit(quick(1)).result(30) == 1


def test_a_backend_may_tell_device_and_precision(make_worker: Workers) -> None:
    class Precise(ScriptedBackend):
        loaded = SimpleNamespace(device='cpu', precision='int8, 2 threads')

    for load, told in ((Precise, ('cpu', 'int8, 2 threads')), (ScriptedBackend, ('', ''))):
        worker = make_worker(load)
        worker.start()
        wait_for(lambda worker=worker: worker.state is WorkerState.READY)
        assert (worker.facts.device, worker.facts.precision) == told


def test_a_model_without_a_calibration_is_told_once_with_the_command(
    make_worker: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    worker = make_worker(lambda: ScriptedBackend(calibration=Calibration()))
    worker.start()
    wait_for(lambda: worker.state is WorkerState.READY)
    worker._note_loaded(ScriptedBackend(calibration=Calibration()))
    told = [record.message for record in caplog.records if 'not calibrated' in record.message]
    assert len(told) == 1
    assert 'kosmos-ros calibrate coco --folder LABELLED_IMAGES --model scripted' in told[0]


def test_a_calibrated_model_is_not_told(
    make_worker: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    worker = make_worker()
    worker.start()
    wait_for(lambda: worker.state is WorkerState.READY)
    assert 'not calibrated' not in caplog.text


def test_a_model_that_cannot_be_loaded_is_named_in_every_refusal(make_worker: Workers) -> None:
    def load() -> ScriptedBackend:
        raise ModelLoadError('model.safetensors is truncated')

    worker = make_worker(load)
    worker.start()
    wait_for(lambda: worker.state is WorkerState.FAILED)
    error = refusal(worker)
    assert error.status is Status.MODEL_ERROR
    assert 'model.safetensors is truncated' in str(error)


class Idle:
    """Idle work that is there when ``due`` is set, and counts."""

    def __init__(self) -> None:
        self.due = threading.Event()
        self.done = 0

    def next_job(self) -> Job[object] | None:
        if not self.due.is_set():
            return None
        return Job(self._run, LONG)

    def seconds_until_due(self) -> float:
        return 0.002

    def _run(self, *_: object) -> None:
        self.done += 1


def test_idle_work_is_done_between_jobs_and_never_before_them(make_worker: Workers) -> None:
    idle, worker = Idle(), make_worker()
    worker.start(idle)
    worker.resume()
    wait_for(lambda: worker.state is WorkerState.READY)
    gate = Gate()
    worker.submit(gate.job)
    assert gate.entered.wait(30)
    idle.due.set()
    seen = []
    futures = [worker.submit(Job(lambda *_: seen.append(idle.done), LONG)) for _ in range(4)]
    gate.leave.set()
    for future in futures:
        future.result(30)
    assert seen == [0, 0, 0, 0]
    wait_for(lambda: idle.done > 3)


def test_idle_work_that_fails_is_no_end_of_the_worker_in_silence(make_worker: Workers) -> None:
    class Broken(Idle):
        def next_job(self) -> None:
            raise KeyError('broken')

    worker = make_worker()
    worker.start(Broken())
    worker.resume()
    wait_for(lambda: worker.state is WorkerState.FAILED)
    assert 'broken' in str(refusal(worker))


def test_closing_cancels_who_waits_and_stops_the_model(worker: Worker) -> None:
    gate = Gate()
    running = worker.submit(gate.job)
    assert gate.entered.wait(30)
    waiting = worker.submit(quick())
    assert worker.close(30.0)
    for future in (running, waiting):
        with pytest.raises(RefusedError, match='shutting down') as error:
            future.result(0)
        assert error.value.status is Status.CANCELLED
    assert refusal(worker).status is Status.CANCELLED


def test_a_model_that_does_not_stop_is_told(worker: Worker) -> None:
    hang = threading.Event()
    # Long enough for the job to begin on a busy machine.
    hanging = Job(lambda *_: hang.wait(60), 2.0)
    with pytest.raises(RefusedError, match='still at it'):
        worker.submit(hanging).result(30)
    wait_for(lambda: worker.seconds_overdue() > 0)
    assert not worker.close(0.05)
    hang.set()
    assert worker.close(30.0)


class DeafBackend(ScriptedBackend):
    """Hangs in its first answer until it is let go, whatever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.let_go = threading.Event(), threading.Event()

    def hang(self, *_: object) -> str:
        self.entered.set()
        self.let_go.wait(60)
        return 'late'


@pytest.fixture
def deaf() -> Iterator[list[DeafBackend]]:
    """Collect the backends that were loaded; they are let go at the end."""
    loaded: list[DeafBackend] = []
    yield loaded
    for backend in loaded:
        backend.let_go.set()


def hang(worker: Worker, loaded: list[DeafBackend], timeout: float = LONG) -> Future[object]:
    """Have the newest backend hang in a job."""
    wait_for(lambda: worker.state is WorkerState.READY)
    future = worker.submit(Job(lambda backend, _: backend.hang(), timeout))
    assert loaded[-1].entered.wait(30)
    return future


def load_deaf(loaded: list[DeafBackend]) -> DeafBackend:
    loaded.append(DeafBackend())
    return loaded[-1]


class EndableSource:
    """A model that can be ended, as one in a process of its own; loads what is in ``loads``."""

    def __init__(self, *loads: BaseException | None) -> None:
        self.loads = list(loads)
        self.loaded = 0
        self.idle = 0.0
        self.entered, self.ended = threading.Event(), threading.Event()
        self.reason = ''

    def load(self) -> ScriptedBackend:
        self.loaded += 1
        self.ended.clear()
        self.reason = ''
        error = self.loads.pop(0) if self.loads else None
        if error is not None:
            raise error
        return ScriptedBackend()

    def hang(self, *_: object) -> None:
        self.entered.set()
        self.ended.wait(60)
        raise ModelEndedError(self.reason)

    def problem(self) -> str:
        return self.reason

    def seconds_idle(self) -> float:
        return self.idle

    def resident_bytes(self) -> int:
        return 0

    def end(self, reason: str) -> None:
        self.reason = reason
        self.ended.set()

    def close(self) -> None:
        self.end('closed')


class HangingSource(EndableSource):
    """Hangs while it loads."""

    def load(self) -> ScriptedBackend:
        super().load()
        self.hang()
        raise AssertionError


@pytest.fixture
def start_source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Worker]]:
    monkeypatch.setattr(retries, 'SHORTEST_PAUSE', 0.01)
    workers = []

    def start(source: EndableSource) -> Worker:
        workers.append(Worker(source, JobQueue(3)))
        workers[-1].start()
        workers[-1].resume()
        return workers[-1]

    yield start
    for worker in workers:
        assert worker.close(5.0)


def test_a_hung_model_is_ended_and_loaded_anew_while_jobs_wait(start_source) -> None:
    source = EndableSource()
    worker = start_source(source)
    assert worker.wait_loaded() is WorkerState.READY
    hung = worker.submit(Job(source.hang, 0.2))
    waiting = worker.submit(quick('waited'))
    with pytest.raises(RefusedError, match='still at it'):
        hung.result(30)
    wait_for(lambda: worker.seconds_overdue() > 0)
    for patience in (0.0, LONG):
        worker.watch(patience)
        assert source.loaded == 1
    worker.watch(1e-9)
    assert waiting.result(30) == 'waited'
    assert (source.loaded, worker.restarts) == (2, 1)
    assert 'it hung, ' in worker.problem
    assert worker.state is WorkerState.READY


def test_a_model_that_ended_in_a_job_or_between_is_loaded_anew(start_source) -> None:
    source = EndableSource()
    worker = start_source(source)
    assert worker.wait_loaded() is WorkerState.READY
    failing = worker.submit(Job(source.hang, LONG))
    assert source.entered.wait(30)
    source.end('it crashed')
    with pytest.raises(ModelEndedError, match='it crashed'):
        failing.result(30)
    wait_for(lambda: worker.restarts == 1 and worker.state is WorkerState.READY)
    source.end('in its sleep')
    worker.watch(0.0)
    wait_for(lambda: worker.restarts == 2 and worker.state is WorkerState.READY)
    assert worker.problem == 'in its sleep'
    # By now it has served, so that anything may be wrong with it for a while.
    source.loads = [ModelLoadError('the disk is away'), ModelEndedError('again'), KeyError('b')]
    source.end('out of memory')
    worker.watch(0.0)
    wait_for(lambda: worker.restarts == 6 and worker.state is WorkerState.READY)
    assert worker.submit(quick('at last')).result(30) == 'at last'


def test_while_the_model_is_loaded_anew_callers_are_told_why(start_source, monkeypatch) -> None:
    monkeypatch.setattr(retries, 'SHORTEST_PAUSE', LONG)
    source = EndableSource()
    worker = start_source(source)
    assert worker.wait_loaded() is WorkerState.READY
    hung = worker.submit(Job(source.hang, LONG))
    waiting = worker.submit(Job(lambda *_: None, 0.3))
    assert source.entered.wait(30)
    source.end('it crashed')
    with pytest.raises(ModelEndedError):
        hung.result(30)
    with pytest.raises(RefusedError, match=r'within 0.3 s: the model is being loaded anew'):
        waiting.result(30)
    error = refusal(worker)
    assert error.status is Status.NOT_READY
    assert '(it crashed)' in str(error)


def test_what_never_loads_is_tried_a_few_times(start_source) -> None:
    ended = ModelEndedError('out of memory')
    source = EndableSource(ended, ended)
    assert start_source(source).wait_loaded() is WorkerState.READY
    assert source.loaded == retries.FIRST_ATTEMPTS
    for errors, loaded in (([ended] * 9, 3), ([ModelLoadError('none')] * 9, 1)):
        source = EndableSource(*errors)
        worker = start_source(source)
        assert worker.wait_loaded() is WorkerState.FAILED
        assert source.loaded == loaded
        assert str(errors[0]) in worker.problem


def test_loading_that_makes_no_progress_fails(start_source) -> None:
    source = HangingSource()
    worker = start_source(source)
    wait_for(lambda: source.loaded)
    source.idle = 5.0
    for patience in (0.0, LONG):
        worker.watch(patience)
        assert worker.state is WorkerState.LOADING
    worker.watch(1.0)
    assert worker.wait_loaded() is WorkerState.FAILED
    assert 'no progress for 5 s' in worker.problem
    assert source.loaded == 1


def test_closing_ends_a_model_that_hangs_and_one_that_loads(start_source) -> None:
    source = EndableSource()
    worker = start_source(source)
    assert worker.wait_loaded() is WorkerState.READY
    worker.submit(Job(source.hang, LONG))
    assert source.entered.wait(30)
    assert worker.close(0.05)
    worker = start_source(HangingSource())
    assert worker.close(LONG)
    assert worker.wait_loaded() is WorkerState.CLOSED


class PanicError(BaseException):
    """What libraries in other languages raise."""


def test_a_panic_ends_neither_thread_nor_caller_in_silence(make_worker: Workers) -> None:
    def panic(*_: object) -> None:
        raise PanicError('index out of range')

    worker = make_worker(queue_size=3)
    worker.start()
    assert worker.wait_loaded() is WorkerState.READY
    worker.resume()
    with pytest.raises(ModelError, match='PanicError: index out of range'):
        worker.submit(Job(panic, LONG)).result(30)
    wait_for(lambda: worker.state is WorkerState.FAILED)
    assert 'PanicError' in str(refusal(worker))
    worker = make_worker(panic)
    worker.start()
    assert worker.wait_loaded() is WorkerState.FAILED


def test_pausing_cancels_everybody_and_the_model_stays_loaded(worker: Worker) -> None:
    gate = Gate()
    running = worker.submit(gate.job)
    assert gate.entered.wait(30)
    waiting = worker.submit(quick())
    assert worker.pause(30.0)
    for future in (running, waiting):
        with pytest.raises(RefusedError, match='being deactivated') as error:
            future.result(0)
        assert error.value.status is Status.CANCELLED
    assert refusal(worker).status is Status.NOT_READY
    assert worker.state is WorkerState.READY
    worker.resume()
    assert worker.submit(quick('again')).result(30) == 'again'


def test_pausing_a_deaf_model_ends_in_time_and_its_result_is_dropped(deaf) -> None:
    worker = Worker(InProcess(lambda: load_deaf(deaf)), JobQueue(3))
    worker.start()
    worker.resume()
    hung = hang(worker, deaf)
    assert not worker.pause(0.01)
    with pytest.raises(RefusedError, match='being deactivated'):
        hung.result(0)
    worker.resume()
    later = worker.submit(quick('later'))
    deaf[0].let_go.set()
    assert later.result(30) == 'later'
    assert worker.close(30.0)


def test_while_paused_no_idle_work_is_done(make_worker: Workers) -> None:
    idle, worker = Idle(), make_worker()
    idle.due.set()
    worker.start(idle)
    assert worker.wait_loaded() is WorkerState.READY
    worker.resume()
    wait_for(lambda: idle.done)
    assert worker.pause(30.0)
    done = idle.done
    time.sleep(0.02)
    assert idle.done == done


def test_a_worker_can_be_closed_before_it_starts_and_while_it_loads(make_worker: Workers) -> None:
    loads = []
    worker = make_worker(lambda: loads.append('load') or ScriptedBackend())
    assert worker.close(1.0)
    worker.start()
    assert worker.wait_loaded() is WorkerState.CLOSED
    assert worker.close(30.0)
    assert loads == []
    begun, go_on = threading.Event(), threading.Event()

    def load() -> ScriptedBackend:
        begun.set()
        go_on.wait(30)
        return ScriptedBackend()

    worker = make_worker(load)
    worker.start()
    assert begun.wait(30)
    assert not worker.close(0.01)
    go_on.set()
    assert worker.close(30.0)
    assert worker.state is WorkerState.CLOSED


class HeldUp:
    """A job that is held up a few times, until what it needs is there."""

    def __init__(self) -> None:
        self.runs = 0
        self.is_there = False
        reason = RefusedError(Status.NO_IMAGE, 'the image is damaged')
        self.job = Job(self._run, LONG, blocked=lambda: None if self.is_there else reason)
        self._reason = reason

    def _run(self, *_: object) -> str:
        self.runs += 1
        if self.runs < 3:
            self.is_there = False
            raise HeldUpError(self._reason)
        return 'done'


def test_a_job_that_is_held_up_waits_and_lets_others_pass(worker: Worker) -> None:
    held_up = HeldUp()
    future = worker.submit(held_up.job)
    for runs in (1, 2, 3):
        assert worker.submit(Job(lambda *_: 'passed', LONG)).result(30) == 'passed'
        held_up.is_there = True
        worker.notify()
        wait_for(lambda runs=runs: held_up.runs == runs)
        if runs < 3:
            wait_for(lambda: worker.waiting() == 1)
            assert not future.done()
    assert future.result(30) == 'done'


def test_idle_work_that_is_held_up_fails_with_the_reason(make_worker: Workers) -> None:
    held_up = HeldUp()
    idle = SimpleNamespace(
        next_job=lambda: held_up.job if not held_up.runs else None, seconds_until_due=lambda: None
    )
    worker = make_worker()
    worker.start(idle)
    wait_for(lambda: worker.state is WorkerState.READY)
    worker.resume()
    with pytest.raises(RefusedError, match='the image is damaged'):
        held_up.job.future.result(30)


def test_a_job_that_is_held_up_is_cancelled_with_the_others(worker: Worker) -> None:
    held_up = HeldUp()
    held_up.is_there = True
    future = worker.submit(held_up.job)
    wait_for(lambda: held_up.runs == 1 and worker.waiting() == 1)
    assert worker.pause(30.0)
    with pytest.raises(RefusedError, match='deactivated'):
        future.result(30)
