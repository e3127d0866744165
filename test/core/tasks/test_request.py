# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.request``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.auto_task import named_objects
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks.answer import Limits
from kosmos_ros.core.tasks.describe import Describe
from kosmos_ros.core.tasks.instruct import Instruct
from kosmos_ros.core.tasks.locate import Locate
from kosmos_ros.core.tasks.plan import Plan
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.tasks.words import Ask, Identify, Raw
from kosmos_ros.core.types import GroundingRequest, Region, Task

REGION = Region(0, 0, 10, 10)


@pytest.mark.parametrize(
    ('query', 'region', 'task', 'plan'),
    [
        ('find the mug', None, Task.LOCATE, Locate.read('find the mug', GroundingRequest())),
        ('find the\nmug', None, Task.LOCATE, Locate.read('find the\nmug', GroundingRequest())),
        ('what is\nthis?', REGION, Task.ASK, Ask('what is this?')),
        ('the mug', REGION, Task.LOCATE, Locate.read('the mug', GroundingRequest())),
        ('', None, Task.DESCRIBE, Describe()),
        ('Detailed', None, Task.DESCRIBE, Describe(detailed=True)),
        ('', REGION, Task.IDENTIFY, Identify()),
        ('what is this?', REGION, Task.ASK, Ask('what is this?')),
    ],
)
def test_auto_is_resolved(query: str, region: Region | None, task: Task, plan: Plan) -> None:
    resolved = resolve(GroundingRequest(query, region=region))
    assert (resolved.task, resolved.query, resolved.plan) == (task, query, plan)


def test_what_is_read_is_part_of_the_resolved_request() -> None:
    located = resolve(GroundingRequest('  find the mug;\r\nthe bowl ', alternatives=2))
    assert located.query == 'find the mug;\nthe bowl'
    plan = located.plan
    assert isinstance(plan, Locate)
    assert [plan.text[one.start : one.end] for one in plan.names] == ['the mug', 'the bowl']
    assert plan.alternatives == 2
    instructed = resolve(GroundingRequest('put the mug on the plate'))
    assert isinstance(instructed.plan, Instruct)
    assert [one.asked for one in instructed.plan.phrases] == ['the mug', 'the plate']
    raw = resolve(GroundingRequest('<grounding> A', Task.RAW))
    assert raw.plan == Raw(raw_prompt('<grounding> A'))


def test_limits_are_those_of_the_request_within_those_of_the_grounder() -> None:
    settings = GrounderSettings(max_boxes=4, max_looks=6)
    for asked, boxes in ((0, 4), (3, 3), (9, 4)):
        resolved = resolve(GroundingRequest('the mug', min_score=0.25, max_detections=asked))
        assert resolved.limits(settings) == Limits(0.25, boxes, 6)
    for asked, looks in ((0, 6), (1, 1), (20, 20)):
        resolved = resolve(GroundingRequest('the mug', max_looks=asked))
        assert resolved.limits(settings, 12.5) == Limits(0.0, 4, looks, 12.5)


def test_an_explicit_task_takes_its_query_literally() -> None:
    resolved = resolve(GroundingRequest('where is the mug', task=Task.LOCATE))
    assert (resolved.task, resolved.query) == (Task.LOCATE, 'where is the mug')


def test_alternatives_are_for_locate() -> None:
    with pytest.raises(InvalidRequestError, match='alternatives are for LOCATE, got 2 for ASK'):
        resolve(GroundingRequest('what is this?', Task.ASK, alternatives=2))


@pytest.mark.parametrize(
    ('task', 'query', 'region', 'message'),
    [
        (Task.LOCATE, '', None, 'LOCATE needs the name'),
        (Task.LOCATE, ' ; ', None, 'LOCATE needs the name'),
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
        resolve(GroundingRequest(query, task, region))


VOCABULARY = """
    the a red cube cubes mug and or not except but other than of in left that one ones two 3 put
    find where is isn't don't this please ; , . ! ? | & ( [ < -
"""
WORDS = st.sampled_from([*VOCABULARY.split(), '\n'])
QUERIES = st.text(max_size=200) | st.lists(WORDS, max_size=60).map(' '.join)


@given(QUERIES, st.sampled_from(Task), st.booleans(), st.booleans())
def test_whatever_the_query_the_only_error_is_that_it_cannot_be_answered(
    query: str, task: Task, has_region: bool, literal: bool
) -> None:
    request = GroundingRequest(query, task, REGION if has_region else None, literal=literal)
    try:
        resolved = resolve(request)
    except InvalidRequestError as error:
        assert str(error)  # noqa: PT017
    else:
        assert resolved.task is (task or resolved.task)
        assert resolved.task is not Task.AUTO


@pytest.mark.parametrize(
    'piece', ['!', '. ', 'a ', '1. a ', 'not ', 'and ', '<phrase>', '\n- a', '|']
)
def test_long_queries_are_refused_and_those_of_ten_thousand_characters_read(piece: str) -> None:
    query = piece * (10_000 // len(piece))
    with pytest.raises(InvalidRequestError, match='the limit is 1000'):
        resolve(GroundingRequest(query))
    # It takes a second, and took half a minute while its time grew by the square of the length.
    text, names = named_objects(query)
    assert all(0 <= one.start < one.end <= len(text) for one in names.names)
