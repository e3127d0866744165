# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The command line as a whole."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
import os
from pathlib import Path
import re
import signal
import subprocess
import sys

from PIL import Image
import pytest

from kosmos_ros import cli
from kosmos_ros.core.errors import (
    InvalidImageError,
    InvalidRequestError,
    KosmosError,
    MissingDependencyError,
    ModelLoadError,
)


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m kosmos_ros`` in a process of its own."""
    command = [sys.executable, '-m', 'kosmos_ros', *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize('arguments', [['--help'], ['ground', '--help'], ['download', '--help']])
def test_help_tells_the_exit_codes(arguments: list[str]) -> None:
    result = run_command(*arguments)
    assert result.returncode == 0
    assert 'exit codes' in result.stdout


@pytest.mark.parametrize(
    'command', ['ground', 'download', 'verify', 'demo', 'eval', 'calibrate', 'stress']
)
def test_commands_are_listed(command: str) -> None:
    assert re.search(rf'^ +{command}\s', cli.make_parser().format_help(), re.MULTILINE)


@pytest.mark.parametrize(
    'arguments', [[], ['ground'], ['grind', 'x'], ['ground', 'x', '--task=y']]
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert 'usage: kosmos-ros' in capsys.readouterr().err


def test_nothing_heavy_is_imported_for_help() -> None:
    code = (
        'import sys; from kosmos_ros.cli import make_parser; make_parser();'
        'heavy = {"torch", "transformers", "mujoco", "rclpy"} & set(sys.modules);'
        'sys.exit(str(heavy) if heavy else 0)'
    )
    result = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ('error', 'code'),
    [
        (InvalidRequestError('wrong'), 2),
        (InvalidImageError('wrong'), 2),
        (FileNotFoundError('wrong'), 2),
        (PermissionError('wrong'), 2),
        (ModelLoadError('wrong'), 3),
        (MissingDependencyError('wrong'), 3),
        (KosmosError('wrong'), 3),
        (KeyboardInterrupt(), 130),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_become_exit_codes(
    error: BaseException,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(arguments: Namespace) -> int:
        raise error

    monkeypatch.setattr('kosmos_ros.commands.download.run', fail)
    assert cli.main(['download', 'a/b']) == code
    assert capsys.readouterr().err.strip() in {'kosmos-ros: wrong', 'interrupted'}


def test_other_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(arguments: Namespace) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr('kosmos_ros.commands.download.run', fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(['download', 'a/b'])


@pytest.mark.parametrize(
    ('words', 'offline'),
    [
        (['ground', '/no/picture.png', 'x'], True),
        (['batch', '/no/folder', '--model', '/no/model'], True),
        (['calibrate', '--scenes', '0'], True),
        (['download', 'not a model'], False),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else '',
)
def test_only_download_may_use_the_network(words: list[str], offline: bool) -> None:
    code = (
        'import sys; from kosmos_ros.cli import main; main(sys.argv[1:]);'
        'from huggingface_hub.constants import HF_HUB_OFFLINE; sys.exit(int(HF_HUB_OFFLINE))'
    )
    environment = {name: os.environ[name] for name in os.environ if name != 'HF_HUB_OFFLINE'}
    result = subprocess.run(
        [sys.executable, '-c', code, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Traceback' not in result.stderr
    assert result.returncode == offline


def test_ctrl_c_ends_without_a_traceback(
    start_process: Callable[..., object], tmp_path: Path
) -> None:
    picture = tmp_path / 'table.png'
    Image.new('RGB', (80, 40)).save(picture)
    process = start_process('-m', 'kosmos_ros', 'ground', picture, 'the mug')
    process.wait_for_output('loading model')
    assert process.interrupt() in (130, -signal.SIGINT)  # the latter while PyTorch loads
    assert 'Traceback' not in process.output
