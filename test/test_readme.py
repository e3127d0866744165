# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The README says what the code says."""

from __future__ import annotations

from dataclasses import Field, fields
import json
from pathlib import Path
import re
from typing import Any

import pytest

from kosmos_ros.core.types import Status, Task
from kosmos_ros.ros.parameters import NodeSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text()


def parameter_row(spec: Field[Any]) -> str:
    """Return the table row that describes a parameter."""
    when = 'at start' if spec.metadata['read_only'] else 'any time'
    values = ', '.join(f'`{choice}`' for choice in spec.metadata['choices'])
    if spec.metadata['within']:
        values = '{:g} to {:g}'.format(*spec.metadata['within'])
    default = list(spec.default) if isinstance(spec.default, tuple) else spec.default
    cells = [f'`{spec.name}`', f'`{json.dumps(default)}`', values, when]
    return '| ' + ' | '.join([*cells, spec.metadata['description']]) + ' |'


@pytest.mark.parametrize('spec', fields(NodeSettings), ids=lambda spec: spec.name)
def test_each_parameter_is_in_the_table_as_it_is_declared(spec: Field[Any]) -> None:
    assert parameter_row(spec) in README.splitlines()


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
