# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Programs leave their output in a log, and an error shows its end."""

from __future__ import annotations

from pathlib import Path
import sys

import pytest

from scripts.setup_env.commands import clean_environment, Log, SetupError


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    log = Log(tmp_path / 'logs' / 'step.log')
    code = (
        'import os, sys; print(os.environ["GIVEN"], os.getcwd()); print("aside", file=sys.stderr)'
    )
    log.call([sys.executable, '-c', code], {'GIVEN': 'value'}, folder=tmp_path)
    text = log.path.read_text()
    assert f'value {tmp_path}' in text
    assert 'aside' in text
    assert text.startswith('$ ')


def test_a_failure_shows_command_status_and_last_lines(tmp_path: Path) -> None:
    log = Log(tmp_path / 'step.log')
    code = 'import sys; print("\\n".join(map(str, range(100)))); sys.exit("the reason")'
    with pytest.raises(SetupError) as caught:
        log.call([sys.executable, '-c', code])
    message = str(caught.value)
    assert 'ended with status 1' in message
    assert '    the reason' in message
    assert str(log.path) in message
    assert '    3\n' not in message


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match='cannot run no-such-program'):
        Log(tmp_path / 'step.log').call(['no-such-program'])


def test_another_environments_variables_do_not_leak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('LD_LIBRARY_PATH', '/elsewhere/lib')
    monkeypatch.delenv('_ROS_WHEELS_BOOTSTRAP_COMPLETE', raising=False)
    assert clean_environment()['LD_LIBRARY_PATH'] == '/elsewhere/lib'
    monkeypatch.setenv('_ROS_WHEELS_BOOTSTRAP_COMPLETE', '1')
    assert not {'LD_LIBRARY_PATH', '_ROS_WHEELS_BOOTSTRAP_COMPLETE'} & clean_environment().keys()
