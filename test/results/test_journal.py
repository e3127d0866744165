# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.results.journal``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kosmos_ros.core.errors import InvalidDataError, InvalidRequestError
from kosmos_ros.results.journal import Journal

SETTINGS = {'model': 'tabletop', 'seeds': [0, 9]}


def write(path: Path, *keys: str) -> Path:
    """Write results with these keys."""
    with Journal(path, SETTINGS) as journal:
        for key in keys:
            journal.append(key, {'text': f'{key} é'})
    return path


def test_results_are_in_the_file_as_they_come(tmp_path: Path) -> None:
    with Journal(tmp_path / 'new' / 'results.jsonl', SETTINGS) as journal:
        journal.append('a', {'value': 1})
        assert list(journal.results()) == [('a', {'value': 1})]
        journal.append('b', {'value': None})
        assert list(journal.results()) == [('a', {'value': 1}), ('b', {'value': None})]


def test_the_same_settings_go_on(tmp_path: Path) -> None:
    path = write(tmp_path / 'results.jsonl', 'a', 'b')
    # Tuples are lists to JSON.
    with Journal(path, {'model': 'tabletop', 'seeds': (0, 9)}) as journal:
        assert journal.done == {'a', 'b'}
        journal.append('c', {'text': ''})
        assert [key for key, _ in journal.results()] == ['a', 'b', 'c']


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / 'results.jsonl', 'a')
    before = path.read_bytes()
    with pytest.raises(InvalidRequestError, match=r'model: "tabletop" there, "other" now'):
        Journal(path, {**SETTINGS, 'model': 'other'})
    assert path.read_bytes() == before


@pytest.mark.parametrize('cut', range(1, 30))
def test_a_half_written_line_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path / 'results.jsonl', 'a', 'b')
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, SETTINGS) as journal:
        assert journal.done == {'a'}
        journal.append('b', {'text': 'again'})
        assert [key for key, _ in journal.results()] == ['a', 'b']


@pytest.mark.parametrize('length', [0, 1, 12, 40])
def test_a_half_written_first_line_is_written_anew(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / 'results.jsonl')
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    assert write(path).read_bytes() == whole


@pytest.mark.parametrize('content', ['my notes', 'my notes\n', '[1]\n', '{"settings": 3}\n'])
def test_files_of_others_are_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / 'results.jsonl'
    path.write_text(content)
    with pytest.raises(InvalidRequestError, match='something else'):
        Journal(path, SETTINGS)
    assert path.read_text() == content


def test_damage_in_the_middle_is_told_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / 'results.jsonl', 'a', 'b')
    head, first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + first[:7] + b'\n' + second)
    with pytest.raises(InvalidRequestError, match=f'damaged at byte {len(head)}'):
        Journal(path, SETTINGS)


def test_two_runs_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / 'results.jsonl'
    with Journal(path, SETTINGS), pytest.raises(InvalidRequestError, match='another run'):
        Journal(path, SETTINGS)
    assert write(path).exists()


def test_every_line_is_json(tmp_path: Path) -> None:
    lines = write(tmp_path / 'results.jsonl', 'a').read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {'settings': SETTINGS},
        {'key': 'a', 'result': {'text': 'a é'}},
    ]


@pytest.mark.parametrize(
    'line', ['{"key":["a"],"result":{}}', '{"key":"a"}', '{"key":"a","result":3}', '[' * 20_000]
)
def test_lines_that_are_no_results_are_damage(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / 'results.jsonl', 'a')
    head, first = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + line.encode() + b'\n' + first)
    with pytest.raises(InvalidRequestError, match=f'damaged at byte {len(head)}'):
        Journal(path, SETTINGS)


def test_results_of_another_kind_are_told_with_the_file(tmp_path: Path) -> None:
    def refuse(key: str, result: object) -> str:
        if key == 'b':
            raise ValueError('no such result')
        return key

    path = write(tmp_path / 'results.jsonl', 'a', 'b')
    with Journal(path, SETTINGS) as journal:
        read = journal.read(refuse)
        assert next(read) == 'a'
        with pytest.raises(InvalidDataError, match=rf"{path}: .*'b' is damaged \(no such result"):
            next(read)


def test_settings_of_others_are_told_in_few_letters(tmp_path: Path) -> None:
    path = write(tmp_path / 'results.jsonl')
    path.write_text(json.dumps({'settings': {'model': 'x' * 10**6, '\x1b': 1}}) + '\n')
    with pytest.raises(InvalidRequestError, match='other settings') as raised:
        Journal(path, SETTINGS)
    assert len(str(raised.value)) < 2000
    assert str(raised.value).isprintable()
