# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's recipe is compared honestly: who is faster, and what was left out."""

from __future__ import annotations

from typing import Any

import pytest

from kosmos_ros.bench.report.peer_report import faster, peer_report, peer_section, QUESTIONS
from kosmos_ros.bench.report.ratios import Spread

PEER = {
    'name': 'openvino',
    'packages': {'openvino': '2026.4.1', 'nncf': '3.4.0'},
    'same_tokens': 168,
}
PAIRS: dict[str, Any] = {
    **{name: {'recipe': [3.0] * 3, 'ours': [1.0] * 3} for name in QUESTIONS},
    'caption': {'recipe': [0.5, 0.6, 0.4], 'ours': [1.0] * 3},
    'together': True,
    'load': {'average': [0.1, 0.2], 'waited': None},
}


def test_each_question_says_who_is_faster() -> None:
    text = peer_report(
        {'peer': PEER},
        {'name': 'tabletop', 'peer': {'bfloat16': PAIRS, 'int8': {'left_out': 'why'}}},
    )
    lines = text.splitlines()
    assert len(lines) == 2 + len(QUESTIONS) + 3
    assert lines[2].split()[-9:-4] == ['3.00', 's', '1.00', 's', '3.00x']
    assert lines[2].endswith('ours')
    assert '0.50x' in lines[6]
    assert lines[6].endswith('OpenVINO')
    assert 'openvino 2026.4.1, nncf 3.4.0' in text
    assert 'in int8 was left out: why' in text


def test_markdown_shows_the_same_rows() -> None:
    text = peer_section({'peer': PEER}, {'name': 'tabletop', 'peer': {'bfloat16': PAIRS}})
    assert '| bfloat16 / default: caption | 500 ms | 1.00 s | 0.50x |' in text
    assert '168 tokens' in text


def test_nothing_is_said_of_what_was_not_asked_for() -> None:
    for run in ({}, {'peer': {'left_out': ''}}):
        assert peer_report(run, {}) == ''
        assert peer_section(run, {'peer': {}}) == ''


def test_a_peer_that_does_other_work_is_left_out_with_the_reason() -> None:
    run = {'peer': {'left_out': 'token 3 differs', 'name': 'openvino'}}
    assert peer_report(run, {'peer': {}}) == "OpenVINO's recipe was left out: token 3 differs"


@pytest.mark.parametrize(
    ('low', 'high', 'who'), [(1.1, 2, 'ours'), (0.4, 0.9, 'OpenVINO'), (0.9, 1.2, 'undecided')]
)
def test_who_is_faster_needs_more_than_the_spread(low: float, high: float, who: str) -> None:
    assert faster(Spread((low + high) / 2, low, high)) == who
