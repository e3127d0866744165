# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.tasks.table``: AUTO, and that all that tells of tasks tells the same."""

from __future__ import annotations

from pathlib import Path
import re

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.language.auto_task import QueryForm
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.tasks.table import choose_task, TABLE
from kosmos_ros.core.types import GroundingRequest, Region, Task

ROOT = Path(__file__).resolve().parents[3]
INTERFACES = ROOT / 'kosmos_ros_msgs'

ASK, DESCRIBE, IDENTIFY = Task.ASK, Task.DESCRIBE, Task.IDENTIFY
INSTRUCT, LOCATE = Task.INSTRUCT, Task.LOCATE


@pytest.mark.parametrize(
    ('query', 'task'),
    [
        ('', DESCRIBE),
        ('  ', DESCRIBE),
        ('brief', DESCRIBE),
        ('Detailed', DESCRIBE),
        ('the red cube', LOCATE),
        ('red cube; the mug left of it', LOCATE),
        ('find the red mug', LOCATE),
        ('Please show me the mug', LOCATE),
        ('can you find the red mug?', LOCATE),
        ('look for a banana', LOCATE),
        ('what is on the table?', ASK),
        ('What colour is the mug', ASK),
        ("what's in the bowl", ASK),
        ('where is the red mug?', ASK),
        ('Where is the red mug', ASK),
        ('how many cubes are there', ASK),
        ('is there a banana', ASK),
        ('are the cubes red', ASK),
        ('any bananas here?', ASK),
        ('どれが赤いですか\uff1f', ASK),
        ('can the robot reach it', ASK),
        ('can you see a mug?', ASK),
        ('tell me what you see', ASK),
        ('pick up the blue cube left of the bowl', INSTRUCT),
        ('Pick up the mug.', INSTRUCT),
        ('please put the cube into the bowl', INSTRUCT),
        ('could you please bring me the banana?', INSTRUCT),
        ('can you give me the mug?', INSTRUCT),
        ('I want you to grab the ball', INSTRUCT),
        ('move the star to the left', INSTRUCT),
        ('take the plate away', INSTRUCT),
        ('push the box', INSTRUCT),
        ('place it on the plate', INSTRUCT),
        ('stack the cubes', INSTRUCT),
        ('open the box', INSTRUCT),
        ('close the lid', INSTRUCT),
        ('point to the ring', INSTRUCT),
        ('look at the cone', INSTRUCT),
        # verbs that are nouns or adjectives here
        ('open box', LOCATE),
        ('stack of plates', LOCATE),
        ('place mat', LOCATE),
        ('hand of the person', LOCATE),
        ('close-up of a dog', LOCATE),
        ('can of soda', LOCATE),
        ('can', LOCATE),
        ('pick', LOCATE),
        ('whatnot on the shelf', LOCATE),
        ('!!!', LOCATE),
    ],
)
def test_auto_reads_the_query(query: str, task: Task) -> None:
    assert choose_task(query, has_region=False) is task


def test_a_region_alone_is_to_be_identified() -> None:
    assert choose_task('', has_region=True) is IDENTIFY
    assert choose_task('the red cube', has_region=True) is LOCATE
    assert choose_task('what is this?', has_region=True) is ASK


@given(st.text(max_size=60), st.booleans())
def test_any_query_has_a_task(query: str, has_region: bool) -> None:
    assert choose_task(query, has_region) in TABLE


def test_every_task_is_in_the_table_and_auto_knows_what_to_do_with_every_wording() -> None:
    assert list(TABLE) == [task for task in Task if task is not Task.AUTO]
    chosen = [wording for row in TABLE.values() for wording in row.chosen_for]
    assert sorted(chosen, key=str) == sorted(QueryForm, key=str)
    words = [word for row in TABLE.values() for word in row.keywords]
    assert len(set(words)) == len(words)
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize('task', TABLE)
def test_the_example_of_a_task_can_be_asked(task: Task) -> None:
    row = TABLE[task]
    region = Region(0, 0, 9, 9) if row.needs_region else None
    assert resolve(GroundingRequest(row.example, task, region)).task is task
    if row.chosen_for:
        assert resolve(GroundingRequest(row.example, region=region)).task is task


@pytest.mark.parametrize(
    ('name', 'column'),
    [
        ('srv/Ground.srv', 'query'),
        ('action/Ground.action', 'query'),
        ('srv/SetStandingQuery.srv', 'query'),
        ('msg/Grounding.msg', 'about'),
    ],
)
def test_the_interfaces_number_and_explain_the_tasks(name: str, column: str) -> None:
    text = (INTERFACES / name).read_text(encoding='utf-8')
    told = {
        match['name']: (int(match['number']), match['told'])
        for match in re.finditer(
            r'^uint8 TASK_(?P<name>\w+)=(?P<number>\d+)(?:\s+# (?:query: )?(?P<told>.*))?$',
            text,
            re.MULTILINE,
        )
    }
    number, _ = told.pop('AUTO')
    assert number == Task.AUTO.value
    assert told == {task.name: (task.value, getattr(row, column)) for task, row in TABLE.items()}
