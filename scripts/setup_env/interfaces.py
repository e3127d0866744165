# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Build the interface packages: into the wheels' prefix with CMake, or with colcon."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import re
import shutil

from scripts.setup_env.commands import Log

# Paths of Python and numpy on the machine that built the wheels.
_BAKED_PYTHON = re.compile(r'/opt/python/[^;"]*?/include/python3\.\d+')
_BAKED_NUMPY = re.compile(r'/opt/python/[^;"]*?/site-packages/numpy/[^;"]*?include')


def repair_wheels(prefix: Path, python_include: Path, numpy_include: Path) -> int:
    """
    Replace paths of the machine that built the ROS wheels, at which CMake would stop.

    :param python_include: folder of ``Python.h``.
    :param numpy_include: ``numpy.get_include()``.
    :returns: how many files were changed.
    """
    changed = 0
    for path in (prefix / 'share').glob('*/cmake/*pyExport.cmake'):
        before = path.read_text()
        after = _BAKED_NUMPY.sub(str(numpy_include), before)
        after = _BAKED_PYTHON.sub(str(python_include), after)
        if after != before:
            path.write_text(after)
            changed += 1
    # Contains the same path as a further place to look for packages.
    parents = prefix / 'share' / 'ament_index' / 'resource_index' / 'parent_prefix_path'
    shutil.rmtree(parents, ignore_errors=True)
    return changed


def build_into_wheels(source: Path, build: Path, prefix: Path, log: Log) -> None:
    """
    Build one package and install it beside the wheels, so that nothing needs sourcing.

    :param build: where to build; an earlier build there is reused.
    """
    variables = {
        'PATH': f'{prefix / "bin"}:{os.environ["PATH"]}',
        'AMENT_PREFIX_PATH': str(prefix),
        'CMAKE_PREFIX_PATH': str(prefix),
    }
    options = ['-DBUILD_TESTING=OFF', f'-DCMAKE_INSTALL_PREFIX={prefix}']
    options += [f'-DPython3_EXECUTABLE={prefix / "bin" / "python"}']
    log.call(['cmake', '-S', source, '-B', build, *options], variables)
    jobs = str(os.cpu_count() or 1)
    log.call(['cmake', '--build', build, '--parallel', jobs, '--target', 'install'], variables)


def build_with_colcon(sources: Sequence[Path], folder: Path, prefix: Path, log: Log) -> None:
    """
    Build packages on top of the sourced ROS, all into one prefix.

    :param prefix: where to install; its ``local_setup.bash`` makes them known.
    """
    command: list[str | Path] = ['colcon', '--log-base', folder / 'log', 'build']
    command += ['--merge-install', '--build-base', folder / 'build', '--install-base', prefix]
    command += ['--base-paths', *sources, '--cmake-args', '-DBUILD_TESTING=OFF']
    log.call(command, folder=prefix.parent)
