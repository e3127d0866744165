# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A saved run is the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.bench.report.saving import load_run, save_run
from kosmos_ros.bench.report.terminal import report


def alike(found: Any, expected: Any) -> bool:
    """Compare as far as microseconds tell."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            alike(found[key], value) for key, value in expected.items()
        )
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, abs=1e-6, nan_ok=True))
    return bool(found == expected)


def test_a_run_comes_back(run: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / 'bench.json'
    save_run(run, path)
    back = load_run(path)
    assert alike(back, run)
    save_run(back, tmp_path / 'again.json')
    again = load_run(tmp_path / 'again.json')
    assert again == back
    assert report(again) == report(back)


def test_lists_of_numbers_take_a_line(tmp_path: Path) -> None:
    path = tmp_path / 'bench.json'
    save_run({'seconds': [0.1234567, 2e-05, 3.0], 'names': ['a', 'b'], 'none': []}, path)
    assert '"seconds": [0.123457, 2e-05, 3.0]' in path.read_text(encoding='utf-8')
    assert load_run(path) == {'seconds': [0.123457, 2e-05, 3.0], 'names': ['a', 'b'], 'none': []}
