# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.request``."""

from __future__ import annotations

import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.tasks.request import resolve_task
from kosmos_ros.core.types import GroundingRequest, Region, Task

REGION = Region(0, 0, 10, 10)


@pytest.mark.parametrize(
    ('query', 'region', 'expected'),
    [
        ('find the mug', None, (Task.LOCATE, 'find the mug')),
        ('find the\nmug', None, (Task.LOCATE, 'find the\nmug')),
        ('what is\nthis?', REGION, (Task.ASK, 'what is this?')),
        ('the mug', REGION, (Task.LOCATE, 'the mug')),
        ('', None, (Task.DESCRIBE, '')),
        ('', REGION, (Task.IDENTIFY, '')),
        ('what is this?', REGION, (Task.ASK, 'what is this?')),
    ],
)
def test_auto_is_resolved(query: str, region: Region | None, expected: tuple[Task, str]) -> None:
    assert resolve_task(GroundingRequest(query, region=region), query) == expected


def test_an_explicit_task_takes_its_query_literally() -> None:
    request = GroundingRequest('find the mug', task=Task.LOCATE)
    assert resolve_task(request, request.query) == (Task.LOCATE, 'find the mug')


@pytest.mark.parametrize(
    ('task', 'query', 'region', 'message'),
    [
        (Task.LOCATE, '', None, 'LOCATE needs a phrase'),
        (Task.LOCATE, ' ; ', None, 'LOCATE needs a phrase'),
        (Task.DESCRIBE, 'the mug', None, "takes no query, 'brief' or 'detailed', got 'the mug'"),
        (Task.IDENTIFY, '', None, 'IDENTIFY needs a region'),
        (Task.IDENTIFY, 'a mug', REGION, "IDENTIFY takes no query, got 'a mug'"),
        (Task.ASK, '', REGION, 'ASK needs a question'),
        (Task.INSTRUCT, '', None, 'names an object'),
        (Task.INSTRUCT, 'put it there', None, "names an object.*, got 'put it there'"),
        (Task.AUTO, 'put it there', None, "names an object.*, got 'put it there'"),
        (Task.RAW, '', None, 'RAW needs a prompt'),
        (Task.RAW, 'a</s>', None, '</s> is not allowed'),
    ],
)
def test_what_no_image_can_answer_is_refused(
    task: Task, query: str, region: Region | None, message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        resolve_task(GroundingRequest(query, task, region), query)
