# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
README and the pages of docs say what the code says, and their links lead somewhere.

Spans ``docs``.
"""

from __future__ import annotations

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
PAGES = [README, *DOCS, *(ROOT / name for name in ('CONTRIBUTING.md', 'bench/README.md'))]
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


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / 'Makefile').read_text()
    used = set(re.findall(r'^make ([a-z-]+)', page.read_text(), re.MULTILINE))
    assert [target for target in used if f'\n{target}:' not in makefile] == []
    if page == README:
        assert {'demo', 'test', 'run'} <= used
