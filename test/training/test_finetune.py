# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.core.errors import InvalidRequestError
from training.finetune import main, parse_arguments

WORDS = ('--data', 'parts', '--to', 'mine')


def test_the_defaults_suit_the_model() -> None:
    small = parse_arguments(WORDS)
    large = parse_arguments([*WORDS, '--model', 'a/folder'])
    assert (small.model, small.format, small.folder) == ('tabletop', 'coco', Path('parts'))
    assert (small.location_targets, large.location_targets) == ('soft', 'exact')
    assert small.highest_rate > large.highest_rate > 0
    assert parse_arguments([*WORDS, '--full']).highest_rate < small.highest_rate
    assert parse_arguments([*WORDS, '--rate', '0.5']).highest_rate == 0.5


def test_parts_are_separated_by_commas() -> None:
    assert parse_arguments([*WORDS, '--parts', 'text,vision']).parts == ('text', 'vision')


@pytest.mark.parametrize(
    ('option', 'value', 'message'),
    [
        ('--epochs', '0', '--epochs must be 1 or more, got 0'),
        ('--held-out', '0', 'share between 0 and 1'),
        ('--parts', 'head', 'some of text, connector, vision, got head'),
        ('--mix-scenes', '-1', '--mix-scenes must be 0 or more'),
        ('--dropout', '1', '--dropout must be within'),
    ],
)
def test_values_that_make_no_sense_are_refused(option: str, value: str, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        parse_arguments([*WORDS, option, value])


def test_wrong_input_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ('--data', str(tmp_path / 'nothing'), '--to', str(tmp_path / 'mine'))
    assert main(words) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith('error: ')
    assert 'expected COCO annotations in one of' in error
