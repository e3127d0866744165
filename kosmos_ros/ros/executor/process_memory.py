# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The memory of this process: its size, and returning free memory to the system."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path
import resource

_STATM = Path('/proc/self/statm')


def resident_bytes() -> int:
    """Return the resident memory of the process; 0 where it is unknown."""
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * resource.getpagesize()


def release_memory() -> None:
    """
    Return free memory to the system.

    glibc keeps freed memory below its top for later; other C libraries have no such call.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)
