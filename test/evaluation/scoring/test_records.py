# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.scoring.records``."""

from __future__ import annotations

from collections.abc import Callable
import json

import pytest

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.evaluation.scoring.metrics import score
from kosmos_ros.evaluation.scoring.records import Record, record_from_data, record_to_data


def test_records_of_every_kind_survive_json(
    cases: list[tuple[RgbImage, Case]], oracle: Callable[[RgbImage, Case], Grounding]
) -> None:
    for number, (image, case) in enumerate(cases):
        traits, studies = {'objects': '3'}, {'corners': [[0.5, None]]}
        record = Record(str(number), '7', case, oracle(image, case), traits, studies)
        again = record_from_data(record.key, json.loads(json.dumps(record_to_data(record))))
        assert again == record
        assert score(again.case, again.answer) == score(record.case, record.answer)


def test_incomplete_data_is_refused() -> None:
    with pytest.raises(ValueError, match=r"missing .* 'answer'"):
        record_from_data('1', {'image': '7', 'case': {'kind': 'EMPTY', 'request': {}}})
