# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One question of an evaluation with its right answer and the answer given.

An evaluation stores records. All figures are computed from them for the report, so that a report
can be made again, also of an interrupted evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kosmos_ros.core.plain import from_plain, to_plain
from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.questions.cases import Case


@dataclass(frozen=True)
class Record:
    """
    A question, answered.

    ``key`` names the question and is the same in each run over the same data; ``image`` is what
    the data set needs to open the image again. ``traits`` are what figures are split by, as in
    ``{'shape': 'cube', 'objects': '5'}``. ``studies`` holds by name measurements that needed the
    image and cannot be computed from question and answer, in types of JSON.
    """

    key: str
    image: str
    case: Case
    answer: Grounding
    traits: Mapping[str, str] = field(default_factory=dict)
    studies: Mapping[str, Any] = field(default_factory=dict)


def record_to_data(record: Record) -> dict[str, Any]:
    """Return a record, without its key, in types of JSON."""
    data: dict[str, Any] = to_plain(record)
    del data['key']
    return data


def record_from_data(key: str, data: Mapping[str, Any]) -> Record:
    """
    Return the record that ``record_to_data`` made ``data`` of.

    :raises ValueError: if the data is none of a record.
    """
    return from_plain(Record, {**data, 'key': key})
