# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What killed participants leave behind is removed, what living ones use is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import re
import shutil
import signal
from typing import Any

import psutil
import pytest

from kosmos_ros.bringup import SHARED_MEMORY
from kosmos_ros.demo import shared_memory
from kosmos_ros.demo.shared_memory import sweep

PARTICIPANT = """
import signal, rclpy
from rclpy.node import Node
rclpy.init()
node = Node('participant')
print('up', flush=True)
signal.pause()
"""


def segments_of(pid: int) -> list[Path]:
    """Return the segments that the process made, whose locks it has open, not those it reads."""
    locks = (Path(file.path) for file in psutil.Process(pid).open_files())
    names = (lock.name.removesuffix('_el') for lock in locks if lock.parent == SHARED_MEMORY)
    return [SHARED_MEMORY / name for name in names if re.fullmatch(r'fast\w+_[0-9a-f]{16}', name)]


def test_only_segments_of_the_dead_go(
    start_process: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, '_YOUNG_SECONDS', 0.0)
    dying = start_process('-c', PARTICIPANT)
    dying.wait_for_output('up')
    gone = segments_of(dying.pid)
    assert gone
    dying.signal(signal.SIGKILL)
    dying.wait()
    living = start_process('-c', PARTICIPANT)  # now, as it might map what the dying one has
    living.wait_for_output('up')
    kept = segments_of(living.pid)
    assert kept
    assert all(path.exists() for path in gone)
    assert re.fullmatch(r'removed \d+ MB of shared memory .* left behind', sweep())
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)
    assert not any(path.with_name(f'{path.name}_el').exists() for path in gone)


def test_young_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    name = 'fastrtps_0123456789abcdef'
    for file in (name, f'{name}_el', 'fastrtps_port7411_el', 'sem.fastrtps_port7411_mutex'):
        (tmp_path / file).write_text('', encoding='ascii')
    assert sweep(tmp_path) == ''
    assert len(list(tmp_path.iterdir())) == 4
    shutil.rmtree(tmp_path)
    assert sweep(tmp_path) == ''
