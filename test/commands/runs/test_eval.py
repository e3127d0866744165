# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos-ros eval``, with simulated scenes."""

from __future__ import annotations

import json
from pathlib import Path
import re

import pytest

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import eval as command
from kosmos_ros.datasets.levels import LEVELS


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    """Answer with a model that finds nothing."""
    scripted = ScriptedBackend()
    monkeypatch.setattr(command, 'load_model', lambda _: scripted)
    return scripted


def test_it_prints_and_saves_figures_of_each_level(
    tmp_path: Path, backend: ScriptedBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / 'figures'
    arguments = ['--scenes', '1', '--seed', '40', '--level', 'few,pairs', '--output', str(out)]
    code = main(['eval', *arguments])
    captured = capsys.readouterr()
    assert code == exit_codes.FOUND
    assert 'tabletop on tabletop-few+pairs' in captured.out
    assert 'about 2 images' in captured.out
    assert '2/2' in captured.err
    saved = json.loads((out / 'eval.json').read_text())
    assert saved['images'] == saved['images_of'] == 2
    assert saved['settings']['seed'] == 40
    assert set(saved['groups']) == set(saved['settings']['groups']) == {'few', 'pairs'}
    assert saved['settings']['groups']['few'] == '1 or 2 objects'
    assert (out / 'report.html').is_file()


@pytest.mark.usefixtures('backend')
def test_looks_are_limited_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, '_report', lambda *_: None)  # it is tested above
    arguments = ['eval', '--level', 'far', '--scenes', '1', '--output', str(tmp_path)]
    assert main([*arguments, '--max-looks', '2']) == exit_codes.FOUND
    settings, *records = map(json.loads, (tmp_path / 'records.jsonl').read_text().splitlines())
    assert settings['settings']['max_looks'] == 2
    looks = {len(one['result']['answer']['looks']) for one in records}
    assert looks == {1, 2}
    # Answers of other numbers of looks are not mixed with these.
    assert main(arguments) == exit_codes.BAD_INPUT


def test_every_level_is_named_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(['eval', '--help'])
    shown = capsys.readouterr().out
    assert ', '.join(LEVELS) in ' '.join(shown.split())


def test_an_interrupted_evaluation_reports_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    errors: list[BaseException] = []

    class Interrupted(ScriptedBackend):
        def locate(self, *arguments: object, **named: object) -> object:
            if len(self.calls.located) == 3:
                errors.append(KeyboardInterrupt())
                raise errors[-1]
            return super().locate(*arguments, **named)

    monkeypatch.setattr(command, 'load_model', lambda _: Interrupted())
    assert main(['eval', '--scenes', '2', '--output', str(tmp_path)]) == exit_codes.INTERRUPTED
    assert errors
    assert 'not complete yet' in capsys.readouterr().out
    assert json.loads((tmp_path / 'eval.json').read_text())['questions'] == 3


def test_more_scenes_continue_what_there_is(
    tmp_path: Path, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The report is tested above, and takes seconds.
    monkeypatch.setattr(command, '_report', lambda *_: None)
    arguments = ['eval', '--output', str(tmp_path), '--max-looks', '1', '--scenes']
    assert main([*arguments, '1']) == main([*arguments, '3']) == exit_codes.FOUND
    assert main([*arguments, '2', '--seed', '2']) == exit_codes.FOUND
    assert len(backend.calls.encoded) == 4  # the seeds 0 to 3, one each


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--scenes', '0'], 'at least one scene'),
        (['--seed', '1000000'], 'held-out scenes have the seeds'),
        (['--level', 'dark'], 'expected levels among standard'),
        (['--split', 'val'], '--split is for refcoco'),
        (['coco', '--level', 'few', '--folder', '.'], '--level is for tabletop, not for coco'),
        (['refcoco'], 'refcoco needs --folder'),
        (['--protocol', 'paper'], 'the protocol of the paper is for refcoco'),
        (['coco', '--folder', '.', '--limit', '0'], '--limit must be 1 or more'),
        (['coco', '--folder', 'nowhere'], 'nowhere: expected COCO annotations'),
        (['flickr30k', '--folder', 'nowhere'], r'cannot read nowhere/test\.txt'),
        (['refcocog', '--folder', 'nowhere'], r'cannot read nowhere/instances\.json'),
        (['bag', '--folder', 'nowhere'], 'nowhere: there is no such bag'),
    ],
)
def test_wrong_usage_is_told_before_the_model_is_loaded(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, 'load_model', lambda _: pytest.fail('loaded a model'))
    assert main(['eval', *arguments]) == exit_codes.BAD_INPUT
    errors = capsys.readouterr().err
    assert re.search(message, errors), errors
    assert not list(tmp_path.iterdir())
