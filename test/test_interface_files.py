# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The fields of a request stand in three files of ``kosmos_ros_msgs``, which say the same.

Spans ``kosmos_ros_msgs``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

INTERFACES = Path(__file__).resolve().parents[1] / 'kosmos_ros_msgs'

ABOUT_ONE_IMAGE = {'image', 'newer_than', 'nearest_to', 'max_age', 'timeout', 'id'}
OF_A_STANDING_QUERY = {'rate_hz', 'enabled'}
IN_OTHER_WORDS = {'region', 'camera', 'max_looks'}
"""
Explained to a standing query by every image, to a question by the one it is about.

Zero looks mean one to a standing query without a rate, which has to keep up with the camera.
"""


class Line(NamedTuple):
    """A field or a constant: type, default or value, and the comments above it and beside it."""

    kind: str
    value: str
    comment: str


def request_of(file: str) -> dict[str, Line]:
    """Read the request, the part above the first ---, by the names of fields and constants."""
    return dict(_lines((INTERFACES / file).read_text().partition('\n---\n')[0]))


def _lines(text: str) -> Iterator[tuple[str, Line]]:
    above: list[str] = []
    for line in text.splitlines():
        declared, _, beside = line.partition('#')
        if not declared.strip():
            above = [*above, beside.strip()] if beside else []
            continue
        kind, name, *_ = declared.replace('=', ' ').split()
        value = declared.partition(name)[2].strip(' =')
        yield name, Line(kind, value, ' '.join([*above, beside.strip()]).strip())
        above = []


QUESTION = request_of('srv/Ground.srv')
GOAL = request_of('action/Ground.action')
STANDING = request_of('srv/SetStandingQuery.srv')


def test_the_goal_is_the_question_field_by_field() -> None:
    assert {'query', 'TASK_AUTO', 'alternatives'} < QUESTION.keys()
    assert list(GOAL) == list(QUESTION)
    for name, line in QUESTION.items():
        assert GOAL[name] == line, name


def test_a_standing_query_has_the_fields_that_make_sense_for_many_images() -> None:
    assert QUESTION.keys() - STANDING.keys() == ABOUT_ONE_IMAGE
    assert STANDING.keys() - QUESTION.keys() == OF_A_STANDING_QUERY


def test_what_they_share_is_the_same() -> None:
    for name in QUESTION.keys() & STANDING.keys():
        assert STANDING[name][:2] == QUESTION[name][:2], name
        if name not in IN_OTHER_WORDS:
            assert STANDING[name] == QUESTION[name], name


def test_every_field_is_explained() -> None:
    for lines in (QUESTION, GOAL, STANDING):
        unexplained = [name for name, line in lines.items() if not line.comment]
        # A query is explained beside each task, AUTO by the lines above `task`.
        assert unexplained == ['query']
