# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
All tasks: what each takes, how its queries are read, and how AUTO chooses among them.

What a task asks the model, and makes of its answer, is in the plan that ``read`` returns. The text
of an answer, which the spans of its phrases fit:

=========  ===========================================================================
LOCATE     the phrases asked for, joined by '; '
DESCRIBE   the caption; the brief one begins with the prompt's 'An image of'
IDENTIFY   the expression alone ('a red cube'), one phrase, whose detection is the region
ASK        the answer alone; the question stays in the prompt
INSTRUCT   the instruction
RAW        the prompt's text and what the model wrote after it
=========  ===========================================================================

A region is cut out and shown to the model alone, and boxes are mapped back onto the image; only
IDENTIFY and questions about 'this', 'that' or 'it' show the whole image and point at the region
with location tokens. Boxes that stand in a prompt are no detections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kosmos_ros.core.language.auto_task import QueryForm, wording_of
from kosmos_ros.core.tasks.describe import Describe, DETAILS
from kosmos_ros.core.tasks.instruct import Instruct
from kosmos_ros.core.tasks.locate import Locate
from kosmos_ros.core.tasks.plan import Plan
from kosmos_ros.core.tasks.words import Ask, Identify, Raw
from kosmos_ros.core.types import GroundingRequest, Task


@dataclass(frozen=True)
class TaskRow:
    """
    What there is to know of a task.

    :param about: what it does, in the words of ``Grounding.msg``.
    :param query: what its query is, in the words of the services, as ``region`` and ``answer``.
    :param hint: what to type, for people, as ``example``, a query.
    :param read: makes the plan of a cleaned query and the request that it came with; raises
        ``InvalidRequestError`` for what could be answered about no image.
    :param unsaid: what a request without a query is about, for people.
    :param chosen_for: the wordings that AUTO takes for it.
    :param keywords: what AUTO takes for it whatever its wording; in lower case.
    :param writes: the answer's text is the model's.
    :param reads_lines: line breaks separate what it reads, elsewhere they are spaces.
    :param scores: the fields of ``Calibration`` that its scores and existences go through.
    """

    about: str
    query: str
    region: str
    answer: str
    hint: str
    read: Callable[[str, GroundingRequest], Plan]
    example: str = ''
    unsaid: str = ''
    chosen_for: frozenset[QueryForm] = frozenset()
    keywords: tuple[str, ...] = ()
    writes: bool = True
    needs_region: bool = False
    reads_lines: bool = False
    has_alternatives: bool = False
    scores: tuple[str, ...] = ('written',)


_OF_BOXES = ('existence', 'box')

TABLE: Mapping[Task, TaskRow] = {
    Task.LOCATE: TaskRow(
        about='find what each phrase of the query names',
        query='one or several things to find, joined in any way',
        region='search only there',
        answer='boxes of each phrase, or `NOT_FOUND`',
        example='the red mug; the bowl',
        hint='What to find, one thing or several. With a region: search only there.',
        read=Locate.read,
        chosen_for=frozenset({QueryForm.OBJECTS}),
        writes=False,
        reads_lines=True,
        has_alternatives=True,
        scores=_OF_BOXES,
    ),
    Task.DESCRIBE: TaskRow(
        about='caption the image',
        query="empty, 'brief' or 'detailed'",
        region='describe only that',
        answer='caption, its phrases with boxes',
        hint='Empty, “brief” or “detailed”. With a region: describe only that.',
        unsaid='the whole image',
        read=Describe.read,
        chosen_for=frozenset({QueryForm.NOTHING}),
        keywords=DETAILS,
    ),
    Task.IDENTIFY: TaskRow(
        about='name what the region shows',
        query='empty; the region is required',
        region='required',
        answer='an expression that names it',
        hint='Draw a region on the image: what is this?',
        unsaid='the region',
        read=Identify.read,
        chosen_for=frozenset({QueryForm.REGION}),
        needs_region=True,
        scores=('words',),
    ),
    Task.ASK: TaskRow(
        about='answer a question',
        query='a question',
        region='what the question is about',
        answer='answer, its phrases with boxes',
        example='what is left of the bowl?',
        hint='A question; with a region: what it is about.',
        read=Ask.read,
        chosen_for=frozenset({QueryForm.QUESTION}),
    ),
    Task.INSTRUCT: TaskRow(
        about='find every object that a robot instruction mentions',
        query='a robot instruction',
        region='search only there',
        answer='every object it names, with role and boxes',
        example='put the red mug into the bowl',
        hint='A robot instruction: every object that it mentions is found. Nothing moves.',
        read=Instruct.read,
        chosen_for=frozenset({QueryForm.INSTRUCTION}),
        writes=False,
        reads_lines=True,
        scores=_OF_BOXES,
    ),
    Task.RAW: TaskRow(
        about='continue a KOSMOS-2 prompt',
        query='a KOSMOS-2 prompt',
        region='crop',
        answer='what the model writes',
        example='<grounding> An image of',
        hint='A KOSMOS-2 prompt; it is checked.',
        read=Raw.read,
    ),
}
"""Every task but AUTO."""

AUTO_EXAMPLE = TABLE[Task.LOCATE].example
AUTO_HINT = (
    'Things to find, a question, an instruction, or nothing for a description. With a '
    'region and no words: what is this?'
)


def choose_task(query: str, has_region: bool) -> Task:
    """Choose the task of an AUTO request by keywords and wording of a checked query."""
    said = query.strip().lower()
    for task, row in TABLE.items():
        if said in row.keywords:
            return task
    wording = wording_of(query, has_region)
    return next(task for task, row in TABLE.items() if wording in row.chosen_for)
