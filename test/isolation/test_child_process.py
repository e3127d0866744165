# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Children that do not keep to what was agreed.

Spans ``isolation.child_process``, ``isolation.child`` and ``isolation.replies``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kosmos_ros.core.errors import InvalidRegionError, KosmosError, ModelError
from kosmos_ros.isolation import child_process, replies
from kosmos_ros.isolation.channel import GarbledError
from kosmos_ros.isolation.child_process import AnsweringProcess, ChildEndedError
from kosmos_ros.isolation.replies import ERROR, error_of, RESULT, written, written_error


@pytest.fixture
def start() -> Iterator[Callable[[str], AnsweringProcess]]:
    started: list[AnsweringProcess] = []

    def start(entry: str) -> AnsweringProcess:
        started.append(AnsweringProcess('the child', f'rogues:{entry}'))
        return started[-1]

    yield start
    for child in started:
        child.close()


@pytest.mark.parametrize(
    ('entry', 'how'),
    [
        ('garbage', r'was ended: it sent what cannot be read: expected a reply'),
        ('huge', r'was ended: it sent what cannot be read: a message of \d+ bytes'),
        ('nested', r'was ended: it sent what cannot be read: expected a reply'),
        ('strange_error', r'was ended: it sent what cannot be read: expected an error'),
        ('leave', r'ended by itself, with the exit status 7'),
        ('deaf', r'does not answer any more'),
    ],
)
def test_what_breaks_the_rules_is_ended(start, entry: str, how: str) -> None:
    child = start(entry)
    with pytest.raises(ChildEndedError, match=f'the child {how}'):
        child.ask('anything')
    assert child.problem


def test_what_takes_too_long_is_ended(start) -> None:
    child = start('dawdle')
    with pytest.raises(ChildEndedError, match=r'it took more than 0.2 s'):
        child.ask('anything', seconds=0.2)


def test_a_child_without_its_module_says_so_in_the_log(start, caplog) -> None:
    with pytest.raises(ChildEndedError, match='with the exit status 1'):
        start('no_such_function').ask('anything')


def test_one_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process.sys, 'executable', '/nowhere/python')
    with pytest.raises(ChildEndedError, match=r'the child cannot be started: .*/nowhere/py'):
        AnsweringProcess('the child', 'rogues:leave')


class LibraryError(InvalidRegionError):
    """Of a kind that this process does not know."""


@pytest.mark.parametrize(
    ('error', 'kind', 'text'),
    [
        (InvalidRegionError('too far'), InvalidRegionError, 'too far'),
        (LibraryError('too far'), InvalidRegionError, 'too far'),
        (KeyError('weights'), ModelError, "KeyError: 'weights'"),
        (SystemExit(3), ModelError, 'SystemExit: 3'),
    ],
)
def test_errors_keep_their_kind_as_far_as_it_is_known(
    error: BaseException, kind: type[KosmosError], text: str
) -> None:
    reply = replies.read(written_error(error))
    assert reply.kind == ERROR
    received = error_of(reply.value)
    assert (type(received), str(received)) == (kind, text)


@pytest.mark.parametrize('value', [['os', 'x'], ['KosmosError'], None, 3, [[], 'x']])
def test_what_is_no_error_is_told(value: object) -> None:
    with pytest.raises(GarbledError):
        error_of(value)


def test_numbers_of_numpy_are_numbers() -> None:
    np = pytest.importorskip('numpy')
    assert replies.read(written(RESULT, (np.float32(0.5), np.int64(3)))).value == [0.5, 3]
