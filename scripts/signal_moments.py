# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Send signals to the programs of this package at random moments, and tell how they end.

    python -m scripts.signal_moments [--moments 40] [--load 4] [PROGRAM ...]

Exits with 1 if one ended too late, with another status than 0, 130, 143 or by the signal itself,
with a traceback, or left a process behind. A moment counts from a program's first own line; what
comes before is Python's.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
import os
from pathlib import Path
from random import Random
import signal
import subprocess
import sys
import tempfile
import time

PROGRAMS: dict[str, tuple[str, ...]] = {
    'ground': ('kosmos_ros', 'ground', '{picture}', 'the red cube', '--no-save'),
    'batch': ('kosmos_ros', 'batch', '{pictures}', '--query', 'a cube', '--output', '{folder}/b'),
    'eval': ('kosmos_ros', 'eval', '--scenes', '50', '--output', '{folder}/e'),
    'jobs': ('kosmos_ros', 'eval', '--scenes', '50', '--jobs', '2', '--output', '{folder}/j'),
    'watch': ('kosmos_ros', 'watch', '--port', '0'),
    'demo': ('kosmos_ros', 'demo', '--output', '{folder}/d'),
    'bench': ('kosmos_ros', 'bench', '--quick', '--model', 'embedded', '--output', '{folder}/n'),
    'node': ('kosmos_ros.nodes.grounding_node',),
    'camera': ('kosmos_ros.nodes.tabletop_camera_node',),
}
"""Arguments of ``python -m``."""

LIMIT = 2.0
_PATIENCE = 60.0
_MARK = 'KOSMOS_ROS_SIGNAL_MOMENT'


@dataclass(frozen=True)
class Ending:
    """How a program ended, after how many seconds, and how many of its processes are left."""

    number: signal.Signals
    status: int
    seconds: float
    output: str
    left: int

    def objections(self, limit: float = LIMIT) -> list[str]:
        """Return what is wrong with it."""
        found = []
        if self.status not in (0, 128 + self.number, -self.number):
            found.append(f'status {self.status}')
        if self.seconds > limit:
            found.append(f'{self.seconds:.1f} s')
        if 'Traceback' in self.output or 'Exception ignored' in self.output:
            found.append(f'a traceback:\n{self.output}')
        if self.left:
            found.append(f'{self.left} processes left')
        return found


def end_after(
    seconds: float, number: signal.Signals, program: Sequence[str], log: Path, limit: float = LIMIT
) -> Ending:
    """
    Start a program, send it a signal some seconds after its first line, and wait for its end.

    :param program: arguments of ``python -m``.
    :param log: for its output.
    :param limit: seconds that its own children have to end after it.
    """
    mark = f'{os.getpid()}-{time.monotonic_ns()}'
    with log.open('w', encoding='utf-8') as stream:
        process = subprocess.Popen(
            [sys.executable, '-m', *program],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=os.environ | {_MARK: mark},
            start_new_session=True,
        )
        while process.poll() is None and not _heeds_sigterm(process.pid):
            time.sleep(0.005)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        sent = time.monotonic()
        process.send_signal(number)
        try:
            status = process.wait(_PATIENCE)
        finally:
            took = time.monotonic() - sent
            while (left := _processes(mark)) and time.monotonic() - sent < limit:
                time.sleep(0.02)
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    return Ending(number, status, took, log.read_text(errors='replace'), len(left))


def _heeds_sigterm(pid: int) -> bool:
    """Tell whether the process catches SIGTERM, which Python by itself does not."""
    with suppress(OSError):
        status = Path(f'/proc/{pid}/status').read_text(encoding='ascii', errors='replace')
        caught = int(status.partition('SigCgt:')[2].split()[0], 16)
        return bool(caught >> (signal.SIGTERM - 1) & 1)
    return False


def _processes(mark: str) -> list[int]:
    """Return the processes whose environment has the mark, but zombies."""
    found = []
    for folder in Path('/proc').glob('[0-9]*'):
        with suppress(OSError):
            if f'{_MARK}={mark}'.encode() in (folder / 'environ').read_bytes():
                found.append(int(folder.name))
    return found


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep so many processors busy."""
    command = ['nice', '-n', '5', sys.executable, '-c', 'while True: pass']
    processes = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def material(folder: Path) -> dict[str, str]:
    """Make pictures to ask about; return what to put into ``PROGRAMS``."""
    from PIL import Image  # noqa: PLC0415  not needed by those who only end programs

    pictures = folder / 'pictures'
    pictures.mkdir()
    for index in range(30):
        Image.new('RGB', (320, 240), (index, 100, 100)).save(pictures / f'{index}.png')
    return {'picture': f'{pictures / "0.png"}', 'pictures': f'{pictures}', 'folder': f'{folder}'}


def main() -> int:
    """Try all programs."""
    parser = ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else '')
    parser.add_argument('programs', nargs='*', choices=[[], *PROGRAMS], metavar='PROGRAM')
    parser.add_argument('--moments', type=int, default=40)
    parser.add_argument('--seconds', type=float, default=20.0, help='the latest moment')
    parser.add_argument('--load', type=int, default=4, help='processes that keep the machine busy')
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    random, failed = Random(arguments.seed), 0
    with tempfile.TemporaryDirectory() as name, busy(arguments.load):
        names = material(Path(name))
        for program in arguments.programs or PROGRAMS:
            command = [part.format(**names) for part in PROGRAMS[program]]
            endings = []
            for index in range(arguments.moments):
                number = (signal.SIGINT, signal.SIGTERM)[index % 2]
                moment = random.uniform(0.0, arguments.seconds)
                ending = end_after(moment, number, command, Path(name, 'log'))
                endings.append(ending)
                for objection in ending.objections():
                    print(f'{program}, {number.name} after {moment:.2f} s: {objection}')
            bad = sum(bool(ending.objections()) for ending in endings)
            slowest = max(ending.seconds for ending in endings)
            print(
                f'{program}: {bad} of {len(endings)} ended badly, the slowest in {slowest:.2f} s'
            )
            failed += bad
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
