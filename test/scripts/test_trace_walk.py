# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The walk of a call is short, and nothing in it is read twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
import re
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[2]
MOST_CROSSINGS = 300
"""Of the call 'the red cube'; 500 when requests were checked wherever they came by."""

SUMMARY = re.compile(r"^'(.*)': \d+ files \(.*\), (\d+) crossings between files$")


def test_a_request_is_read_once_and_walks_through_few_doors() -> None:
    queries = ('the red cube', 'put the red mug into the bowl')
    command = [sys.executable, '-m', 'scripts.trace_walk', *queries, '--list']
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    steps: Counter[str] = Counter()
    crossings, read = {}, {}
    for line in done.stdout.splitlines():
        if summary := SUMMARY.match(line):
            crossings[summary[1]], read[summary[1]] = int(summary[2]), steps
            steps = Counter()
        else:
            steps[line.rpartition('> ')[2]] += 1
    assert tuple(crossings) == queries
    assert 100 < crossings['the red cube'] <= MOST_CROSSINGS
    readers = (
        'language/auto_task.py: named_objects',
        'language/instructions.py: parse_instruction',
    )
    for query, reader in zip(queries, readers, strict=True):
        assert read[query]['core/tasks/request.py: resolve'] == 1
        assert read[query][f'core/{reader}'] == 1
