# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The memory of this process: how much it is, and giving back what is free."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
import resource

_STATM = Path('/proc/self/statm')


def resident_bytes() -> int:
    """Return how much memory of the machine the process takes; 0 where that cannot be told."""
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * resource.getpagesize()


def release_memory() -> None:
    """
    Give free memory back to the system.

    glibc keeps what it has freed below its top for later; other C libraries have no such call.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)
