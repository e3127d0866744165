# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A saved run is the run; figures are what they are said to be, on values made up for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.bench.report import figures
from kosmos_ros.bench.report.figures import load_run, save_run
from kosmos_ros.bench.report.terminal import report


def test_agreement_counts_corners_and_distances() -> None:
    reference = [[0, 33], [5, 40], [7, 70]]
    other = [[0, 33], [5, 41], [39, 70]]
    found = figures.agreement(reference, other)
    assert found['upper_left'] == pytest.approx(2 / 3)
    assert found['lower_right'] == pytest.approx(2 / 3)
    assert found['both'] == pytest.approx(1 / 3)
    # One corner a column off, one a row off, of six.
    assert found['mean_distance'] == pytest.approx(2 / 6)


def test_a_floor_is_bytes_over_the_best_bandwidth(run: dict[str, Any]) -> None:
    part = run['models'][1]['ours']['default']
    part['floor'] |= {'location_pass_bytes': 2e9, 'location_pass_seconds': [0.1, 0.2, 0.3]}
    part['floor']['token_pass_bytes'] = 4e9
    # Two captions: the third token of the first one was guessed and came with the second.
    part['caption'] |= {'tokens': [3, 2], 'token_seconds': [0.3, 0.1, 0.4]}
    assert figures.location_pass_ratio(run, part) == pytest.approx(2.0)
    assert figures.token_ratio(run, part) == pytest.approx(1.5)


def test_a_further_token_of_the_recipe(run: dict[str, Any]) -> None:
    seed = {'locate': {'128': {'seconds': [12.8]}, '24': {'seconds': [2.4]}}}
    assert figures.token_seconds(seed) == pytest.approx(0.1)


def test_the_reference_is_the_default_where_that_is_float32(run: dict[str, Any]) -> None:
    small = run['models'][0]
    assert figures.reference_of(small) is small['ours']['default']
    small['ours']['default']['dtype'] = 'bfloat16'
    assert figures.reference_of(small) is None
    assert figures.agreement_with_reference(small, 'bfloat16') is None


def test_our_part_is_the_difference_image_by_image(run: dict[str, Any]) -> None:
    times = run['node']['sizes']['640x480']
    times |= {'echo': [0.001, 0.005, 0.003], 'instant': [0.002, 0.007, 0.006]}
    assert figures.node_row(run, '640x480')['ours'][0] == pytest.approx(0.002)


def test_preparing_an_image_is_known_where_it_was_measured(run: dict[str, Any]) -> None:
    assert figures.preparation_seconds(run, '640x480') > 0
    assert figures.preparation_seconds(run, '1x1') == 0


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
