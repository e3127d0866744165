# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is logged of answers and refusals, and how often."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kosmos_ros.core.types import Grounding, Region, Status, Task
from kosmos_ros.ros.answering.question import Reply
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


@pytest.mark.parametrize(('looks', 'told'), [(1, 'ms, image'), (3, 'ms with 3 looks, image')])
def test_an_answer_that_took_several_looks_says_so(looks: int, told: str) -> None:
    lines: list[str] = []
    log = CallLog(SimpleNamespace(info=lines.append))
    parts = (Region(0, 0, 4, 2),) * looks
    grounding = Grounding(Task.LOCATE, Status.NOT_FOUND, 4, 2, query='the mug', looks=parts)
    log.answered(Reply(SimpleNamespace(grounding=grounding, image_age=0.5)))
    assert lines[0].startswith("LOCATE 'the mug': NOT_FOUND, 0 boxes in 0 ")
    assert told in lines[0]
