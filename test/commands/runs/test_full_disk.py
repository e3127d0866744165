# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A disk that is full while results are written: the file is named, and what was there stays.

Spans ``commands.runs``, ``batch``, ``results`` and ``cli``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import resource
import subprocess
import sys

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import batch as command
from kosmos_ros.commands.runs import ground
from kosmos_ros.core.types import Box

FOUND = located('a cup', Box(0.25, 0.5, 0.5, 1.0), score=0.75)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond a size in bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / 'photos'
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(3):
        noise = random.integers(0, 256, (128, 128, 3), np.uint8)
        Image.fromarray(noise).save(folder / f'{number}.png')
    return folder


Run = Callable[..., int]


@pytest.fixture
def run(photos: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command, which takes a folder for the results."""
    backend = ScriptedBackend(located={'a cup': FOUND})
    monkeypatch.setattr(command, 'load_model', lambda _: backend)

    def run_it(output: Path, *arguments: str) -> int:
        given = ['batch', str(photos), '--query', 'a cup', '--output', str(output)]
        return main([*given, *arguments])

    return run_it


def test_the_file_that_did_not_fit_is_named_and_earlier_ones_stay(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / 'out'
    assert run(out, '--no-pictures') == exit_codes.FOUND
    capsys.readouterr()
    for name, size in (('detections.coco.json', 300), ('summary.png', 2000)):
        before = (out / name).read_bytes()
        with largest_file(size):
            assert run(out, '--no-pictures') == exit_codes.BAD_INPUT
        (told,) = [line for line in capsys.readouterr().err.splitlines() if 'kosmos-ros' in line]
        assert told == f'kosmos-ros: {out / name}: File too large'
        assert (out / name).read_bytes() == before
    assert not list(out.glob('.*'))
    json.loads((out / 'detections.coco.json').read_text())


def test_a_run_goes_on_where_the_disk_was_full(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / 'out'
    assert run(out, '--no-pictures') == exit_codes.FOUND
    whole = (out / 'answers.jsonl').read_bytes()
    lines = whole.splitlines(keepends=True)
    for file in out.iterdir():
        file.unlink()
    with largest_file(sum(map(len, lines[:3])) + 20):  # a part of the third answer fits
        assert run(out, '--no-pictures') == exit_codes.BAD_INPUT
    assert 'File too large' in capsys.readouterr().err
    assert (out / 'answers.jsonl').read_bytes().count(b'\n') == 3
    assert run(out, '--no-pictures') == exit_codes.FOUND
    assert (out / 'answers.jsonl').read_bytes().count(b'\n') == len(lines)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 64 kB, which takes root."""
    folder = tmp_path / 'disk'
    folder.mkdir()
    mount = ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip('there is no mount')
    if done.returncode:
        pytest.skip('only root may mount')
    yield folder
    subprocess.run(['umount', str(folder)], check=True)


def test_a_disk_that_is_full_is_told_of_in_one_line(
    small_disk: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small_disk / 'out') == exit_codes.BAD_INPUT
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith(f'kosmos-ros: {small_disk / "out"}/')
    assert told.endswith(': No space left on device')
    assert not [file for file in small_disk.rglob('*') if '.part' in file.name]


def test_the_picture_of_an_answer_that_does_not_fit_is_named(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ground, 'load_model', lambda _: ScriptedBackend(located={'a cup': FOUND}))
    os.symlink('/dev/full', photos / 'full.png')
    given = ['ground', str(photos / '0.png'), 'a cup', '--save', str(photos / 'full.png')]
    assert main(given) == exit_codes.BAD_INPUT
    printed = capsys.readouterr()
    assert 'FOUND' in printed.out
    assert printed.err == f'kosmos-ros: {photos / "full.png"}: No space left on device\n'


def test_a_full_standard_output_is_told_of() -> None:
    code = (
        'import sys\n'
        'from kosmos_ros import cli\n'
        "cli.make_parser = lambda: type('P', (), {'parse_args': lambda *_: Arguments})\n"
        "class Arguments: online, run = False, lambda arguments: print('x' * 100) or 0\n"
        'sys.exit(cli.main([]))'
    )
    with open('/dev/full', 'w') as full:
        done = subprocess.run(
            [sys.executable, '-c', code],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == 'kosmos-ros: standard output: No space left on device\n'
    assert done.returncode == exit_codes.BAD_INPUT
