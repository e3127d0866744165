# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Figures are what they are said to be, on values made up for it."""

from __future__ import annotations

from typing import Any

import pytest

from kosmos_ros.bench.report import figures


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
    part['caption']['token_seconds'] = [0.3]
    assert figures.location_pass_ratio(run, part) == pytest.approx(2.0)
    assert figures.token_pass_ratio(run, part) == pytest.approx(1.5)


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
