# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What grows, and what is left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
import os
import secrets
import subprocess
import time
from typing import Any

import pytest

from kosmos_ros.bringup import SHARED_MEMORY
from kosmos_ros.stress import samples
from kosmos_ros.stress.samples import grown, growth, ProcessSample, Sampler


def life(
    megabytes: list[float],
    node: int = 1,
    **fields: list[float],
) -> list[ProcessSample]:
    """Return samples every 2 s; ``fields`` has further values of each."""
    usual = ProcessSample(0.0, node, 2, 100.0, 100.0, 0.0, 5, 9)
    return [
        replace(
            usual,
            seconds=2.0 * number,
            megabytes=size,
            **{name: values[number] for name, values in fields.items()},
        )
        for number, size in enumerate(megabytes)
    ]


WARMING, STEADY = [10.0 * n for n in range(40)], [400.0] * 60


def test_growth_beyond_its_bound_is_told() -> None:
    assert grown(life(WARMING + STEADY)) == []
    leaking = [400.0 + 3.0 * n for n in range(60)]
    assert grown(life(WARMING + leaking)) == ['megabytes grew from 451 to 571; 60 are allowed']
    node = [100.0] * 40 + [100.0 + 3.0 * n for n in range(60)]
    assert grown(life(WARMING + STEADY, node_megabytes=node)) == [
        'node megabytes grew from 151 to 271; 60 are allowed'
    ]


def test_while_a_model_is_loaded_anew_only_the_node_itself_is_judged() -> None:
    # Gone, then young, in the first third.
    sizes, processes = WARMING + [150.0] * 20 + [400.0] * 60, [2] * 40 + [1] * 5 + [2] * 75
    youngest = [100.0] * 45 + [2.0 * n for n in range(75)]
    samples = life(sizes, processes=processes, youngest=youngest)
    assert grown(samples) == []
    assert growth(samples, 'megabytes') == (400.0, 400.0)
    leaking = [100.0] * 40 + [100.0 + 3.0 * n for n in range(80)]
    loading = life(sizes, node_megabytes=leaking, youngest=[2.0] * 120)
    assert growth(loading, 'megabytes') is None
    assert [one.partition(' grew')[0] for one in grown(loading)] == ['node megabytes']


def test_an_earlier_life_does_not_count() -> None:
    assert grown(life([10.0] * 100) + life([900.0] * 100, node=2)) == []


def test_a_short_life_is_not_judged() -> None:
    assert grown(life([10.0 * n for n in range(12)])) == []
    assert grown([]) == []


def test_a_process_that_outlives_its_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, 'EVERY_SECONDS', 0.05)
    monkeypatch.setattr(samples, '_END_SECONDS', 0.2)
    with subprocess.Popen(['sleep', '60']) as child:
        with Sampler(lambda: child.pid) as sampler:
            while not sampler.samples:
                time.sleep(0.05)
        told = sampler.leftovers()
        child.kill()
    assert [one for one in told if str(child.pid) in one] == [
        f'process {child.pid} still runs: sleep 60'
    ]
    assert sampler.samples[0].processes == 1
    assert sampler.samples[0].megabytes == sampler.samples[0].node_megabytes > 0
    assert 0 <= sampler.samples[0].youngest < 60
    assert not [one for one in sampler.leftovers() if str(child.pid) in one]


def memory_of(sampler: Sampler) -> list[str]:
    """Return which shared memory is left; processes may be there that other tests have started."""
    return [one for one in sampler.leftovers() if one.startswith('shared memory')]


PARTICIPANT = """
import mmap, signal, sys
own, others = sys.argv[1:]
lock = open(own + '_el', 'w')
with open(own, 'wb') as file:
    file.write(bytes(4096))
with open(others, 'rb') as file:
    seen = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
print('up', flush=True)
signal.pause()
"""


def test_shared_memory_counts_that_its_processes_have_made(
    start_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, 'EVERY_SECONDS', 0.05)
    monkeypatch.setattr(samples, '_END_SECONDS', 0.2)
    own, others = (SHARED_MEMORY / f'fastrtps_{secrets.token_hex(8)}' for _ in range(2))
    others.write_bytes(bytes(4096))
    child = start_process('-c', PARTICIPANT, own, others)
    child.wait_for_output('up')
    with Sampler(lambda: child.pid) as sampler:
        while not sampler._segments:
            time.sleep(0.05)
    child.kill()
    assert memory_of(sampler) == [f'shared memory {own.name} is left']  # too young for a sweep
    os.utime(f'{own}_el', (0, 0))
    assert memory_of(sampler) == []
    assert others.exists()
    others.unlink()
