# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What grows, and what is left behind."""

from __future__ import annotations

import subprocess
import time

import pytest

from kosmos_ros.stress import samples
from kosmos_ros.stress.samples import grown, ProcessSample, Sampler


def life(megabytes: list[float], node: int = 1, files: int = 9) -> list[ProcessSample]:
    return [
        ProcessSample(2.0 * number, node, 1, size, 5, files)
        for number, size in enumerate(megabytes)
    ]


def test_growth_beyond_its_bound_is_told() -> None:
    warming, steady = [10.0 * n for n in range(40)], [400.0] * 60
    assert grown(life(warming + steady)) == []
    reloaded = [size if number % 15 > 4 else 200.0 for number, size in enumerate(steady)]
    assert grown(life(warming + reloaded)) == []
    leaking = [400.0 + 3.0 * n for n in range(60)]
    assert grown(life(warming + leaking)) == ['megabytes grew from 451 to 571; 60 are allowed']


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
    assert sampler.samples[0].megabytes > 0
    assert not [one for one in sampler.leftovers() if str(child.pid) in one]
