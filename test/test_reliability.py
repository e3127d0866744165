# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Every fault that the page about reliability lists has tests, and they are there.

Spans ``docs``.
"""

from __future__ import annotations

from pathlib import Path
import re

PAGE = Path(__file__).parents[1] / 'docs' / 'reliability.md'
TABLE = PAGE.read_text(encoding='utf-8').partition('\n\n## ')[0]
TEST = re.compile(r'\[(test_\w+)\]\(([^)]+)\)')


def rows() -> list[list[str]]:
    """Return the cells of each fault."""
    lines = [line for line in TABLE.splitlines() if line.startswith('| ')]
    cells = [[cell.strip() for cell in line.strip('|').split(' | ')] for line in lines[1:]]
    return [row for row in cells if not row[0].startswith('**')]


def test_each_fault_has_tests_that_are_there() -> None:
    assert len(rows()) > 40
    for fault, behaviour, tests in rows():
        assert behaviour, fault
        assert TEST.sub('', tests).strip(', ') == '', f'{fault}: not only names of tests: {tests}'
        named = TEST.findall(tests)
        assert named, fault
        for name, path in named:
            source = (PAGE.parent / path).read_text(encoding='utf-8')
            assert f'def {name}(' in source, f'{path} has no {name}'


def test_no_fault_is_listed_twice() -> None:
    faults = [row[0] for row in rows()]
    assert len(faults) == len(set(faults))
