# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The recipe and this package are asked in turn."""

from __future__ import annotations

from collections.abc import Callable

from kosmos_ros.bench.run.pairs import measure_pairs, PAIRS, PEER_PAIRS

Asked = list[str]


def side(name: str, asked: Asked) -> Callable[[str], float]:
    """Return what notes a question and takes as many seconds as there were before it."""

    def ask(question: str) -> float:
        asked.append(f'{name} {question}')
        return float(len(asked))

    return ask


def test_each_question_is_next_to_what_it_is_compared_with() -> None:
    asked: Asked = []
    found = measure_pairs(side('recipe', asked), side('ours', asked), 2)
    one_round = [
        *(
            'recipe written',
            'ours first',
            'ours later',
            'recipe short',
            'ours first',
            'ours later',
        ),
        *('recipe caption', 'ours caption'),
    ]
    assert asked == 3 * one_round
    # The first round does not count.
    assert found['caption'] == {'recipe': [15, 23], 'ours': [16, 24]}
    assert found['later_written']['recipe'] == found['first_written']['recipe']
    assert set(PAIRS) < set(found)
    assert found['together']
    assert len(found['load']['average']) == 2


def test_without_memory_for_both_one_is_ended_before_the_other_is_asked() -> None:
    asked: Asked = []
    found = measure_pairs(
        side('recipe', asked), side('ours', asked), 1, lambda: asked.append('leave')
    )
    assert asked[:4] == ['recipe written', 'recipe short', 'recipe caption', 'leave']
    assert [index for index, one in enumerate(asked) if one == 'leave'] == [3, 10, 14, 21]
    assert not found['together']
    assert len(found['caption']['ours']) == 2


def test_a_peer_that_keeps_features_is_asked_first_and_later_questions() -> None:
    asked: Asked = []
    found = measure_pairs(side('peer', asked), side('ours', asked), 1, pairs=PEER_PAIRS)
    assert asked[:4] == ['peer first written', 'ours first', 'peer later written', 'ours later']
    assert len(asked) == 2 * 2 * len(PEER_PAIRS)
    assert set(PEER_PAIRS) < set(found)
