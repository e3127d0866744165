# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``evaluation.studies.existence``, with scripted signals."""

from __future__ import annotations

from dataclasses import replace

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.model.signals import Signals
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.questions.simulated import make_cases
from kosmos_ros.evaluation.studies.existence import ASKED, witness
from kosmos_ros.sim.rendering.frame import RenderedFrame

SIGNALS = Signals(1.0, 1.0, 0.9, 0.9, 0.1, 0.1, 0.0)


def test_each_phrase_is_told_with_its_signals(frames: dict[int, RenderedFrame]) -> None:
    seed, frame = next(iter(frames.items()))
    cases = make_cases(frame, seed)
    things = {case.request.query: case.things for case in cases if case.kind in ASKED}

    def script(phrase: str) -> Located:
        boxes = [thing.box for thing in things[phrase]] or [frame.objects[0].box]
        return replace(located(phrase, *boxes), signals=SIGNALS)

    found = witness(ScriptedBackend(located=script), frame.rgb, cases)
    assert len(found) == sum(case.kind in ASKED for case in cases)
    absent = {Kind.ABSENT.value, Kind.UNKNOWN.value}
    assert {one.present for one in found if one.kind in absent} == {False}
    assert {(one.present, one.right) for one in found if one.kind not in absent} == {(True, True)}
    assert {one.right for one in found if one.kind in absent} == {None}


def test_a_model_that_measures_nothing_witnesses_nothing(frames) -> None:
    seed, frame = next(iter(frames.items()))
    backend = ScriptedBackend()
    absent = [one for one in make_cases(frame, seed) if not one.things]
    assert witness(backend, frame.rgb, absent) == []
