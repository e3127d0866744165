# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A model that stays loaded is asked over and over, and says why when it cannot answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.bench.jobs import WorkerJob
from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.run.resident import CAPTION, FIRST, LATER, Resident


def resident(folder: Path, picture: Path, model: str) -> Resident:
    options = {'picture': str(picture), 'settings': {}, 'caption_tokens': 2}
    return Resident(WorkerJob('ours', str(folder), model, options=options), 'ours')


def test_questions_are_answered_with_their_seconds(tmp_path: Path, picture: Path) -> None:
    with resident(tmp_path, picture, 'tabletop') as ours:
        seconds = [ours.ask(question) for question in (FIRST, LATER, LATER, CAPTION)]
    assert all(took > 0 for took in seconds)
    assert seconds[0] > min(seconds[1:3])


def test_what_cannot_be_loaded_is_an_error(tmp_path: Path, picture: Path) -> None:
    with (
        resident(tmp_path, picture, '/nowhere') as ours,
        pytest.raises(BenchError, match='nowhere'),
    ):
        ours.ask(FIRST)
