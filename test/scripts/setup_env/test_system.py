# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the machine lacks is named, with the command that brings it."""

from __future__ import annotations

from pathlib import Path
import platform

import pytest

from scripts.setup_env import system
from scripts.setup_env.commands import Log, SetupError

THERE = system.Need('a shell', ('dash',), lambda: True)
ABSENT = system.Need('a C++ compiler', ('g++',), lambda: False)
ABSENT_TOO = system.Need('OpenGL', ('libegl1', 'libopengl0'), lambda: False)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / 'system.log')


@pytest.fixture
def fake_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an apt-get first in PATH that writes down how it is called."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    calls = tmp_path / 'calls'
    program = folder / 'apt-get'
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{folder}:/usr/bin:/bin')
    return calls


def test_nothing_is_done_when_all_is_there(log: Log, fake_apt: Path) -> None:
    assert system.ensure([THERE], log) == []
    assert not fake_apt.exists()


def test_who_is_not_root_gets_the_exact_command(
    log: Log, fake_apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: 1000)
    with pytest.raises(SetupError) as caught:
        system.ensure([THERE, ABSENT, ABSENT_TOO], log)
    message = str(caught.value)
    assert message.endswith('sudo apt-get install --no-install-recommends g++ libegl1 libopengl0')
    assert 'a C++ compiler' in message
    assert 'a shell' not in message
    assert not fake_apt.exists()


def test_root_installs_just_what_is_missing(
    log: Log, fake_apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: 0)
    absent = system.Need('OpenGL', ('libegl1', 'libopengl0'), fake_apt.exists)
    assert system.ensure([THERE, absent], log) == ['libegl1', 'libopengl0']
    assert fake_apt.read_text().splitlines() == [
        'update',
        'install -y --no-install-recommends libegl1 libopengl0',
    ]


def test_what_apt_did_not_bring_is_named(
    log: Log, fake_apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: 0)
    with pytest.raises(SetupError, match='OpenGL'):
        system.ensure([ABSENT_TOO], log)


def test_a_failing_apt_is_shown_with_what_is_missing(
    log: Log, fake_apt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: 0)
    (tmp_path / 'bin' / 'apt-get').write_text('#!/bin/sh\necho no network\nexit 100\n')
    with pytest.raises(SetupError) as caught:
        system.ensure([ABSENT], log)
    message = str(caught.value)
    assert 'a C++ compiler' in message
    assert '    no network' in message


def test_what_only_tests_need_is_installed_by_root(
    log: Log, fake_apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: 0)
    browser = system.Need('a browser', ('chromium', 'chromium-driver'), fake_apt.exists)
    assert system.ensure_for_tests([THERE, browser], log) == ''
    assert 'install -y --no-install-recommends chromium chromium-driver' in fake_apt.read_text()


@pytest.mark.parametrize('user', [0, 1000])
def test_what_only_tests_need_never_stops_them(
    user: int, log: Log, fake_apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system.os, 'geteuid', lambda: user)
    said = system.ensure_for_tests([ABSENT_TOO, THERE], log)
    assert said == (
        'OpenGL: missing, tests that need it will be skipped; to have them: '
        'sudo apt-get install --no-install-recommends libegl1 libopengl0'
    )
    assert fake_apt.exists() is (user == 0)


def test_a_browser_needs_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    (need,) = system.needs_of_tests()
    assert need.packages == ('chromium', 'chromium-driver')
    for name, met in (('google-chrome', False), ('chromedriver', True)):
        program = tmp_path / name
        program.write_text('#!/bin/sh\n')
        program.chmod(0o755)
        assert need.is_met() is met


@pytest.mark.parametrize('version', [(3, 10), (3, 11), (3, 12), (3, 13)])
@pytest.mark.skipif(platform.machine() != 'x86_64', reason='there are wheels for x86_64 only')
def test_versions_that_have_wheels(version: tuple[int, int]) -> None:
    system.check_interpreter(with_ros=False, version=version)


@pytest.mark.parametrize('version', [(3, 8), (3, 9), (3, 14)])
def test_other_versions_are_told_what_to_type(
    version: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(SetupError, match=r'this is 3\.\d+; install one of them'):
        system.check_interpreter(with_ros=False, version=version)
    other = tmp_path / 'python3.12'
    other.write_text('#!/bin/sh\n')
    other.chmod(0o755)
    with pytest.raises(SetupError, match=r'make env PYTHON=python3\.12'):
        system.check_interpreter(with_ros=False, version=version)


def test_an_installed_ros_may_have_a_newer_python_and_another_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, 'machine', lambda: 'aarch64')
    system.check_interpreter(with_ros=True, version=(3, 14))
    with pytest.raises(SetupError, match='x86_64 only, this is Linux aarch64'):
        system.check_interpreter(with_ros=False, version=(3, 12))
    with pytest.raises(SetupError, match=r'this is 3\.9'):
        system.check_interpreter(with_ros=True, version=(3, 9))


def test_colcon_is_needed_beside_an_installed_ros_only() -> None:
    names = [need.what for need in system.needs(with_ros=False)]
    assert 'colcon' not in names
    assert [need.what for need in system.needs(with_ros=True)] == [*names, 'colcon']


@pytest.mark.parametrize(
    ('shown', 'met'), [('3.22.1', True), ('4.0.0', True), ('3.18.4', False), ('none', False)]
)
def test_cmake_has_to_be_new_enough(
    shown: str, met: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / 'cmake'
    program.write_text(f'#!/bin/sh\necho cmake version {shown}\n')
    program.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:/usr/bin:/bin')
    need = next(need for need in system.needs(with_ros=False) if 'CMake' in need.what)
    assert need.is_met() is met
