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


LIMITED = """
from kosmos_ros.ros.executor.process_memory import limit_memory
limit_memory(100)
try:
    bytearray(200_000_000)
except MemoryError:
    print('refused')
len(bytearray(50_000_000))
limit_memory(0)
print(len(bytearray(200_000_000)))
"""

GROWN = """
from kosmos_ros.ros.executor.process_memory import GrowthWatch, resident_bytes
watch = GrowthWatch()
for burst in range(2):
    blocks = [b'x' * 65536 for _ in range(3200)]
    last = b'y' * 65536
    for _ in range({held}):
        watch.look()
    full = resident_bytes()
    del blocks
    for _ in range(max({held}, 1)):
        watch.look()
    left = resident_bytes()
print(full, left)
"""

TAKEN = """
from kosmos_ros.ros.executor import process_memory
watch = process_memory.GrowthWatch()
model = b'x' * 200_000_000
process_memory._trim = lambda: print('tried', end=' ')
for _ in range(1000):
    watch.look()
blocks = b'x' * 200_000_000
watch.look()
"""


@pytest.mark.skipif(not resident_bytes(), reason='this system does not tell')
@pytest.mark.parametrize(
    'program', [PROGRAM, *(GROWN.format(held=held) for held in (0, 1, 2, 5, 70))]
)
def test_what_is_freed_goes_back_to_the_system(program: str) -> None:
    full, left = map(int, printed(program))
    assert full - left > 3000 * 65536


@pytest.mark.skipif(not resident_bytes(), reason='this system does not tell')
def test_memory_that_stays_is_given_up_on_until_there_is_more_of_it() -> None:
    assert printed(TAKEN) == ['tried'] * 9


@pytest.mark.skipif(not resident_bytes(), reason='this system does not tell')
def test_memory_over_the_limit_is_refused_and_other_is_given() -> None:
    assert printed(LIMITED) == ['refused', '200000000']


def printed(program: str) -> list[str]:
    """Run a program, and return the words that it prints."""
    command = [sys.executable, '-c', program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
