# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""When a model is loaded anew."""

from __future__ import annotations

import pytest

from kosmos_ros.core.errors import ModelEndedError, ModelLoadError
from kosmos_ros.ros.worker import retries
from kosmos_ros.ros.worker.retries import Retries


def test_pauses_grow_and_begin_anew_with_a_model_that_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(retries.time, 'monotonic', lambda: now)
    tries = Retries()
    assert [tries.next_pause() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    tries.note_loaded()
    now += retries.TRUSTED_SECONDS - 1
    assert tries.next_pause() == 60
    tries.note_loaded()
    now += retries.TRUSTED_SECONDS + 1
    assert [tries.next_pause() for _ in range(2)] == [1, 2]
    assert tries.count == 11


def test_what_never_loaded_is_tried_only_if_its_process_ended() -> None:
    tries = Retries()
    assert tries.allow(ModelEndedError('killed'), hung=False)
    assert not tries.allow(ModelEndedError('killed'), hung=True)
    assert not tries.allow(ModelLoadError('no such file'), hung=False)
    tries.note_loaded()
    for error in (ModelEndedError('killed'), ModelLoadError('no such file'), OSError()):
        assert tries.allow(error, hung=True)
