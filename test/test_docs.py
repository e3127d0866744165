# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
README and the pages of docs say what the code says, and their links lead somewhere.

Spans ``docs``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
import re

import pytest

from kosmos_ros.core.types import Status, Task
from kosmos_ros.launch_arguments import ARGUMENTS
from kosmos_ros.parameters.node_settings import NodeSettings

ROOT = Path(__file__).parents[1]
README = ROOT / 'README.md'
DOCS = sorted((ROOT / 'docs').glob('*.md'))
PACKAGE = ROOT / 'kosmos_ros'
PAGES = [README, *DOCS, *(ROOT / name for name in ('CONTRIBUTING.md', 'bench/README.md'))]
MORE_PAGES = [ROOT / 'training' / 'README.md', PACKAGE / 'models' / 'tabletop' / 'README.md']
SOURCES = [
    path
    for folder in ('examples', 'kosmos_ros', 'launch', 'scripts', 'test', 'training')
    for path in sorted((ROOT / folder).rglob('*.py'))
]
FOLDERS = {
    path.name
    for path in (*ROOT.iterdir(), *PACKAGE.iterdir())
    if path.is_dir() and not path.name.startswith(('.', '_'))
}
PATH = re.compile(r'(?<![\w./~:$<{*-])(\w[\w.-]*(?:/[\w.-]+)*/(?:[\w.-]*\w)?)(?![\w/*{<])')
MODULE = re.compile(r'``(?:kosmos_ros\.)?(\w+(?:\.\w+)+)(?:\(\))?``')
HEADING = re.compile(r'^#+ (.*)$', re.MULTILINE)
LINK = re.compile(r'\]\((?!https?:)([^)\s]+)\)')


