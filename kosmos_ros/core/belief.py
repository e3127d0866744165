# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a model's answer to a phrase is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kosmos_ros.core.backend import Located
from kosmos_ros.core.jobs import Job
from kosmos_ros.core.pictures import Cutout
from kosmos_ros.core.types import ScoredBox


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
