# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Imports point one way, and the core needs neither ROS nor torch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / 'kosmos_ros'

# What each part may import of this package, besides itself. The model's settings are values
# without torch, which the node's parameters are turned into.
ALLOWED = {
    'core': (),
    'backends': ('core',),
    'parameters': ('core', 'backends.settings'),
    'ros': ('core', 'backends.settings', 'parameters', 'tracking'),
    'sim': ('core',),
    'tracking': ('core',),
    'watch': ('core', 'parameters', 'results', 'ros'),
    'batch': ('core', 'recordings', 'results'),
    'datasets': ('core', 'evaluation', 'sim'),
    'evaluation': ('core', 'recordings', 'results', 'sim'),
    'recordings': ('core',),
    'results': ('core',),
}
ROS = {
    'ament_index_python',
    'builtin_interfaces',
    'cv_bridge',
    'diagnostic_msgs',
    'foxglove_msgs',
    'geometry_msgs',
    'kosmos_ros_msgs',
    'launch',
    'launch_ros',
    'lifecycle_msgs',
    'rcl_interfaces',
    'rclpy',
    'sensor_msgs',
    'std_msgs',
    'std_srvs',
    'tf2_msgs',
    'tf2_ros',
    'vision_msgs',
    'visualization_msgs',
}
LEARNING = {'accelerate', 'bitsandbytes', 'safetensors', 'tokenizers', 'torch', 'transformers'}
# Other libraries that are kept out of a part.
FORBIDDEN = {
    'core': ROS | LEARNING | {'mujoco'},
    'backends': ROS | {'mujoco'},
    'bench': set(),
    'parameters': ROS | LEARNING | {'mujoco', 'numpy', 'PIL'},
    'ros': LEARNING | {'mujoco'},
    'sim': ROS | LEARNING,
    'tracking': ROS | LEARNING | {'mujoco'},
    'watch': LEARNING | {'mujoco'},
    'batch': ROS | LEARNING | {'mujoco'},
    'datasets': ROS | LEARNING,
    'evaluation': ROS | LEARNING,
    'recordings': ROS | LEARNING | {'mujoco'},
    'results': ROS | LEARNING | {'mujoco'},
}

MODULES = sorted(PACKAGE.rglob('*.py'))


def part_of(path: Path) -> str:
    """Return the first name below ``kosmos_ros``: 'core', 'nodes', 'cli', ..."""
    return path.relative_to(PACKAGE).with_suffix('').parts[0]


def imported(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """
    List every import of a module, at whatever depth.

    :param source: the module's text.
    :param package: the package it is in, from the top.
    :returns: pairs of a line and the full dotted name.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = '.'.join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f'{module}.{alias.name}') for alias in node.names)


def test_every_kind_of_import_is_seen() -> None:
    source = (
        'import torch.nn\nfrom . import types\n'
        'def f():\n    from ..sim.scenes.scene import Scene\n'
    )
    assert sorted(imported(source, ('kosmos_ros', 'core'))) == [
        (1, 'torch.nn'),
        (2, 'kosmos_ros.core.types'),
        (4, 'kosmos_ros.sim.scenes.scene.Scene'),
    ]


@pytest.mark.parametrize('path', MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    wrong = []
    package = ('kosmos_ros', *path.relative_to(PACKAGE).parent.parts)
    for line, name in imported(path.read_text(encoding='utf-8'), package):
        top, _, rest = name.partition('.')
        if top == 'kosmos_ros':
            allowed = (part, *ALLOWED.get(part, ('',)))
            if not any(f'{rest}.'.startswith(f'{other}.' if other else '') for other in allowed):
                wrong.append(f'line {line}: {name}')
        elif top in {'training', 'test', 'scripts'} or top in FORBIDDEN.get(part, LEARNING):
            wrong.append(f'line {line}: {name}')
    assert not wrong, f'{path.relative_to(ROOT)} must not import {", ".join(wrong)}'


# Importing any of these must not import anything of ROS or of the learning libraries. The modules
# of the core are all meant; the others start quickly and run on machines that lack these.
LIGHT = [
    *(path for path in MODULES if part_of(path) == 'core'),
    PACKAGE / 'backends' / 'settings.py',
    PACKAGE / 'cli.py',
]

PROBE = """
import importlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in FORBIDDEN:
            raise AssertionError(f'{name} is imported')

sys.meta_path.insert(0, Refuse())
for name in MODULES:
    importlib.import_module(name)
loaded = FORBIDDEN & {name.partition('.')[0] for name in sys.modules}
assert not loaded, loaded
"""


def test_core_and_command_line_start_without_ros_and_torch() -> None:
    names = [
        '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')
        for path in LIGHT
    ]
    code = f'FORBIDDEN = {ROS | LEARNING | {"mujoco"}!r}\nMODULES = {names!r}\n{PROBE}'
    ended = subprocess.run(
        [sys.executable, '-c', code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
