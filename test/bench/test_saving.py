# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A saved run is the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kosmos_ros.bench.report import report
from kosmos_ros.bench.saving import load_run, save_run


def test_a_run_comes_back(run: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / 'bench.json'
    save_run(run, path)
    back = load_run(path)
    assert report(back) == report(run)
    save_run(back, tmp_path / 'again.json')
    assert load_run(tmp_path / 'again.json') == back


def test_lists_of_numbers_take_a_line(tmp_path: Path) -> None:
    path = tmp_path / 'bench.json'
    save_run({'seconds': [0.1234567, 2e-05, 3.0], 'names': ['a', 'b'], 'none': []}, path)
    assert '"seconds": [0.123457, 2e-05, 3.0]' in path.read_text(encoding='utf-8')
    assert load_run(path) == {'seconds': [0.123457, 2e-05, 3.0], 'names': ['a', 'b'], 'none': []}
