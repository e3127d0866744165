# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Requirements of the machine: the interpreter, compilers, headers, libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import ctypes
from dataclasses import dataclass
import importlib.util
import os
from pathlib import Path
import platform
import re
import shutil
import subprocess
import sys
import sysconfig

from scripts.setup_env.commands import Log, SetupError

# ROS 2 Jazzy exists as wheels for these versions; torch and transformers for these and more.
_WHEEL_PYTHONS = ((3, 10), (3, 13))
_INSTALL = 'sudo apt-get install --no-install-recommends'
_CMAKE_MINIMUM = (3, 22)


@dataclass(frozen=True)
class Need:
    """Something the machine must have, and the Debian packages that bring it."""

    what: str
    packages: tuple[str, ...]
    is_met: Callable[[], bool]


def check_interpreter(with_ros: bool, version: tuple[int, int] = sys.version_info[:2]) -> None:
    """
    Reject an interpreter or a machine without packages.

    :param with_ros: an installed ROS 2 is used, and no wheels of it.
    :raises SetupError: when it is unsuitable; names those on the machine that are suitable.
    """
    name = f'{version[0]}.{version[1]}'
    first, last = _WHEEL_PYTHONS
    if version < first or (version > last and not with_ros):
        others = [f'python3.{minor}' for minor in range(first[1], last[1] + 1)]
        found = [other for other in others if shutil.which(other)]
        hint = (
            f'type: make env PYTHON={found[-1]}'
            if found
            else 'install one of them, then type: make env PYTHON=python3.X'
        )
        raise SetupError(f'Python 3.10 to 3.13 is needed, this is {name}; {hint}')
    if with_ros:
        return
    machine = f'{platform.system()} {platform.machine()}'
    if machine != 'Linux x86_64':
        raise SetupError(
            f'ROS 2 exists as Python wheels for Linux x86_64 only, this is {machine}. Install '
            'ROS 2 Jazzy or newer, source its setup.bash and type: make env'
        )


def needs(with_ros: bool) -> list[Need]:
    """
    List what the machine must have.

    :param with_ros: an installed ROS 2 is used, so its build tool is needed too.
    """
    python = f'python{sys.version_info[0]}.{sys.version_info[1]}'
    listed = [
        Need('a C++ compiler', ('g++',), lambda: bool(shutil.which('g++'))),
        Need('CMake 3.22 or newer', ('cmake',), _has_cmake),
        Need('make', ('make',), lambda: bool(shutil.which('make'))),
        Need(f'the headers of {python}', (f'{python}-dev',), _has_python_headers),
        Need(f'the venv module of {python}', (f'{python}-venv',), _has_venv),
        Need(
            'OpenGL without a display, for the simulated camera',
            ('libegl1', 'libegl-mesa0', 'libgl1-mesa-dri', 'libopengl0'),
            _has_offscreen_opengl,
        ),
    ]
    if with_ros:
        packages = ('python3-colcon-common-extensions',)
        listed.append(Need('colcon', packages, lambda: bool(shutil.which('colcon'))))
    return listed


def needs_of_tests() -> list[Need]:
    """List what only tests need; they skip what is missing."""
    return [Need('a browser and its driver', ('chromium', 'chromium-driver'), _has_browser)]


def ensure_for_tests(listed: Sequence[Need], log: Log) -> str:
    """
    Install what only tests need, as far as possible without asking.

    :returns: a line that says what is left to do, empty if nothing is.
    """
    try:
        ensure(listed, log)
    except SetupError:
        missing = [need for need in listed if not need.is_met()]
        names = ' and '.join(need.what for need in missing)
        packages = ' '.join(package for need in missing for package in need.packages)
        return (
            f'{names}: missing, tests that need it will be skipped; to have them: '
            f'{_INSTALL} {packages}'
        )
    return ''


def ensure(listed: Sequence[Need], log: Log) -> list[str]:
    """
    Install what is missing if possible without asking: with apt, as root.

    :returns: the packages that were installed.
    :raises SetupError: when something is (still) missing; names it and the command to type.
    """
    missing = [need for need in listed if not need.is_met()]
    if not missing:
        return []
    packages = [package for need in missing for package in need.packages]
    if os.geteuid() != 0 or not shutil.which('apt-get'):
        raise SetupError(_missing_message(missing, packages))
    quiet = {'DEBIAN_FRONTEND': 'noninteractive'}
    try:
        log.call(['apt-get', 'update'], quiet)
        log.call(['apt-get', 'install', '-y', '--no-install-recommends', *packages], quiet)
    except SetupError as error:
        raise SetupError(f'{_missing_message(missing, packages)}\nTried that: {error}') from error
    still = [need for need in missing if not need.is_met()]
    if still:
        raise SetupError(_missing_message(still, packages))
    return packages


def _missing_message(missing: Sequence[Need], packages: Sequence[str]) -> str:
    lines = ['this machine lacks', *(f'    {need.what}' for need in missing)]
    return '\n'.join([*lines, 'On Debian and Ubuntu type', f'    {_INSTALL} {" ".join(packages)}'])


def _has_browser() -> bool:
    browsers = ('chromium', 'google-chrome', 'chrome')
    return bool(shutil.which('chromedriver')) and any(map(shutil.which, browsers))


def _has_cmake() -> bool:
    if not shutil.which('cmake'):
        return False
    shown = subprocess.run(['cmake', '--version'], capture_output=True, text=True, check=False)
    match = re.search(r'(\d+)\.(\d+)', shown.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= _CMAKE_MINIMUM


def _has_python_headers() -> bool:
    return Path(sysconfig.get_paths()['include'], 'Python.h').is_file()


def _has_venv() -> bool:
    # Debian ships venv itself with Python, and what venv needs in a separate package.
    return all(importlib.util.find_spec(name) for name in ('venv', 'ensurepip'))


def _has_offscreen_opengl() -> bool:
    if _loads('libOSMesa.so.8'):
        return True
    if not all(_loads(name) for name in ('libEGL.so.1', 'libOpenGL.so.0')):
        return False
    if _loads('libEGL_nvidia.so.0'):
        return True
    # Mesa's software renderer is a separate file in older releases, later part of a library.
    drivers = ('*/dri/swrast_dri.so', 'dri/swrast_dri.so', '*/libgallium-*.so', 'libgallium-*.so')
    folders = (Path('/usr/lib'), Path('/usr/lib64'))
    found = any(next(folder.glob(name), None) for folder in folders for name in drivers)
    return found and _loads('libEGL_mesa.so.0')


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
