# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.batch.answered``."""

from __future__ import annotations

import numpy as np

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.batch.answered import Answered, merged
from kosmos_ros.core.drawing.answer import status_line
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.plain import from_plain, to_plain
from kosmos_ros.core.types import Box, Grounding, GroundingRequest

CELLS = '<patch_index_0000><patch_index_0033>'
BACKEND = ScriptedBackend(
    located={'a cup': located('a cup', Box(0, 0, 0.5, 0.5), Box(0.5, 0.5, 1, 1))},
    generated=lambda _: f' on<phrase> the table</phrase><object>{CELLS}</object>.',
)
IMAGE = np.zeros((48, 64, 3), np.uint8)


def ask(*queries: str) -> tuple[Grounding, ...]:
    """Answer queries about a black image."""
    grounder = Grounder(BACKEND)
    return tuple(grounder.ground(IMAGE, GroundingRequest(query)) for query in queries)


def test_merged_answers_keep_boxes_phrases_and_words() -> None:
    answers = ask('a cup; a spoon', 'where is the cup?', 'a cup')
    one = merged(answers)
    assert len(one.detections) == 5
    labels = [one.detections[index].label for phrase in one.phrases for index in phrase.detections]
    assert labels == ['a cup', 'a cup', 'the table', 'a cup', 'a cup']
    line = status_line(one)
    assert "'a spoon' not found" in line
    assert 'where is the cup? on the table.' in line


def test_one_answer_is_left_as_it_is() -> None:
    (answer,) = ask('a spoon')
    assert merged([answer]) is answer


def test_what_is_kept_is_read_back() -> None:
    kept = Answered(64, 48, ask('a cup', 'where is it?'), 12)
    assert from_plain(Answered, to_plain(kept)) == kept
