# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What importing a module brings with it; which folder may import which is import-linter's.

Spans ``kosmos_ros``.
"""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / 'kosmos_ros'

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
LEARNING = {'accelerate', 'bitsandbytes', 'tokenizers', 'torch', 'transformers'}

# The modules of the core are all meant; the others start quickly and run on machines that lack
# these.
LIGHT = [
    *sorted((PACKAGE / 'core').rglob('*.py')),
    *sorted((PACKAGE / 'parameters').rglob('*.py')),
    PACKAGE / 'backends' / 'factory.py',
    PACKAGE / 'backends' / 'settings.py',
    PACKAGE / 'cli.py',
]
# What commands do: the factory of backends tells torch how to wait before it is imported.
RUNS = sorted((PACKAGE / 'commands' / 'runs').glob('*.py'))

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


def imported_without(forbidden: set[str], paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """Import modules in a process that refuses to import others."""
    names = [
        '.'.join(path.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')
        for path in paths
    ]
    return subprocess.run(
        [sys.executable, '-c', f'FORBIDDEN = {forbidden!r}\nMODULES = {names!r}\n{PROBE}'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_core_and_command_line_start_without_ros_and_torch() -> None:
    ended = imported_without(ROS | LEARNING | {'safetensors', 'mujoco'}, LIGHT)
    assert ended.returncode == 0, ended.stderr


def test_commands_leave_torch_to_the_factory() -> None:
    ended = imported_without(LEARNING, RUNS)
    assert ended.returncode == 0, ended.stderr


def test_the_probe_notices() -> None:
    ended = imported_without({'numpy'}, [PACKAGE / 'core' / 'images' / 'images.py'])
    assert 'numpy is imported' in ended.stderr
