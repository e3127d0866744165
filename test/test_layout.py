# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Folders hold no more than one can look through, and every test file tells what it tests.

Spans ``kosmos_ros``, ``scripts`` and ``training``.
"""

from __future__ import annotations

import ast
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_MODULES = 15
SOURCES = ('kosmos_ros', 'scripts', 'training')


def modules(folder: Path) -> list[str]:
    """Return the names of the modules of a folder, without those of its folders."""
    return sorted(path.stem for path in folder.glob('*.py') if path.stem != '__init__')


def is_ours(name: str) -> bool:
    """Return whether there is a module or folder; ``kosmos_ros`` at its front may be left out."""
    places = [base / name.replace('.', '/') for base in (ROOT / 'kosmos_ros', ROOT)]
    return any(place.is_dir() or place.with_suffix('.py').is_file() for place in places)


def mirrored(test: Path) -> str:
    """Return the dotted name of what a test file is about by its place."""
    parts = test.relative_to(ROOT / 'test').with_suffix('').parts
    return '.'.join((*parts[:-1], parts[-1].removeprefix('test_')))


def spanned(source: str) -> list[str]:
    """Return what the first docstring of a test file says that it spans."""
    words = ast.get_docstring(ast.parse(source)) or ''
    said = re.search(r'\bSpans (.+?)\.(?:\s|$)', words, re.DOTALL)
    return re.findall(r'``([\w./]+)``', said[1]) if said else []


FOLDERS = [
    folder
    for name in SOURCES
    for folder in (ROOT / name, *sorted((ROOT / name).rglob('*')))
    if folder.is_dir() and folder.name != '__pycache__'
]
TESTS = sorted((ROOT / 'test').rglob('test_*.py'))


@pytest.mark.parametrize('folder', FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_can_be_looked_through(folder: Path) -> None:
    held = modules(folder)
    assert len(held) <= MOST_MODULES, f'divide {folder.relative_to(ROOT)}, which holds {held}'


@pytest.mark.parametrize('test', TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_test_file_mirrors_a_module_or_says_what_it_spans(test: Path) -> None:
    said = spanned(test.read_text(encoding='utf-8'))
    unknown = [name for name in said if not is_ours(name)]
    assert not unknown, f'it says that it spans {unknown}, which is not there'
    assert said or is_ours(mirrored(test)), (
        f'there is no {mirrored(test)}: move the tests beside their module, or say in the first '
        'docstring: Spans ``core.images`` and ``core.drawing``.'
    )


@pytest.mark.parametrize(
    ('source', 'expected'),
    [
        (
            '"""Tests.\n\nSpans ``core.images`` and\n``nodes``. ``ros``\n"""',
            ['core.images', 'nodes'],
        ),
        ('"""Tests of ``core.images``."""', []),
        ('import sys\n', []),
    ],
)
def test_what_is_spanned_is_read_from_the_docstring(source: str, expected: list[str]) -> None:
    assert spanned(source) == expected


def test_places_are_told_apart() -> None:
    assert is_ours('core.types')
    assert is_ours('training.texts')
    assert is_ours('kosmos_ros.core')
    assert not is_ours('core.nothing')
    assert mirrored(ROOT / 'test/core/images/test_views.py') == 'core.images.views'


def test_every_file_says_whose_it_is_and_under_which_license() -> None:
    files = [
        path
        for name in (*SOURCES, 'test', 'launch', 'examples')
        for path in (ROOT / name).rglob('*.py')
    ]
    assert len(files) > 500
    for path in files:
        first, second, *_ = [*path.read_text(encoding='utf-8').splitlines(), '', '']
        assert first.startswith('# Copyright 2026 '), path
        assert second == '# SPDX-License-Identifier: Apache-2.0', path
