# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The pictures of the folders say what the imports say, and the table what the folders say."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.publish_architecture import (
    folders,
    modules,
    page,
    PAGES,
    picture,
    publish,
    reduced,
    rooms_of,
    ROOT,
)

HEAD = '"""What this is for. And more."""\n'
PACKAGE = {
    '__init__.py': 'if TYPE_CHECKING:\n    from kosmos_ros.core.types import Box\n',
    'cli.py': 'def main():\n    from kosmos_ros.top.run import run\n',
    'core/__init__.py': HEAD,
    'core/types.py': '',
    'core/sub/__init__.py': HEAD,
    'core/sub/deep.py': 'from kosmos_ros.core import types\n',
    'ros/__init__.py': HEAD + 'import kosmos_ros.core.types\n',
    'ros/node.py': 'from kosmos_ros.core.types import Box\nimport os.path\n',
    'top/__init__.py': HEAD,
    'top/run.py': 'import kosmos_ros.ros\nfrom kosmos_ros.core.sub.deep import dive\n',
    'watch/page/index.html': '',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small repository."""
    for name, text in PACKAGE.items():
        path = tmp_path / 'kosmos_ros' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize('name', PAGES)
def test_the_pages_in_the_repository_are_the_newest(name: str) -> None:
    text = (ROOT / name).read_text()
    assert '<!-- end -->' in text
    assert text == page(text), 'run python -m scripts.publish_architecture'


def test_every_import_counts_wherever_it_stands(root: Path) -> None:
    assert modules(root) == {
        'cli': {'top.run'},
        'core': set(),
        'core.sub': set(),
        'core.sub.deep': {'core.types'},
        'core.types': set(),
        'ros': {'core.types'},
        'ros.node': {'core.types'},
        'top': set(),
        'top.run': {'core.sub.deep', 'ros'},
    }


def test_a_picture_is_of_the_folders_right_below(root: Path) -> None:
    graph = modules(root)
    assert rooms_of('', graph) == {
        'cli': {'top'},
        'core': set(),
        'ros': {'core'},
        'top': {'core', 'ros'},
    }
    assert rooms_of('core', graph) == {'sub': {'types'}, 'types': set()}
    drawn = picture('', graph)
    assert drawn.startswith('```mermaid\nflowchart TD\n    cli_["cli"]\n')
    assert '    top_ --> ros_\n' in drawn
    assert 'top_ --> core_' not in drawn


def test_arrows_that_follow_from_others_are_left_out_but_for_circles() -> None:
    chain = {'a': {'b', 'c', 'd'}, 'b': {'c'}, 'c': {'d'}, 'd': set()}
    assert reduced(chain) == {'a': {'b'}, 'b': {'c'}, 'c': {'d'}, 'd': set()}
    circle = {'a': {'b', 'c'}, 'b': {'c'}, 'c': {'a', 'b'}}
    assert reduced(circle) == circle


def test_a_page_is_written_and_what_is_written_by_hand_stays(root: Path) -> None:
    for name in PAGES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(
            'by hand\n<!-- folders of kosmos_ros/ -->\nold\n<!-- end -->\ntoo'
        )
    publish(root)
    assert (root / PAGES[0]).read_text() == (
        'by hand\n<!-- folders of kosmos_ros/ -->\n'
        '| folder | what is in it |\n|---|---|\n'
        '| `kosmos_ros/core/` | What this is for. |\n'
        '| `kosmos_ros/core/sub/` | What this is for. |\n'
        '| `kosmos_ros/ros/` | What this is for. |\n'
        '| `kosmos_ros/top/` | What this is for. |\n'
        '| `kosmos_ros/watch/page/` | The web page: HTML, CSS and JavaScript, written by hand. |\n'
        '<!-- end -->\ntoo'
    )


def test_a_folder_without_a_word_is_an_error(root: Path) -> None:
    (root / 'kosmos_ros' / 'top' / '__init__.py').unlink()
    with pytest.raises(ValueError, match='top needs an __init__'):
        folders(root)
