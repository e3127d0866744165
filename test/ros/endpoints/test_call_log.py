# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is logged of refusals, and how often."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kosmos_ros.core.types import Status
from kosmos_ros.ros.endpoints import call_log
from kosmos_ros.ros.endpoints.call_log import CallLog


def test_busy_is_logged_once_a_second_and_all_else_always(
    monkeypatch: pytest.MonkeyPatch, steady_clock
) -> None:
    monkeypatch.setattr(call_log, 'time', steady_clock)
    lines: list[str] = []
    log = CallLog(SimpleNamespace(warning=lines.append))
    for number in range(3):
        log.refused(f'{number}', Status.BUSY, 'try later')
        log.refused(f'{number}', Status.NO_IMAGE, 'none')
    steady_clock.now += 1.1
    log.refused('3', Status.BUSY, 'try later')
    assert [line for line in lines if 'BUSY' in line] == [
        "'0': BUSY, try later",
        "'3': BUSY, try later",
    ]
    assert len(lines) == 5
