# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Shared memory that killed processes leave behind: 70 MB each, with our profile of Fast DDS.

Fast DDS keeps a segment ``fastrtps_<16 digits>`` for each participant, and beside it an empty
file ``..._el`` which the participant holds locked (flock) while it lives: whoever can lock it
knows that the participant is gone. ``fastdds shm clean`` does this too, for all users. What is
small, or has no such lock (ports, data sharing), is left to Fast DDS.
"""

from __future__ import annotations

from contextlib import suppress
import fcntl
import os
from pathlib import Path
import re
import time

from kosmos_ros.bringup import SHARED_MEMORY

_LOCK = re.compile(r'(?:fastrtps|fastdds)_[0-9a-f]{16}_el')
_YOUNG_SECONDS = 10.0
"""A participant that starts may not have locked its file yet."""


def sweep(folder: Path = SHARED_MEMORY) -> str:
    """
    Remove segments of this user that no living process owns or uses.

    :returns: a sentence about what was removed, empty if nothing was.
    """
    used = mapped_inodes()
    sizes = []
    for lock in folder.glob('*_el'):
        if _LOCK.fullmatch(lock.name):
            with suppress(OSError):  # somebody else removed it, or lives
                sizes.append(_remove(lock, used))
    count, size = sum(size > 0 for size in sizes), sum(sizes)
    if not count:
        return ''
    return f'removed {size / 1e6:.0f} MB of shared memory that {count} ended processes left behind'


def _remove(lock: Path, used: set[int]) -> int:
    """
    Remove a segment and its lock if its owner is gone; return the bytes that it took.

    :raises OSError: if the owner lives, or it is gone already.
    """
    about = lock.stat()
    if about.st_uid != os.geteuid() or time.time() - about.st_mtime < _YOUNG_SECONDS:
        return 0
    segment = lock.with_name(lock.name.removesuffix('_el'))
    with lock.open('rb') as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = 0
        with suppress(FileNotFoundError):
            data = segment.stat()
            if data.st_ino in used:
                return 0
            size = data.st_blocks * 512
            segment.unlink()
        lock.unlink()
    return size


def mapped_inodes() -> set[int]:
    """Return the inodes of all shared memory that processes of this user have mapped."""
    found = set()
    for maps in Path('/proc').glob('[0-9]*/maps'):
        with suppress(OSError):  # it ended, or is another user's
            for line in maps.read_text(errors='replace').splitlines():
                if '/fastrtps_' in line or '/fastdds_' in line:
                    found.add(int(line.split()[4]))
    return found
