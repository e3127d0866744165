# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Studies that need image and model, for the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.evaluation.questions.items import OpenedSample
from kosmos_ros.evaluation.studies.corners import CornerStudy
from kosmos_ros.evaluation.studies.positions import PositionStudy
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.evaluation.summary import CORNERS, POSITIONS


class Studies:
    """
    Compares the corners of boxes, and positions in space where there is depth.

    :param recorder: the answering grounder's backend.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._corners = CornerStudy(recorder)
        self._positions = PositionStudy()
        self._seen: OpenedSample | None = None

    def __call__(self, opened: OpenedSample, case: Case, answer: Grounding) -> Mapping[str, Any]:
        """Return the rows of both studies about the answer just given, if there are any."""
        rows: dict[str, Any] = {CORNERS: self._corners.rows(case)}
        if opened.frame is not None:
            if opened is not self._seen:
                self._positions.look(opened.frame, opened.seed)
                self._seen = opened
            rows[POSITIONS] = self._positions.rows(case, answer)
        return {name: found for name, found in rows.items() if found}
