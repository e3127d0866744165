# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the node's processes hold over time, and what is left when all have ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
import re
import threading
import time

import numpy as np
import psutil

from kosmos_ros.bringup import SHARED_MEMORY
from kosmos_ros.core.closing import Closing
from kosmos_ros.demo.shared_memory import mapped_inodes, sweep

EVERY_SECONDS = 2.0
_WARM_UP = 0.4, 180.0
"""Not judged: this share of a node's life, but at most so many seconds."""
_LEAST_SAMPLES = 15

_SETTLED_SECONDS = 60.0
"""After its start a process is loading and warming up."""

BOUNDS = {'node_megabytes': 60.0, 'megabytes': 60.0, 'threads': 4.0, 'files': 12.0}
"""How much more a node may hold at the end than after warm-up, see ``growth``."""

_SEGMENT_LOCK = re.compile(rf'{SHARED_MEMORY}/(fast(?:rtps|dds)_[0-9a-f]{{16}})_el')
"""Which the owner of a segment holds open; others' are mapped too, even those of other domains."""

_END_SECONDS = 20.0


@dataclass(frozen=True)
class ProcessSample:
    """
    Sums over the node's process and all that it has started.

    :param life: process id of the node.
    :param youngest: seconds since the last of them began.
    :param node_megabytes: resident, of the node's process alone.
    :param megabytes: resident, pages that they share counted for each.
    :param files: open file descriptors.
    """

    seconds: float
    life: int
    processes: int
    youngest: float
    node_megabytes: float
    megabytes: float
    threads: int
    files: int


class Sampler(Closing):
    """
    Takes samples until it is closed, in a thread of its own.

    :param node: returns the process id of the node, None while there is none.
    """

    def __init__(self, node: Callable[[], int | None]) -> None:
        self.samples: list[ProcessSample] = []
        self._node = node
        self._begun = time.monotonic()
        self._seen: set[psutil.Process] = set()
        self._segments: set[str] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._begun

    def close(self) -> None:
        """Take no more samples."""
        self._closed.set()
        self._thread.join()

    def leftovers(self) -> list[str]:
        """
        Return what is still there of all processes seen, and of their shared memory.

        Processes have some seconds to end, and shared memory that killed ones left is swept first,
        as the next start of the demo does.
        """
        _, alive = psutil.wait_procs(self._seen, timeout=_END_SECONDS)
        deadline = time.monotonic() + _END_SECONDS
        sweep()
        while (left := self._left_segments()) and time.monotonic() < deadline:
            time.sleep(1.0)
            sweep()
        processes = [f'process {one.pid} still runs: {" ".join(one.cmdline())}' for one in alive]
        return processes + [f'shared memory {name} is left' for name in left]

    def _left_segments(self) -> list[str]:
        used, left = mapped_inodes(), []
        for name in sorted(self._segments):
            with suppress(FileNotFoundError):
                if Path(SHARED_MEMORY, name).stat().st_ino not in used:
                    left.append(name)
        return left

    def _run(self) -> None:
        while not self._closed.wait(EVERY_SECONDS):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error, OSError):
                    self._seen.add(process)
                    locks = (_SEGMENT_LOCK.fullmatch(file.path) for file in process.open_files())
                    self._segments.update(lock[1] for lock in locks if lock)
            pid = self._node()
            if pid is not None:
                with suppress(psutil.Error):  # it ends just now
                    self.samples.append(self._sample(psutil.Process(pid)))

    def _sample(self, node: psutil.Process) -> ProcessSample:
        figures = []
        for process in (node, *node.children(recursive=True)):
            with suppress(psutil.Error), process.oneshot():
                megabytes = process.memory_info().rss / 1e6
                threads, files = process.num_threads(), process.num_fds()
                figures.append((process.create_time(), megabytes, threads, files))
        began, megabytes, threads, files = zip(*figures, strict=True)
        return ProcessSample(
            seconds=self.seconds,
            life=node.pid,
            processes=len(figures),
            youngest=time.time() - max(began),
            node_megabytes=megabytes[0],
            megabytes=sum(megabytes),
            threads=sum(threads),
            files=sum(files),
        )


def growth(samples: Sequence[ProcessSample], name: str) -> tuple[float, float] | None:
    """
    Return what the last node held in the first and in the last third of its life after warm-up.

    These are 90th percentiles. Of figures of all its processes only those count that were taken
    while there were as many as ever, each of which had settled: while a model is loaded anew,
    they hold less.

    :param name: a field of ``ProcessSample``.
    :returns: None if it lived too short to judge.
    """
    if not samples:
        return None
    lived = [one for one in samples if one.life == samples[-1].life]
    share, most = _WARM_UP
    warm = lived[0].seconds + min(most, share * (lived[-1].seconds - lived[0].seconds))
    most_processes = max(one.processes for one in lived)
    values = [
        float(getattr(one, name))
        for one in lived
        if one.seconds >= warm
        and (
            name == 'node_megabytes'
            or (one.processes == most_processes and one.youngest >= _SETTLED_SECONDS)
        )
    ]
    if len(values) < _LEAST_SAMPLES:
        return None
    third = len(values) // 3
    first, last = (float(np.percentile(one, 90)) for one in (values[:third], values[-third:]))
    return first, last


def grown(samples: Sequence[ProcessSample]) -> list[str]:
    """Say what has grown beyond its bound."""
    found = []
    for name, bound in BOUNDS.items():
        before, after = growth(samples, name) or (0.0, 0.0)
        if after - before > bound:
            words = name.replace('_', ' ')
            found.append(f'{words} grew from {before:.0f} to {after:.0f}; {bound:.0f} are allowed')
    return found
