# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A report holds the figures of its run, missed targets and what was left out included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kosmos_ros.bench.report.terminal import node_report, report


def test_everything_measured_is_told(run: dict[str, Any]) -> None:
    text = report(run)
    for expected in (
        run['machine']['cpu'],
        'tabletop: 5.2 million parameters',
        'random weights',
        'int8 was left out: no time',
        'encoding reused for 2 of 2 later queries, 0 images encoded again (counted)',
        'locate, 128 tokens written',
        'locate, until the model ends',
        'decode pass / memory floor',
        'phrases in one later call',
        'cameras in one call',
        '800x600',
    ):
        assert expected in text


def test_verdicts_are_marked(run: dict[str, Any]) -> None:
    (once,) = [line for line in report(run).splitlines() if '100x' in line]
    assert once.endswith('undecided')
    run['models'][1]['ours']['default']['later']['images'] = [0, 1]
    (missed,) = [
        line for line in report(run).splitlines() if 'counted' in line and line.endswith('MISSED')
    ]
    assert 'encoded again' in missed


def test_a_node_that_was_left_out_is_said_to_be(run: dict[str, Any]) -> None:
    assert '640x480  transport' in node_report(run)
    run['node'] = {'left_out': "No module named 'rclpy'"}
    assert "left out: No module named 'rclpy'" in report(run)


def test_a_run_without_a_single_figure_is_reported(
    run: dict[str, Any], leave_out: Callable[[dict[str, Any]], None]
) -> None:
    for model in run['models']:
        leave_out(model)
    assert report(run).count('no memory') == 10
