# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The README says what the code says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
import re

from kosmos_ros.core.types import Status, Task
from kosmos_ros.ros.parameters import NodeSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text()


def test_the_parameters_in_the_table_are_declared() -> None:
    section = README.partition('## Parameters')[2].partition('\n## ')[0]
    named = set(re.findall(r'^\| `(\w+)`', section, re.MULTILINE))
    assert 'model' in named
    assert named <= {spec.name for spec in fields(NodeSettings)}


def test_each_task_and_status_is_named() -> None:
    named = set(re.findall(r'`([A-Z_]+)`', README))
    assert {task.name for task in Task} | {status.name for status in Status} <= named


def test_linked_files_exist() -> None:
    targets = re.findall(r'\]\((?!https?:)([^)#]+)\)', README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_make_targets_exist() -> None:
    makefile = (ROOT / 'Makefile').read_text()
    used = set(re.findall(r'^make ([a-z-]+)', README, re.MULTILINE))
    assert {'demo', 'test', 'run'} <= used
    assert [target for target in used if f'\n{target}:' not in makefile] == []
