# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.studies.recorder``."""

from __future__ import annotations

import numpy as np

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.types import Box, GroundingRequest, Task
from kosmos_ros.evaluation.studies.recorder import Recorder

IMAGE = np.zeros((48, 64, 3), dtype=np.uint8)
FOUND = located('the cube', Box(0.1, 0.1, 0.3, 0.3), existence=0.8)
CALIBRATION = Calibration(existence=Scaling(0.5))


def backend() -> ScriptedBackend:
    return ScriptedBackend(
        located={'the cube': FOUND}, generated=lambda _: ' a red cube.', calibration=CALIBRATION
    )


def test_answers_pass_through_and_are_kept() -> None:
    inner = backend()
    recorder = Recorder(inner)
    assert recorder.written is None
    grounder = Grounder(recorder)
    request = GroundingRequest('the cube', Task.LOCATE)
    answer = grounder.ground(IMAGE, request)
    assert answer.detections == Grounder(backend()).ground(IMAGE, request).detections
    assert recorder.located == (FOUND,)
    assert answer.model == inner.model_name
    text = grounder.ground(IMAGE, GroundingRequest('', Task.DESCRIBE)).text
    assert recorder.written is not None
    prompt, generation = recorder.written
    assert str(prompt) == inner.calls.generated[0]
    assert recorder.vocabulary.decode([token.id for token in generation.tokens]).strip() in text
    assert recorder.located == ()


def test_the_calibration_can_be_hidden() -> None:
    request = GroundingRequest('the cube', Task.LOCATE)
    raw = Grounder(Recorder(backend(), Calibration())).ground(IMAGE, request)
    calibrated = Grounder(Recorder(backend())).ground(IMAGE, request)
    assert raw.phrases[0].existence == 0.8
    assert calibrated.phrases[0].existence == CALIBRATION.existence(0.8) > 0.9


def test_a_warm_up_reaches_the_backend() -> None:
    inner = backend()
    Recorder(inner).warm_up()
    assert inner.calls.warmed_up == 1
