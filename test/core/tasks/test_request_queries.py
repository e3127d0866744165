# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Tests of ``core.tasks.request`` and ``core.language``: queries as people type them.

Each line of ``queries_seen.txt`` and ``queries_unseen.txt`` is a query, the task that AUTO is to
choose (INVALID: an honest refusal), and the things it names: as they stand in the query, with the
letter of their role in an instruction, what is excluded behind ' - ', '#' and how many are meant
('*': all), '@', a place and the side it is counted from. Both were written by somebody who did not
know the rules; those of the second file were first read after the rules had been written.
``queries_more.txt`` holds other wordings of each kind, and expressions for things in photographs.

Spans ``core.tasks.request`` and ``core.language``.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.tasks.instruct import Instruct
from kosmos_ros.core.tasks.locate import Locate
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest, Role, Task

LETTERS = {Role.TARGET: 'T', Role.DESTINATION: 'D', Role.REFERENCE: 'R'}

NOT_READ = {'push the chair under the desk'}
"""Known to be read otherwise: as the chair that is under the desk."""


class Row(NamedTuple):
    query: str
    task: str
    things: tuple[str, ...]


def rows(name: str) -> list[Row]:
    found = []
    for line in Path(__file__).with_name(name).read_text(encoding='utf-8').splitlines():
        query, _, answer = line.partition(' => ')
        task, *things = answer.split(' | ')
        found.append(Row(query.replace('\\n', '\n'), task, tuple(things)))
    return found


SEEN, UNSEEN = rows('queries_seen.txt'), rows('queries_unseen.txt')
MORE = rows('queries_more.txt')


def told(phrase: ObjectPhrase | None) -> str:
    if phrase is None:
        return ''
    number = '' if phrase.number is None else f' #{phrase.number.count or "*"}'
    order = phrase.order
    return number + ('' if order is None else f' @{order.first} {order.side}')


def read(query: str) -> tuple[str, list[tuple[str, ObjectPhrase | None]]]:
    """Return the task, and each thing as a row writes it without what is excluded."""
    try:
        resolved = resolve(GroundingRequest(query))
    except InvalidRequestError:
        return 'INVALID', []
    plan = resolved.plan
    if isinstance(plan, Locate):
        named = [(plan.text[one.start : one.end], one.phrase) for one in plan.names]
    elif isinstance(plan, Instruct):
        named = [
            (f'{LETTERS[one.role]} {plan.text[one.start : one.end]}', one) for one in plan.phrases
        ]
    else:
        named = []
    return resolved.task.name, [(words + told(phrase), phrase) for words, phrase in named]


def even(text: str) -> str:
    return ' '.join(text.casefold().split())


def excludes(phrase: ObjectPhrase | None, expression: str) -> bool:
    wanted = even(expression).replace(' with a ', ' with ')
    excluded = () if phrase is None else phrase.excluded
    return any(even(one.asked).replace(' with a ', ' with ') == wanted for one in excluded)


def is_read(row: Row) -> bool:
    task, things = read(row.query)
    if (task, len(things)) != (row.task, len(row.things)):
        return False
    for wanted, (words, phrase) in zip(row.things, things, strict=True):
        named, *exclusions = wanted.split(' - ')
        # What is said of the number stands behind the last exclusion.
        last, mark, rest = wanted.split(' - ')[-1].partition(' #') if exclusions else ('', '', '')
        if exclusions:
            exclusions[-1], named = last, named + mark + rest
        count = 0 if phrase is None else len(phrase.excluded)
        if even(named) != even(words) or bool(count) != bool(exclusions):
            return False
        if not all(excludes(phrase, expression) for expression in exclusions):
            return False
    return True


@pytest.mark.parametrize('row', [*SEEN, *UNSEEN, *MORE], ids=lambda row: row.query)
def test_queries_are_read_as_they_are_meant(row: Row) -> None:
    assert is_read(row) == (row.query not in NOT_READ), read(row.query)


def test_there_are_enough_queries() -> None:
    assert len({row.query for row in (*SEEN, *UNSEEN)}) == len(SEEN) + len(UNSEEN) >= 150
    assert len(UNSEEN) * 3 >= len(SEEN) + len(UNSEEN)


@pytest.mark.parametrize(
    'query', ['a dog and its owner', 'find the mug; the bowl', 'no forks', '?']
)
def test_a_literal_query_is_put_to_the_model_as_it_is(query: str) -> None:
    backend = ScriptedBackend({})
    request = GroundingRequest(query, Task.LOCATE, literal=True)
    answer = Grounder(backend).ground(np.zeros((48, 64, 3), np.uint8), request)
    assert [phrase.text for phrase in answer.phrases] == [query]
    assert backend.calls.located == [(query,)]
