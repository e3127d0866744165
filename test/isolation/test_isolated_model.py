# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Whatever a model does to its process, this one gets an error that says so.

Spans ``isolation.isolated_model``, ``isolation.process_backend`` and ``isolation.model_child``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
import os
import threading
import time

import faults
import numpy as np
import pytest

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import (
    GroundingStoppedError,
    ModelEndedError,
    ModelError,
    ModelLoadError,
)
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.backend import queries_about
from kosmos_ros.core.model.prompts import describe_prompt
from kosmos_ros.core.types import GroundingRequest, Status, Task
from kosmos_ros.isolation.isolated_model import IsolatedModel
from kosmos_ros.isolation.process_backend import ProcessBackend

IMAGE = np.full((48, 64, 3), 128, np.uint8)
ENDS = {
    'segmentation fault': 'was ended by SIGSEGV',
    'abort': 'was ended by SIGABRT',
    'kill': 'was ended by SIGKILL, probably by the kernel for want of memory',
}
ERRORS = {'memory': 'MemoryError', 'fail': "KeyError: 'weights'"}
PANICS = {'panic': 'Panic: index out of range', 'exit': 'SystemExit: 3'}


@pytest.fixture(scope='module')
def model() -> Iterator[IsolatedModel]:
    with closing(IsolatedModel(ModelSettings('faultless'), faults.FACTORY)) as model:
        yield model


def alive(model: IsolatedModel, held: list[ProcessBackend] = []) -> ProcessBackend:  # noqa: B006
    """Return the backend, loaded anew if it has ended."""
    if not held or model.problem():
        held[:] = [model.load()]
    return held[0]


def locate(backend: ProcessBackend, phrase: str, should_stop=lambda: False) -> object:
    (frame,) = backend.encode([IMAGE])
    return backend.locate(queries_about(frame, [phrase]), 1, should_stop)


def test_it_answers_as_in_this_process(model: IsolatedModel) -> None:
    grounder = Grounder(alive(model))
    found = grounder.ground(IMAGE, GroundingRequest('the red cube'))
    assert found.status is Status.FOUND
    assert found.detections[0].box == faults.CUBE.boxes[0].box
    texts = []
    told = grounder.ground(
        IMAGE, GroundingRequest(task=Task.DESCRIBE), on_progress=lambda now: texts.append(now.text)
    )
    assert told.text == 'An image of a table.'
    assert texts[-1] == 'An image of a table.'
    assert len(texts) > 1


def test_images_of_any_strides_arrive_as_they_are_and_frames_tell_their_size(model) -> None:
    image = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    first, second = alive(model).encode([image[:, ::-1, ::-1], image[::2]])
    assert (first.nbytes, second.nbytes) == (6 * 8 * 3, 3 * 8 * 3)
    with pytest.raises(TypeError, match='frame of this backend'):
        alive(model).locate(queries_about(object(), ['a']), 1, lambda: False)


@pytest.mark.parametrize(('fault', 'how'), {**ENDS, **PANICS}.items())
def test_a_process_that_ends_while_answering_is_told_and_can_be_loaded_anew(
    model: IsolatedModel, fault: str, how: str
) -> None:
    with pytest.raises(ModelError, match=how) as error:
        locate(alive(model), fault)
    assert isinstance(error.value, ModelEndedError) is (fault in ENDS)
    deadline = time.monotonic() + 30
    while not model.problem():
        assert time.monotonic() < deadline
    assert locate(alive(model), 'the red cube')[0].boxes == faults.CUBE.boxes


@pytest.mark.parametrize(('fault', 'how'), ERRORS.items())
def test_an_error_is_no_end(model: IsolatedModel, fault: str, how: str) -> None:
    with pytest.raises(ModelError, match=how):
        locate(alive(model), fault)
    assert not model.problem()


@pytest.mark.parametrize(
    ('fault', 'how'),
    {**ENDS, **PANICS, **ERRORS, 'missing': 'there is no model.safetensors'}.items(),
)
def test_a_process_that_ends_while_loading_is_told(fault: str, how: str) -> None:
    with closing(IsolatedModel(ModelSettings(fault), faults.FACTORY)) as model:
        with pytest.raises(ModelError, match=how) as error:
            model.load()
        assert isinstance(error.value, ModelLoadError) is (fault == 'missing')
        assert isinstance(error.value, ModelEndedError) is (fault in ENDS)


