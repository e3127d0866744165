# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Memory of two processes."""

from __future__ import annotations

import os

import numpy as np
import pytest

from kosmos_ros.isolation.memory import ReusedMemory, share, shared


def test_arrays_of_any_strides_and_bytes_arrive_one_behind_the_other() -> None:
    array = np.arange(24, dtype=np.uint8).reshape(4, 6)
    received = shared(share([array[::2, ::-1], b'end', memoryview(b'')]))
    assert received.tobytes() == array[::2, ::-1].tobytes() + b'end'
    with pytest.raises(ValueError, match='read-only'):
        received[0] = 1
    assert shared(share([])).shape == (0,)


def test_memory_that_may_change_or_shrink_is_refused_and_closed() -> None:
    file = os.memfd_create('unsealed', os.MFD_ALLOW_SEALING)
    os.write(file, b'pixels')
    read, write = os.pipe()
    for one in (file, read):
        with pytest.raises(ValueError, match='sealed memory'):
            shared(one)
        with pytest.raises(OSError, match='Bad file descriptor'):
            os.fstat(one)
    os.close(write)


def test_shared_memory_can_not_be_changed_by_who_made_it() -> None:
    file = share([b'pixels'])
    with pytest.raises(PermissionError):
        os.pwrite(file, b'P', 0)
    with pytest.raises(PermissionError):
        os.ftruncate(file, 1)
    os.close(file)


def received(memory: ReusedMemory, *images: np.ndarray) -> np.ndarray:
    return shared(os.dup(memory.put(images)), may_change=True)


def test_memory_is_used_again_until_it_does_not_suffice_or_is_left_to_the_reader() -> None:
    memory = ReusedMemory()
    image = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    seen = received(memory, image, image[::-1])
    assert seen.tobytes() == image.tobytes() + image[::-1].tobytes()
    assert memory.put([image[:, ::-1]]) is None
    assert seen[:24].tobytes() == image[:, ::-1].tobytes()
    larger = received(memory, image, image, image)
    assert larger.tobytes() == image.tobytes() * 3
    memory.forget()
    assert received(memory, image[:1]).tobytes() == image[:1].tobytes()
    assert larger.tobytes() == image.tobytes() * 3
