# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A format is measured on a CPU as on a GPU, but for the recorded steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.gpu_check import formats
from scripts.gpu_check.formats import measure_format, plan
from scripts.gpu_check.task import Found, Task


def test_a_format_tells_its_costs_and_answers_bit_by_bit(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, 'EMBEDDED_MODEL', f'{tiny}/')
    task, told = Task('cpu', str(tiny), tmp_path), list[Found]()
    measure_format(task, 'float32', told.append)
    assert [next(iter(one)) for one in told] == [
        *('precision', 'bench', 'single_steps', 'answers', 'embedded')
    ]
    precision, bench, steps, answers, embedded = told
    assert precision['precision'].startswith('float32')
    assert bench['gpu_bytes'] == 0
    assert 'on a GPU alone' in steps['single_steps']['not_recorded']
    # The same model in the same format: all answers are equal.
    assert answers['answers'] == embedded['embedded']
    assert len(answers['answers']['cells']) == plan(task).agreement_phrases
    assert answers['answers']['caption']


def test_recorded_steps_are_compared_with_eager_ones(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of fixed shape stands in for the recorded one, which only a GPU can replay."""
    from kosmos_ros.backends.factory import make_backend  # noqa: PLC0415
    from kosmos_ros.backends.kosmos2 import backend as module  # noqa: PLC0415
    from kosmos_ros.backends.kosmos2.decoding.fixed_step import FixedStep  # noqa: PLC0415
    from kosmos_ros.backends.settings import ModelSettings  # noqa: PLC0415

    monkeypatch.setattr(module, 'recorded_step', FixedStep)
    backend = make_backend(ModelSettings(str(tiny), 'cpu'))
    image = formats.picture(Task('cpu', '', tmp_path))
    found = formats.compare_steps(backend, image, [])
    assert found['tokens_equal']
    assert found['recorded_token_seconds'] > 0
    assert not backend.single_steps_recorded


def test_a_gpu_gets_the_whole_plan(tmp_path: Path) -> None:
    assert (
        plan(Task('cuda', '', tmp_path)).short.least > plan(Task('cpu', '', tmp_path)).short.least
    )
