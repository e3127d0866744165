# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``isolation.model_values``: what a model's process tells arrives as it was."""

from __future__ import annotations

from dataclasses import replace
import json

import pytest

from kosmos_ros.backends.scripted import located
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.signals import Fusion, Signals
from kosmos_ros.core.plain import from_plain
from kosmos_ros.isolation.model_values import HeldFrame, LocateReply
from kosmos_ros.isolation.replies import read, RESULT, written

SIGNALS = Signals(-3.0, 1.0, 0.9, 0.8, 0.1, 0.2, 0.05, phrase_ratio=2.5, worst_ratio=-1.0)


@pytest.mark.parametrize('signals', [None, SIGNALS, replace(SIGNALS, plain_yes=0.0)])
def test_signals_of_existence_arrive(signals: Signals | None) -> None:
    reply = LocateReply((replace(located('a mug'), signals=signals),), (HeldFrame(1, 10),))
    arrived = from_plain(LocateReply, read(written(RESULT, reply)).value)
    assert arrived == reply
    assert arrived.located[0].signals == signals


def test_fusions_arrive_with_the_calibration() -> None:
    fusion = Fusion(-1.5, {'opener': 0.25, 'plain_yes': 2.0})
    calibration = Calibration(Scaling(0.5), fusions={'question': fusion})
    arrived = from_plain(Calibration, json.loads(written(RESULT, calibration))[1])
    assert arrived == calibration
    assert arrived.level('caption') == 'question'


def test_signals_that_are_no_numbers_are_refused() -> None:
    reply = LocateReply((replace(located('a mug'), signals=SIGNALS),), ())
    value = read(written(RESULT, reply)).value
    value['located'][0]['signals']['opener'] = float('nan')
    with pytest.raises(ValueError, match='opener must be finite'):
        from_plain(LocateReply, value)