def _prose(page: Path) -> str:
    """Return a page without its blocks of code, in which '#' begins no heading."""
    return re.sub(r'^```.*?^```$', '', page.read_text(), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    kept = (re.sub(r'[^\w\- ]', '', title.lower()) for title in HEADING.findall(_prose(page)))
    return {title.strip().replace(' ', '-') for title in kept}


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition('#')
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or (target.suffix == '.md' and anchor in _anchors(target))


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(_prose(page))
    assert [link for link in links if not _leads_somewhere(page, link)] == []


def test_a_link_that_leads_nowhere_is_found() -> None:
    assert _leads_somewhere(README, 'docs/interfaces.md#the-action')
    assert not _leads_somewhere(README, 'docs/interfaces.md#no-such-heading')
    assert not _leads_somewhere(README, 'docs/no_such_page.md')


def test_every_page_is_in_the_index_and_leads_back() -> None:
    index = ROOT / 'docs' / 'README.md'
    others = [page for page in DOCS if page != index]
    listed = LINK.findall(_prose(index))
    assert [page.name for page in others if page.name not in listed] == []
    assert [page.name for page in others if '](README.md)' not in page.read_text()] == []


def test_the_parameters_in_the_table_are_declared() -> None:
    section = README.read_text().partition('**[Parameters]')[2].partition('\n## ')[0]
    named = set(re.findall(r'^\| `(\w+)`', section, re.MULTILINE))
    assert 'model' in named
    assert named <= {spec.name for spec in fields(NodeSettings)}


def test_each_launch_argument_is_told_with_its_default() -> None:
    page = (ROOT / 'docs' / 'launching.md').read_text()
    rows = dict(re.findall(r'^\| `(\w+)` \| (.*?) \|', page, re.MULTILINE))
    assert list(rows) == [one.name for one in ARGUMENTS]
    for one in ARGUMENTS:
        assert (rows[one.name] == 'as in `params_file`') == one.is_parameter
        assert not one.default or rows[one.name] == f'`{one.default}`'


def test_each_task_and_status_is_named() -> None:
    named = set(re.findall(r'`([A-Z_]+)`', (ROOT / 'docs' / 'interfaces.md').read_text()))
    assert {task.name for task in Task} | {status.name for status in Status} <= named


def test_the_readme_names_the_tasks() -> None:
    named = set(re.findall(r'`([A-Z_]+)`', README.read_text()))
    assert {task.name for task in Task} <= named


def _missing_paths(text: str, page: Path) -> list[str]:
    """List what looks like a path of the repository and leads nowhere; NAME stands for any."""
    paths = {path for path in PATH.findall(text) if path.split('/')[0] in FOLDERS}
    return [
        path
        for path in sorted(paths)
        if 'NAME' not in path.split('/')
        and not any(
            # The types of messages are named without the suffix.
            (place / f'{path}{suffix}').exists()
            for place in (ROOT, PACKAGE, page.parent)
            for suffix in ('', '.msg', '.srv', '.action')
        )
    ]


def _missing_modules(text: str) -> list[str]:
    """List dotted names that begin with a folder of the package and lead to no module."""
    found = (name.split('.') for name in MODULE.findall(text))
    return [
        '.'.join(parts)
        for parts in found
        if (PACKAGE / parts[0] / '__init__.py').exists()
        and parts[-1] != 'json'
        and not PACKAGE.joinpath(*parts).is_dir()
        and not any(
            PACKAGE.joinpath(*parts[:end]).with_suffix('.py').exists()
            for end in range(2, len(parts) + 1)
        )
    ]


def _words(path: Path) -> Iterator[str]:
    """Give the docstrings and comments of a module."""
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ''
    yield '\n'.join(re.findall(r'(?:^|\s)#(.*)', text))


@pytest.mark.parametrize(
    'page', [*PAGES, *MORE_PAGES], ids=lambda page: str(page.relative_to(ROOT))
)
def test_paths_in_pages_exist(page: Path) -> None:
    text = page.read_text()
    assert _missing_paths(text, page) == []
    scripts = set(re.findall(r'python -m ((?:scripts|training)[.\w]*\w)', text))
    programs = {name: ROOT.joinpath(*name.split('.')) for name in scripts}
    for name, path in programs.items():
        assert path.with_suffix('.py').exists() or (path / '__main__.py').exists(), name


def test_paths_and_modules_in_docstrings_and_comments_exist() -> None:
    # This one names some that do not.
    sources = [path for path in SOURCES if path != Path(__file__).resolve()]
    missing = {
        str(path.relative_to(ROOT)): found
        for path in sources
        for text in _words(path)
        if (found := _missing_paths(text, path) + _missing_modules(text))
    }
    assert missing == {}


def test_paths_and_modules_that_do_not_exist_are_found() -> None:
    told = (
        'See `core/types.py`, kosmos_ros/core/type.py, (ros/worker/), `sim/nowhere/` and a/b.py.'
    )
    assert _missing_paths(told, README) == ['kosmos_ros/core/type.py', 'sim/nowhere/']
    assert _missing_paths('kosmos_ros_msgs/srv/Ground, kosmos_ros_msgs/srv/Grounds', README) == [
        'kosmos_ros_msgs/srv/Grounds'
    ]
    told = '``core.types.Box``, ``kosmos_ros.core.images``, ``core.parser``, ``os.path``'
    assert _missing_modules(told) == ['core.parser']


def test_every_folder_is_listed_for_contributors() -> None:
    listed = set(re.findall(r'`(kosmos_ros/\S*)`', (ROOT / 'CONTRIBUTING.md').read_text()))
    folders = [
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob('*')
        if path.is_dir()
        and path.name != '__pycache__'
        and any(one.is_file() for one in path.rglob('*') if '__pycache__' not in one.parts)
    ]
    assert len(folders) > 40
    assert [folder for folder in folders if f'{folder}/' not in listed] == []


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / 'Makefile').read_text()
    used = set(re.findall(r'^make ([a-z-]+)', page.read_text(), re.MULTILINE))
    assert [target for target in used if f'\n{target}:' not in makefile] == []
    if page == README:
        assert {'demo', 'test', 'run'} <= used
