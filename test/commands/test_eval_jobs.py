# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.commands.eval_jobs``; test/models has one with a model."""

from __future__ import annotations

from argparse import Namespace
import json
from pathlib import Path

import pytest

from kosmos_ros.cli import main, make_parser
from kosmos_ros.commands import eval as command
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.eval import make_asker
from kosmos_ros.commands.eval_data import open_data_set
from kosmos_ros.commands.eval_jobs import answers, Work
from kosmos_ros.core.errors import InvalidRequestError


def arguments_of(*given: str) -> Namespace:
    """Return what ``kosmos-ros eval`` would be told."""
    return make_parser().parse_args(['eval', *given])


def test_an_error_of_a_process_is_raised_here() -> None:
    work = Work(arguments_of('--scenes', '0'), open_data_set, make_asker, ())
    with pytest.raises(InvalidRequestError, match='at least one scene'):
        list(answers(work, ['tabletop-standard/00000'], 2))


def test_jobs_answer_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[list[str], int]] = []

    def answered(work: Work, item_ids: list[str], jobs: int) -> object:
        seen.append((item_ids, jobs))
        return iter([])

    monkeypatch.setattr(command, 'answers', answered)
    monkeypatch.setattr(command, '_report', lambda *_: None)
    told = ['eval', '--scenes', '3', '--jobs', '2', '--output', str(tmp_path)]
    assert main(told) == exit_codes.FOUND
    assert seen == [([f'tabletop-standard/0000{seed}' for seed in range(3)], 2)]
    settings = json.loads((tmp_path / 'records.jsonl').read_text())['settings']
    assert 'jobs' not in settings
    assert main([*told[:4], '0', '--output', str(tmp_path)]) == exit_codes.BAD_INPUT
