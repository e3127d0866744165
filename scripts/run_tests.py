# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Run all tests: ``python -m scripts.run_tests [arguments of pytest]``.

With ``JOBS=2`` in the environment, tests of the folders in ``SIDE_BY_SIDE``, which only compute,
run in two processes of pytest-xdist, a file at a time. All others talk over DDS, start programs,
or measure time and memory; they come after them, one at a time. Without it, and with arguments
that name files or folders, all run in one process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
import os
from pathlib import Path
import subprocess
import sys
from typing import NamedTuple

from kosmos_ros.demo.shared_memory import sweep

ROOT = Path(__file__).resolve().parents[1]
SIDE_BY_SIDE = (
    *('test/backends', 'test/batch', 'test/core', 'test/datasets', 'test/evaluation'),
    *('test/models', 'test/recordings', 'test/results', 'test/sim', 'test/tracking'),
    *('test/training', 'test/verification'),
)

# They use files of the last run, so two runs would disturb each other.
_ONE_RUN = ('--lf', '--last-failed', '--ff', '--failed-first', '--sw', '--stepwise')
_STOP_AT_FAILURES = ('-x', '--exitfirst', '--maxfail')
# https://docs.pytest.org/en/stable/reference/exit-codes.html
_PASSED, _FAILED, _NONE_COLLECTED = 0, 1, 5
_SECONDS_TO_END = 30.0


class Part(NamedTuple):
    """Arguments of one run of pytest, and variables to set for it."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def parts(
    given: Sequence[str], jobs: int, root: Path = ROOT, cores: int | None = None
) -> tuple[Part, ...]:
    """
    Divide the tests into runs.

    :param root: the folder that the paths among them are relative to.
    :param cores: how many there are; None: those of this machine.
    """
    cores = cores or os.cpu_count() or 1
    named = any((root / argument.partition('::')[0]).exists() for argument in given)
    if named or jobs < 2 or any(argument in _ONE_RUN for argument in given):
        return (Part(tuple(given), {}),)
    # More threads than cores would only wait for each other.
    threads = {'OMP_NUM_THREADS': str(max(1, min(2, cores // jobs)))}
    workers = ('-n', str(jobs), '--dist', 'loadfile')
    rest = tuple(f'--ignore={folder}' for folder in SIDE_BY_SIDE)
    return Part((*workers, *SIDE_BY_SIDE, *given), threads), Part((*rest, *given), {})


def run(
    given: Sequence[str],
    jobs: int,
    root: Path = ROOT,
    program: Sequence[str] = (sys.executable, '-m', 'pytest'),
) -> int:
    """
    Run the tests below a folder.

    :returns: 0 if all passed, otherwise the first other exit status.
    """
    statuses: list[int] = []
    for part in parts(given, jobs, root):
        environment = dict(os.environ) | dict(part.environment)
        statuses.append(_status([*program, *part.arguments], environment, root))
        if _ends_it(statuses[-1], given):
            break
    bad = [status for status in statuses if status not in (_PASSED, _NONE_COLLECTED)]
    return bad[0] if bad else min(statuses)


def _status(command: Sequence[str], environment: dict[str, str], root: Path) -> int:
    with subprocess.Popen(command, env=environment, cwd=root) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches pytest too, which then says how far it came.
            with suppress(subprocess.TimeoutExpired):
                return child.wait(_SECONDS_TO_END)
            child.terminate()
            return child.wait()


def _ends_it(status: int, given: Sequence[str]) -> bool:
    if status == _FAILED:
        return any(argument.startswith(_STOP_AT_FAILURES) for argument in given)
    return status not in (_PASSED, _NONE_COLLECTED)


if __name__ == '__main__':
    if swept := sweep():
        print(swept, flush=True)
    sys.exit(run(sys.argv[1:], int(os.environ.get('JOBS', '1'))))
