# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Paths of the machine that built the wheels are replaced by this one's."""

from __future__ import annotations

from pathlib import Path

from scripts.setup_env.interfaces import repair_wheels

EXPORT = """set_target_properties(std_msgs::std_msgs__rosidl_generator_py PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "{python};{numpy};${{_IMPORT_PREFIX}}/include/std_msgs"
)
"""
BAKED = EXPORT.format(
    python='/opt/python/cp311-cp311/include/python3.11',
    numpy='/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include',
)
# numpy 1 has its headers elsewhere.
BAKED_NUMPY_1 = EXPORT.format(
    python='/opt/python/cp310-cp310/include/python3.10',
    numpy='/opt/python/cp310-cp310/lib/python3.10/site-packages/numpy/core/include',
)
PYTHON = Path('/usr/include/python3.12')
NUMPY = Path('/home/me/.venv/lib/python3.12/site-packages/numpy/_core/include')


def test_baked_in_paths_are_replaced_once(tmp_path: Path) -> None:
    files = [
        tmp_path / 'share' / name / 'cmake' / f'export_{name}__rosidl_generator_pyExport.cmake'
        for name in ('std_msgs', 'sensor_msgs')
    ]
    for path, text in zip(files, [BAKED, BAKED_NUMPY_1], strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    parents = tmp_path / 'share' / 'ament_index' / 'resource_index' / 'parent_prefix_path'
    parents.mkdir(parents=True)
    (parents / 'std_msgs').write_text('/opt/python/cp311-cp311')

    assert repair_wheels(tmp_path, PYTHON, NUMPY) == 2
    for path in files:
        assert path.read_text() == EXPORT.format(python=PYTHON, numpy=NUMPY)
    assert not parents.exists()
    assert repair_wheels(tmp_path, PYTHON, NUMPY) == 0
