# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What bandit finds is what ``findings.yaml`` explains.

Spans ``kosmos_ros``, ``scripts`` and ``training``.
"""

from __future__ import annotations

from collections import defaultdict
import json
from pathlib import Path
import subprocess
import sys

import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ('kosmos_ros', 'launch', 'scripts', 'training', 'examples', 'setup.py')


def test_bandit_finds_nothing_that_is_not_explained() -> None:
    found = subprocess.run(
        [sys.executable, '-m', 'bandit', '-q', '-f', 'json', '-r', *SOURCES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(found.stdout)
    assert report['errors'] == []
    assert report['metrics']['_totals']['loc'] > 10_000
    files = defaultdict(set)
    for one in report['results']:
        files[one['test_id']].add(one['filename'])
    explained = yaml.safe_load(Path(__file__).with_name('findings.yaml').read_text())
    assert all(len(one['why'].split()) > 1 for one in explained.values())
    assert files.keys() == explained.keys()
    assert {
        rule: sorted(files[rule]) for rule, one in explained.items() if one['files'] != 'all'
    } == {rule: one['files'] for rule, one in explained.items() if one['files'] != 'all'}
