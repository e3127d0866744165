# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``scripts.sharing``: the order of files, and what stays together."""

from __future__ import annotations

import os
from pathlib import Path
import subprocess
import sys

from scripts.run_tests import ROOT
from scripts.sharing import begun_at, LONGEST, share, TOGETHER


def test_files_and_folders_exist() -> None:
    assert [name for name in (*LONGEST, *TOGETHER) if not (ROOT / name).exists()] == []


def test_the_longest_are_begun_first() -> None:
    names = (*LONGEST[:2], 'test/nodes/test_x.py', 'test/core/test_x.py')
    places = [begun_at(f'{name}::test_it[a/b]') for name in names]
    assert places == sorted(set(places))


def test_files_are_shared_unless_their_folder_is() -> None:
    assert share('test/core/test_x.py::test_it[a::b]') == 'test/core/test_x.py'
    assert share('test/bench/run/test_x.py::test_it') == 'test/bench'


WHO = """
import os
def test_{name}_1(): print('{name}', os.getpid())
def test_{name}_2(): print('{name}', os.getpid())
"""


def test_two_processes_share_a_real_run(tmp_path: Path) -> None:
    for name in ('core/test_a', 'core/test_b', 'bench/test_c', 'bench/run/test_d', 'nodes/test_e'):
        file = tmp_path / 'test' / f'{name}.py'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(WHO.format(name=file.stem[-1]))
    (tmp_path / 'pytest.ini').write_text('[pytest]\ntestpaths = test\n')
    options = ('-p', 'scripts.sharing', '-n', '2', '--no-loadscope-reorder', '-rP')
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '--rootdir', tmp_path, *options, tmp_path / 'test'],
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    pids: dict[str, set[str]] = {}
    for line in done.stdout.splitlines():
        name, _, pid = line.partition(' ')
        if len(name) == 1 and pid.isdigit():
            pids.setdefault(name, set()).add(pid)
    assert sorted(pids) == list('abcde')
    assert all(len(one) == 1 for one in pids.values())
    assert pids['c'] == pids['d']
    assert len(set().union(*pids.values())) == 2
