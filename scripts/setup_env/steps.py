# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Steps with stamps: when one has to run, and running them in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
import hashlib
from pathlib import Path

from scripts.setup_env.commands import Log
from scripts.setup_env.progress import Progress


@dataclass(frozen=True)
class Step:
    """
    One step.

    ``inputs`` are what its result depends on: files, folders (all files in them) and values;
    ``after`` names the steps whose results it needs. It runs when any of these has changed since
    it last succeeded.
    """

    name: str
    title: str
    run: Callable[[Log], None]
    inputs: tuple[Path | str, ...] = ()
    after: tuple[str, ...] = ()


def fingerprint(step: Step, of_earlier: dict[str, str]) -> str:
    """
    Name everything that a step's result depends on.

    :param of_earlier: fingerprints of (at least) the steps that it comes after.
    :returns: a hexadecimal digest.
    :raises FileNotFoundError: when an input is missing.
    """
    digest = hashlib.sha256(step.name.encode())
    for earlier in step.after:
        digest.update(of_earlier[earlier].encode())
    for item in step.inputs:
        if isinstance(item, str):
            digest.update(b'value\0' + item.encode() + b'\0')
            continue
        for path in _files(item):
            digest.update(str(path.relative_to(item.parent)).encode() + b'\0')
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (found for found in sorted(path.rglob('*')) if found.is_file())
    else:
        yield path


class Runner:
    """
    Runs the steps whose stamps are missing or outdated, independent ones at the same time.

    ``folder`` holds the stamps and the steps' logs.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._stamps = folder / 'stamps'
        self._logs = folder / 'logs'
        self._progress = progress

    def run(self, steps: Sequence[Step]) -> int:
        """
        Bring all steps up to date.

        :param steps: each after those that it needs.
        :returns: how many had to run.
        :raises SetupError: when one fails. Those running in parallel finish first.
        """
        prints: dict[str, str] = {}
        for step in steps:
            prints[step.name] = fingerprint(step, prints)
        waiting = {step.name: step for step in steps if not self._is_done(step, prints)}
        count = len(waiting)
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor() as pool:
            while waiting or running:
                for name, step in list(waiting.items()):
                    if not (set(step.after) & (waiting.keys() | set(running.values()))):
                        running[pool.submit(self._run_one, step, prints[name])] = name
                        del waiting[name]
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    del running[future]
                    future.result()
        return count

    def _is_done(self, step: Step, prints: dict[str, str]) -> bool:
        stamp = self._stamps / step.name
        return stamp.is_file() and stamp.read_text() == prints[step.name]

    def _run_one(self, step: Step, print_: str) -> None:
        stamp = self._stamps / step.name
        stamp.unlink(missing_ok=True)
        self._progress.started(step.title)
        log = Log(self._logs / f'{step.name}.log')
        try:
            step.run(log)
        except Exception:
            self._progress.finished(step.title, 'FAILED')
            raise
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(print_)
        self._progress.finished(step.title)
