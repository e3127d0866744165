# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What ``kosmos_ros`` offers to other programs: names, when they are imported, page, example.

Spans ``kosmos_ros``.
"""

from __future__ import annotations

import ast
from pathlib import Path
import re
import runpy
import subprocess
import sys

from PIL import Image
import pytest

import kosmos_ros

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / 'docs' / 'python.md'
TABLE = ROOT / 'examples' / 'table.png'
BLOCK = re.compile(r'^```(python|text)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
HEAVY = ('accelerate', 'kosmos_ros_msgs', 'mujoco', 'rclpy', 'tokenizers', 'torch', 'transformers')

PROBE = """
import sys

def loaded(*names):
    return [name for name in names if any(f'{one}.'.startswith(f'{name}.') for one in sys.modules)]

import kosmos_ros
assert not loaded('kosmos_ros.core', 'kosmos_ros.backends', 'numpy', *HEAVY)
assert 'Grounder' in dir(kosmos_ros)
from kosmos_ros import GroundingRequest, Region
GroundingRequest('the mug', region=Region(0, 0, 9, 9))
assert not loaded('kosmos_ros.core.grounder', 'kosmos_ros.backends', 'numpy', *HEAVY)
from kosmos_ros import *
assert loaded('kosmos_ros.core.grounder', 'kosmos_ros.backends', 'numpy')
assert not loaded(*HEAVY), loaded(*HEAVY)
try:
    load_backend('/nowhere')
except ModelLoadError as error:
    print(error)
assert not loaded(*HEAVY), loaded(*HEAVY)
"""


def typed_imports() -> dict[str, str]:
    """Return the home of each name that a type checker sees."""
    tree = ast.parse(Path(kosmos_ros.__file__).read_text())
    block = next(one for one in tree.body if isinstance(one, ast.If))
    assert ast.unparse(block.test) == 'TYPE_CHECKING'
    imports = [one for one in block.body if isinstance(one, ast.ImportFrom)]
    return {alias.name: str(one.module) for one in imports for alias in one.names}


def test_each_name_is_what_a_type_checker_takes_it_for() -> None:
    homes = typed_imports()
    assert sorted(homes) == sorted([*kosmos_ros.__all__, 'GroundingClient'])
    for name, home in homes.items():
        module = __import__(home, fromlist=[name])
        assert getattr(kosmos_ros, name) is getattr(module, name)


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="'kosmos_ros' has no attribute 'Grounds'"):
        _ = kosmos_ros.Grounds
    with pytest.raises(ImportError, match='GroundingNode'):
        from kosmos_ros import GroundingNode  # noqa: F401, PLC0415
    from kosmos_ros import cli  # noqa: PLC0415  modules are found all the same

    assert cli.__name__ == 'kosmos_ros.cli'


def test_nothing_is_imported_before_it_is_needed() -> None:
    ended = subprocess.run(
        [sys.executable, '-c', f'HEAVY = {HEAVY!r}\n{PROBE}'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert '/nowhere' in ended.stdout


def test_the_page_says_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'table.png').write_bytes(TABLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed = ''
    for language, block in BLOCK.findall(PAGE.read_text()):
        if language == 'text':
            assert printed == block
            continue
        exec(block, names)  # noqa: S102  our own page
        printed = capsys.readouterr().out
        for told in re.findall(r'print\(.*\)  # (.*)', block):
            assert told in printed
    assert 'torch' in sys.modules
    assert Image.open('answer.png').size == (640, 480)


def test_the_example_asks_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main = runpy.run_path(str(ROOT / 'examples' / 'ask_picture.py'))['main']
    main('the orange plate')
    assert re.search(r'FOUND: .*\n  the orange plate: score', capsys.readouterr().out)
    assert Image.open('answer.png').size == (640, 480)
    with pytest.raises(SystemExit, match='no answer: there is no image file'):
        main('the orange plate', 'nowhere.png')
