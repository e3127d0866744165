# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.demo.session``: what is kept when the demo cannot go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image
import pytest

pytest.importorskip('kosmos_ros_msgs', reason='needs ROS and the interfaces')

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.types import Grounding, Status
from kosmos_ros.demo import session
from kosmos_ros.demo.client import CameraView, CheckedImage
from kosmos_ros.demo.truth import Truth


@dataclass
class FakeSystem:
    """How many answers are left, and what the camera was asked to show."""

    answers: int = 1000
    shown: list[CameraView] = field(default_factory=list)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, truth: Truth) -> FakeSystem:
    """Have a client that finds nothing in place of the processes."""
    fake = FakeSystem()
    view = CheckedImage(1, np.zeros((480, 640, 3), np.uint8), truth)

    def ask(question: Any, *_: object) -> Any:
        if not fake.answers:
            raise KosmosError('the node has died')
        fake.answers -= 1
        grounding = Grounding(question.task, Status.NOT_FOUND, 640, 480, question.query)
        return SimpleNamespace(view=view, grounding=grounding, milliseconds=1.0, positions={})

    def show(wanted: CameraView, *_: object) -> CheckedImage:
        fake.shown.append(wanted)
        return view

    @contextmanager
    def running(*_: object) -> Iterator[Any]:
        client = SimpleNamespace(ask=ask, show_scene=show)
        yield SimpleNamespace(client=client, progress=SimpleNamespace(clear=lambda: None))

    monkeypatch.setattr(session, 'running_system', running)
    monkeypatch.setattr(session, 'FEWEST_OBJECTS', 1)
    return fake


def answers(output: Path) -> list[Any]:
    found: list[Any] = json.loads((output / 'results.json').read_text())['answers']
    return found


@pytest.mark.usefixtures('system')
def test_a_picture_that_does_not_fit_is_named_and_the_results_are_kept(tmp_path: Path) -> None:
    session.run_demo(session.DemoOptions(1, 1, tmp_path))
    pictures = sorted(tmp_path.glob('*_scene_*.png'))
    assert len(pictures) == len(answers(tmp_path)) > 3
    assert Image.open(tmp_path / 'overview.png').width > 400
    session._clear(tmp_path)
    os.symlink('/dev/full', pictures[2])
    with pytest.raises(OSError, match='No space left') as raised, without_clearing():
        session.run_demo(session.DemoOptions(1, 1, tmp_path))
    assert raised.value.filename == str(pictures[2])
    assert len(answers(tmp_path)) == len(pictures)


@contextmanager
def without_clearing() -> Iterator[None]:
    """Leave the file that stands for a full disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, '_clear', lambda _: None)
        yield


def test_answers_before_a_failure_are_kept(tmp_path: Path, system: FakeSystem) -> None:
    system.answers = 3
    with pytest.raises(KosmosError, match='has died'):
        session.run_demo(session.DemoOptions(1, 1, tmp_path))
    assert len(answers(tmp_path)) == 3


def test_the_last_scene_is_a_large_image_from_afar(tmp_path: Path, system: FakeSystem) -> None:
    session.run_demo(session.DemoOptions(2, 5, tmp_path))
    assert system.shown == [
        CameraView(5),
        CameraView(6),
        CameraView(5, 'far', 1920, 1080),
    ]
    tasks = [answer['task'] for answer in answers(tmp_path) if answer['is_far']]
    assert tasks == ['LOCATE', 'LOCATE', 'IDENTIFY']
    assert len(list(tmp_path.glob('*_far_scene_5_*.png'))) == len(tasks)
