# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the precisions."""

from __future__ import annotations

from collections.abc import Sequence

from kosmos_ros.bench.measure.ours import OurModel
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import queries_about
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import evaluate

CellPair = tuple[int, int]
"""Indices of the location tokens of a box: upper left, lower right."""

_BATCH = 8


def location_tokens(model: OurModel, image: RgbImage, phrases: Sequence[str]) -> list[CellPair]:
    """Return the location tokens of each phrase's first box."""
    (frame,) = model.backend.encode([image])
    found: list[CellPair] = []
    for start in range(0, len(phrases), _BATCH):
        queries = queries_about(frame, phrases[start : start + _BATCH])
        for located in model.backend.locate(queries, 1, never):
            upper_left, lower_right = located.cells[0]
            found.append((upper_left.index, lower_right.index))
    return found


def held_out_accuracy(model: OurModel, scenes: int) -> dict[str, float]:
    """
    Ask for each single object of held-out scenes, as the evaluation does.

    :raises MissingDependencyError: if this machine cannot render.
    """
    tally = evaluate(model.default_grounder, range(scenes), kinds={Kind.UNIQUE})
    return {
        'scenes': scenes,
        'questions': tally.questions,
        'acc_50': tally.value(Kind.UNIQUE, 'Acc@0.5'),
        'mean_iou': tally.value(Kind.UNIQUE, 'mean IoU'),
    }
