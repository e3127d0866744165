# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A name means one thing: no two modules of the package have a public class of the same name.

Spans ``kosmos_ros``.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import kosmos_ros

PACKAGE = Path(kosmos_ros.__file__).parent


def public_classes(folder: Path) -> dict[str, list[str]]:
    """Return in which modules below a folder each public class stands."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob('*.py')):
        for node in ast.parse(path.read_text(encoding='utf-8')).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith('_'):
                found[node.name].append(path.relative_to(folder).as_posix())
    return found


def test_a_repeated_name_is_noticed(tmp_path: Path) -> None:
    (tmp_path / 'one.py').write_text('class Frame: ...\nclass _Own: ...\n')
    (tmp_path / 'two.py').write_text('class Frame: ...\nclass _Own: ...\n')
    assert public_classes(tmp_path) == {'Frame': ['one.py', 'two.py']}


def test_every_public_class_has_a_name_of_its_own() -> None:
    found = public_classes(PACKAGE)
    assert len(found) > 100
    assert {name: where for name, where in found.items() if len(where) > 1} == {}
