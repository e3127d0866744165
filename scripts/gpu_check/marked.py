# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""All tests that need a CUDA device."""

from __future__ import annotations

from pathlib import Path
import re
import subprocess
import sys

from scripts.gpu_check.task import Found, Task, Tell

ROOT = Path(__file__).resolve().parents[2]
MARKER = 'cuda'
_LINE = re.compile(r'(PASSED|FAILED|ERROR|SKIPPED)(?: \[\d+\])? (.+)')
"""A line of what pytest says at the end."""


def marked_files(root: Path = ROOT) -> list[str]:
    """Return the test files that hold marked tests: collecting all of them takes too long."""
    marker = f'mark.{MARKER}'
    return [
        str(path.relative_to(root))
        for path in sorted(Path(root, 'test').rglob('test_*.py'))
        if marker in path.read_text(encoding='utf-8')
    ]


def run_marked(_: Task, tell: Tell) -> None:
    """Run them."""
    command = [sys.executable, '-m', 'pytest', '-m', MARKER, '-q', '-rfEsp', '--tb=short']
    command += ['--no-fold-skipped', '-p', 'no:cacheprovider', *marked_files()]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    print(ended.stdout)
    tell(outcomes(ended.stdout))


def outcomes(output: str) -> Found:
    """Return which tests passed, failed and were skipped, and why, by what pytest printed."""
    # No line of a failed test's traceback or output can be taken for one of these.
    summary = output.rpartition('short test summary info')[2]
    lines = [found.groups() for found in map(_LINE.match, summary.splitlines()) if found]
    found: Found = {
        kind: [text for one, text in lines if one in kinds]
        for kind, kinds in (
            ('passed', ('PASSED',)),
            ('failures', ('FAILED', 'ERROR')),
            ('skipped', ('SKIPPED',)),
        )
    }
    if found['failures']:
        found['failed'] = f'{len(found["failures"])} tests'
    elif not found['passed']:
        found['not_run'] = 'all were skipped' if found['skipped'] else 'no test was found'
    return found
