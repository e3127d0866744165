# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The memory of a process shrinks when what it holds is released."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kosmos_ros.ros.executor.process_memory import resident_bytes

# Blocks of 64 kB come from the heap, where the last one keeps all others from going back.
PROGRAM = """
from kosmos_ros.ros.executor.process_memory import release_memory, resident_bytes
blocks = [b'x' * 65536 for _ in range(3200)]
last = b'y' * 65536
full = resident_bytes()
del blocks
release_memory()
print(full, resident_bytes())
"""


@pytest.mark.skipif(not resident_bytes(), reason='this system does not tell')
def test_what_is_freed_goes_back_to_the_system() -> None:
    done = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True
    )
    full, left = map(int, done.stdout.split())
    assert full - left > 3000 * 65536
