# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Agreement of answers, and the page."""

from __future__ import annotations

import pytest

from scripts.gpu_check.report import compared, equal_share, outcome, report
from scripts.gpu_check.task import Found


def answers(*cells: list[int], caption: list[int]) -> Found:
    """Return what a format answered."""
    return {'answers': {'cells': [*cells], 'caption': caption}}


STEPS: dict[str, Found] = {
    'bfloat16': answers([1, 2], [3, 4], caption=[1, 2, 3, 4]),
    'float32': answers([1, 2], [3, 5], caption=[1, 2, 9, 4]),
    'float16': {'not_run': 'time'},
}


@pytest.mark.parametrize(
    ('one', 'other', 'share'),
    [([1, 2], [1, 2], 1), ([1, 2, 3, 4], [1, 2], 0.5), ([1, 2], [2, 2], 0), ([], [], 0)],
)
def test_tokens_count_up_to_the_first_that_differs(
    one: list[int], other: list[int], share: float
) -> None:
    assert equal_share(one, other) == share


def test_answers_are_compared_with_those_of_float32() -> None:
    expected = {'with': 'float32', 'cells': 0.5, 'caption': 0.5}
    assert compared(STEPS) == {'bfloat16': {'answers': expected}}


def test_without_float32_the_first_that_answered_takes_its_place() -> None:
    steps = STEPS | {'float32': {'failed': 'why'}, '4 bit': STEPS['float32']}
    assert compared(steps)['4 bit']['answers']['with'] == 'bfloat16'
    assert compared({'bfloat16': STEPS['bfloat16']}) == {}


def test_the_page_tells_costs_agreement_and_what_did_not_run() -> None:
    timed = {'seconds': [0.01, 0.02, 0.5]}
    costs: Found = {
        'load_seconds': 1.25,
        'gpu_bytes': 2_500_000_000,
        'bench': dict.fromkeys(('first', 'later', 'eight_phrases', 'caption'), timed),
        'single_steps': {'recorded_token_seconds': 0.003, 'eager_token_seconds': 0.0095},
    }
    recipe: Found = {'locate': {'128': {'seconds': [4.0]}}, 'caption': {'seconds': [1.0]}}
    steps = STEPS | {'bfloat16': STEPS['bfloat16'] | costs, 'recipe': recipe}
    about = {'when': '2026-01-02T03:04', 'device': 'cuda', 'machine': {'cpu': 'a CPU'}}
    html = report(about | {'steps': steps, 'agreement': compared(steps)})
    assert '2026-01-02' in html
    assert 'a CPU' in html
    cells = ('1.2', '20', '20', '20', '20', '3', '9.5', '2.50')
    assert ''.join(f'<td>{cell}</td>' for cell in ('bfloat16', *cells)) in html
    assert '<td>4000</td>' in html
    assert '<td>bfloat16 against float32</td><td>50%</td><td>50%</td><td></td>' in html
    assert '<td>float16</td><td>not run: time</td>' in html


def test_an_outcome_is_told_in_words() -> None:
    assert outcome({}) == 'done'
    assert outcome({'failed': 'a', 'not_run': 'b'}) == 'failed: a'
