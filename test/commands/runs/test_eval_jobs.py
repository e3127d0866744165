# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.commands.runs.eval_jobs``; test/models has one with a model."""

from __future__ import annotations

from argparse import Namespace
import json
from operator import attrgetter
from pathlib import Path

import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.cli import main, make_parser
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import eval as command
from kosmos_ros.commands.runs.eval import make_asker, open_data_set
from kosmos_ros.commands.runs.eval_jobs import answers, Work
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.evaluation.protocols import OwnProtocol
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import nothing

from ...datasets.folders import write_coco


def arguments_of(*given: str) -> Namespace:
    """Return what ``kosmos-ros eval`` would be told."""
    return make_parser().parse_args(['eval', *given])


def test_an_error_of_a_process_is_raised_here() -> None:
    work = Work(arguments_of('--scenes', '0'), open_data_set, make_asker, ())
    with pytest.raises(InvalidRequestError, match='at least one scene'):
        list(answers(work, ['tabletop-standard/00000'], 2))


def test_an_image_that_is_of_no_use_is_told_by_its_process(tmp_path: Path) -> None:
    folder = write_coco(tmp_path)
    (folder / 'images/8.png').unlink()
    skipped: dict[str, str] = {}
    arguments = arguments_of('coco', '--folder', str(folder))
    # Goes to the process with the rest, which so needs no weights.
    arguments.asked = OwnProtocol(Grounder(ScriptedBackend())), nothing
    work = Work(arguments, open_data_set, attrgetter('asked'), tuple(Kind))
    found = answers(work, ['coco/7', 'coco/8', 'coco/9'], 1, skipped.__setitem__)
    assert [len(entries) for entries in found] == [3, 0, 2]
    assert list(skipped) == ['coco/8']
    assert '8.png: there is no such image' in skipped['coco/8']


def test_jobs_answer_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[tuple[list[str], int]] = []

    def answered(work: Work, item_ids: list[str], jobs: int, skip: object) -> object:
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
