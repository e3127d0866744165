# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a model's answer to a phrase is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kosmos_ros.core.backend import Located, queries_about
from kosmos_ros.core.jobs import Job
from kosmos_ros.core.pictures import Cutout
from kosmos_ros.core.types import ScoredBox


def look_for(
    job: Job,
    cutouts: Sequence[Cutout],
    expressions: Sequence[str],
    max_boxes: int,
    alternatives: int = 0,
) -> list[dict[str, Located]]:
    """
    Ask the model for expressions in each view, in one call of the backend.

    :param expressions: each once.
    :param max_boxes: of an expression.
    :param alternatives: other places of its first box.
    :returns: for each view what is ``believed`` of each expression, in their order.
    :raises GroundingStoppedError: if ``job.should_stop()`` says so.
    :raises ModelError: if the model fails.
    """
    frames = job.encode(cutouts)
    queries = [query for frame in frames for query in queries_about(frame, expressions)]
    located = job.backend.locate(queries, max_boxes, job.should_stop, alternatives)
    count = len(expressions)
    return [
        {
            expression: believed(job, cutout, answer)
            for expression, answer in zip(
                expressions, located[place * count : (place + 1) * count], strict=True
            )
        }
        for place, cutout in enumerate(cutouts)
    ]


def believed(job: Job, cutout: Cutout, located: Located) -> Located:
    """
    Return what to make of a model's answer, calibrated, with boxes normalised to the picture.

    Below the threshold of existence there are none.
    """
    calibration = job.backend.calibration

    def finished(boxes: Sequence[ScoredBox]) -> tuple[ScoredBox, ...]:
        return tuple(
            replace(box, box=cutout.onto_picture(box.box), score=calibration.box(box.score))
            for box in boxes
        )

    existence = calibration.existence(located.existence)
    is_there = existence >= job.settings.existence_threshold
    return Located(
        existence=existence,
        boxes=finished(located.boxes) if is_there else (),
        alternatives=finished(located.alternatives) if is_there else (),
    )
