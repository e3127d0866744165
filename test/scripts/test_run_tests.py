# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of the program behind ``make test``."""

from __future__ import annotations

from pathlib import Path
import sys

import pytest

from scripts.run_tests import ALONE, parts, ROOT, run

# Stands in for pytest: ends with the status of its part, and says that it ran.
STAND_IN = """
import sys
beside, alone = sys.argv[1:3]
part = 'side by side' if '-n' in sys.argv else 'alone'
print(part, flush=True)
sys.exit(int(beside if part == 'side by side' else alone))
"""


def test_files_exist() -> None:
    assert [name for name in ALONE if not (ROOT / name).exists()] == []


def test_each_test_is_in_one_part() -> None:
    side_by_side, alone = parts(['-q'], 2)
    ignored = [one.partition('=')[2] for one in side_by_side.arguments if '--ignore=' in one]
    assert [one for one in side_by_side.arguments if one.startswith('test/')] == []
    assert tuple(ignored) == ALONE
    assert alone.arguments == (*ALONE, '-q')
    assert side_by_side.arguments[-1] == '-q'


@pytest.mark.parametrize(('cores', 'threads'), [(1, '1'), (2, '1'), (4, '2'), (64, '2')])
def test_there_are_no_more_threads_than_cores(cores: int, threads: str) -> None:
    side_by_side, alone = parts([], 2, cores=cores)
    assert side_by_side.environment == {'OMP_NUM_THREADS': threads}
    assert alone.environment == {}


@pytest.mark.parametrize('given', [['test/core'], ['test/core/test_geometry.py::x'], ['--lf']])
def test_what_is_named_runs_by_itself(given: list[str]) -> None:
    (part,) = parts(given, 2)
    assert part.arguments == tuple(given)


def test_one_job_is_one_run() -> None:
    (part,) = parts(['-q'], 1)
    assert part.arguments == ('-q',)


@pytest.mark.parametrize(
    ('statuses', 'given', 'status', 'ran'),
    [
        ((0, 0), [], 0, 2),
        ((5, 0), [], 0, 2),
        ((0, 5), [], 0, 2),
        ((5, 5), [], 5, 2),
        ((1, 0), [], 1, 2),
        ((0, 1), [], 1, 2),
        ((1, 0), ['-x'], 1, 1),
        ((1, 0), ['--maxfail=3'], 1, 1),
        ((2, 0), [], 2, 1),
        ((4, 0), [], 4, 1),
    ],
)
def test_the_exit_status_is_that_of_both_parts(
    capfd: pytest.CaptureFixture[str],
    statuses: tuple[int, int],
    given: list[str],
    status: int,
    ran: int,
) -> None:
    stand_in = [sys.executable, '-S', '-c', STAND_IN, *map(str, statuses)]
    assert run(given, 2, program=stand_in) == status
    assert capfd.readouterr().out.splitlines() == ['side by side', 'alone'][:ran]


def test_a_real_run_chooses_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PYTHONPATH', str(ROOT))
    for name, outcome in (('test/core/test_in_1.py', 1), *((name, 0) for name in ALONE)):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(f'def test_in_{outcome}():\n    assert {outcome}\n')
    (tmp_path / 'pytest.ini').write_text('[pytest]\ntestpaths = test\n')
    assert run(['-k', 'in_1', '-p', 'no:cacheprovider'], 2, tmp_path) == 0