@pytest.mark.parametrize('where', ['loading', 'answering'])
def test_what_holds_the_interpreters_lock_is_ended(where: str, model: IsolatedModel) -> None:
    is_loading = where == 'loading'
    mine = IsolatedModel(ModelSettings('hang'), faults.FACTORY) if is_loading else model
    backend = None if is_loading else alive(model)
    errors: list[Exception] = []
    stops: list[bool] = []

    def work() -> None:
        try:
            mine.load() if backend is None else locate(
                backend, 'hang', lambda: stops.append(True) or True
            )
        except ModelError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    deadline = time.monotonic() + 30
    # Neither does it stop when asked to, nor does loading go on.
    while not (mine.seconds_idle() > 0.5 and (stops or is_loading)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    mine.end('it hung')
    thread.join(30)
    assert [str(error) for error in errors] == ["the model's process was ended: it hung"]
    mine.close() if is_loading else None


def test_it_stops_when_asked_to(model: IsolatedModel) -> None:
    backend = alive(model)
    (frame,) = backend.encode([IMAGE])
    with pytest.raises(GroundingStoppedError):
        backend.generate(frame, describe_prompt(detailed=False), 9, lambda: True, print)
    with pytest.raises(ZeroDivisionError):
        backend.generate(
            frame, describe_prompt(detailed=False), 9, lambda: False, lambda _: 1 // 0
        )
    assert locate(backend, 'the red cube')[0].boxes


def test_frames_are_let_go_there_when_they_are_here(model: IsolatedModel) -> None:
    backend = alive(model)
    large = np.zeros((4000, 4000, 3), np.uint8)
    before = model.resident_bytes()
    for _ in range(20):
        frames = backend.encode([large])
        backend.locate(queries_about(frames[0], ['the red cube']), 1, lambda: False)
    assert model.resident_bytes() - before < 5 * large.nbytes


def test_images_that_the_model_keeps_are_not_written_over(model: IsolatedModel) -> None:
    backend = alive(model)
    frames = [backend.encode([np.full((2, 2, 3), grey, np.uint8)])[0] for grey in (10, 20, 30)]
    seen = backend.locate(queries_about(frames[0], ['grey']), 1, lambda: False)
    assert seen[0].existence == 10 / 255


def test_what_it_prints_is_logged(model: IsolatedModel, caplog: pytest.LogCaptureFixture) -> None:
    locate(alive(model), 'chatter')
    deadline = time.monotonic() + 30
    while "the model's process: another" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert "the model's process: one line" in caplog.text


def test_no_process_is_left_and_none_begun_when_it_is_closed(start_process) -> None:
    model = IsolatedModel(ModelSettings('faultless'), faults.FACTORY)
    model.load()
    pid = model._child.pid
    model.close()
    model.close()
    _wait_gone(pid)
    with pytest.raises(ModelEndedError):
        model.load()


def test_it_goes_with_the_process_that_started_it_even_while_it_hangs(start_process) -> None:
    parent = start_process(
        '-c',
        f'import sys; sys.path[:] = {os.sys.path!r}\n'
        'import faults\n'
        'from kosmos_ros.backends.settings import ModelSettings\n'
        'from kosmos_ros.isolation.isolated_model import IsolatedModel\n'
        'import threading, time\n'
        'model = IsolatedModel(ModelSettings("hang"), faults.FACTORY)\n'
        'threading.Thread(target=model.load).start()\n'
        'while model.seconds_idle() < 0.5: time.sleep(0.01)\n'
        'print("child", model._child.pid, flush=True)\n'
        'time.sleep(3600)\n',
    )
    pid = int(parent.wait_for_output(r'child (\d+)\n')[1])
    os.kill(parent.pid, 9)
    _wait_gone(pid)


def _wait_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while _runs(pid):
        assert time.monotonic() < deadline, f'{pid} is left'
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    try:
        with open(f'/proc/{pid}/stat') as stat:
            return stat.read().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False
