# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Make the virtual environment, fill it with pip, and put this checkout into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
import shutil
import subprocess
import sys

from scripts.setup_env.commands import clean_environment, Log

# Makes the packages of a wheel environment known to ament's index, behind those of overlays.
# A line of a .pth file that starts with "import" is run whenever the interpreter starts.
_PREFIX_HOOK = (
    "import os, sys; os.environ['AMENT_PREFIX_PATH'] = os.pathsep.join(dict.fromkeys([*filter("
    "None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)), sys.prefix]))\n"
)
_NODES = ('grounding_node', 'tabletop_camera_node')


def base_python() -> Path:
    """Return the interpreter to build on, which is not one of a virtual environment."""
    return Path(getattr(sys, '_base_executable', sys.executable)).resolve()


def make_venv(venv: Path, keep: Path, with_ros: bool, log: Log) -> None:
    """
    Recreate the environment.

    :param venv: its folder; everything in it is removed.
    :param keep: the one folder in it that stays.
    :param with_ros: make the system's Python packages, and so those of ROS, visible in it.
    """
    for path in venv.iterdir():
        if path == keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    options = ['--system-site-packages'] if with_ros else []
    log.call([base_python(), '-m', 'venv', *options, venv])


def install(
    venv: Path, requirements: Sequence[Path], constraints: Path, log: Log, further_index: str = ''
) -> None:
    """
    Install with pip.

    :param further_index: address of a package index to look in as well.
    """
    command = [*_pip(venv), '--no-input', '--progress-bar', 'off', '-c', constraints]
    # Most modules of torch and transformers are never imported; those that are get compiled then.
    command += ['--no-compile', *(part for path in requirements for part in ('-r', path))]
    if further_index:
        command += ['--extra-index-url', further_index]
    log.call(command)


def constraints_beside_ros(venv: Path, constraints: Path, folder: Path) -> Path:
    """
    Make constraints that keep the numpy which ROS's compiled modules were built against.

    :param venv: an environment that sees the system's packages.
    """
    version = ask(venv, 'import numpy; print(numpy.__version__)')
    lines = constraints.read_text().splitlines()
    kept = [line for line in lines if not line.startswith('numpy==')]
    path = folder / 'constraints.txt'
    path.write_text('\n'.join([*kept, f'numpy=={version}', '']))
    return path


def ask(venv: Path, code: str) -> str:
    """Return what a line of Python prints in the environment, stripped."""
    return subprocess.run(
        [venv / 'bin' / 'python', '-c', code],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    ).stdout.strip()


def _pip(venv: Path) -> list[str | Path]:
    return [venv / 'bin' / 'python', '-m', 'pip', 'install', '--disable-pip-version-check']


def install_prefix_hook(venv: Path) -> None:
    """Let programs of the environment find its ROS packages without sourcing."""
    site_packages = ask(venv, 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    Path(site_packages, 'kosmos_ros_prefix.pth').write_text(_PREFIX_HOOK)


def link_checkout(root: Path, venv: Path, prefix: Path, log: Log) -> None:
    """
    Install the checkout in editable form, as a Python package and as a ROS package.

    :param prefix: where ament's index is to list it.
    """
    log.call([*_pip(venv), '--no-deps', '--no-build-isolation', '-e', root])
    link_ros_package(root, venv, prefix)


def shared_files(root: Path) -> list[str]:
    """List the paths of the ROS package's shared files below the checkout, as in setup.py."""
    files = [path for name in ('launch', 'config') for path in sorted((root / name).iterdir())]
    return ['package.xml', *(str(path.relative_to(root)) for path in files if path.is_file())]


def link_ros_package(root: Path, venv: Path, prefix: Path) -> None:
    """
    Put the checkout's files where ROS looks for those of an installed package.

    Each is a separate link: ``ros2 launch`` does not search linked folders.

    :param prefix: where ament's index is to list it.
    """
    share = prefix / 'share' / 'kosmos_ros'
    if share.exists():
        shutil.rmtree(share)  # links, whose targets stay; they may be to folders or broken
    for name in shared_files(root):
        _link(share / name, root / name)
    index = prefix / 'share' / 'ament_index' / 'resource_index' / 'packages'
    _link(index / 'kosmos_ros', root / 'resource' / 'kosmos_ros')
    for name in _NODES:  # where launch looks for a package's executables
        _link(prefix / 'lib' / 'kosmos_ros' / name, venv / 'bin' / name)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)
