# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.language.instructions`` and what it stands on."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.language.steps import acts_later, opens_instruction
from kosmos_ros.core.language.words.lexicon import LEXICON
from kosmos_ros.core.language.words.verbs import VERBS
from kosmos_ros.core.tasks.table import choose_task
from kosmos_ros.core.types import Role, Task

ROLES = {'T': Role.TARGET, 'D': Role.DESTINATION, 'R': Role.REFERENCE}

TABLE = Path(__file__).with_name('instructions.txt').read_text(encoding='utf-8')
"""Instruction => its objects, each with the letter of its role."""

ROWS = [tuple(part.strip(' ') for part in line.split('=>')) for line in TABLE.splitlines()]


@pytest.mark.parametrize(('text', 'expected'), ROWS, ids=[text for text, _ in ROWS])
def test_objects_and_roles(text: str, expected: str) -> None:
    wanted = [entry.strip().split(' ', 1) for entry in expected.split('|') if entry.strip()]
    found = [(phrase.role, text[phrase.start : phrase.end]) for phrase in parse_instruction(text)]
    assert found == [(ROLES[role], words) for role, words in wanted]


def test_there_are_enough_rows() -> None:
    assert len(ROWS) >= 60
    assert len({text for text, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ('text', 'head', 'asked'),
    [
        ('pick up my red cup', 'the red cup', 'the red cup'),
        ('pick up  all the\tcups', 'the cups', 'the cups'),
        ('take the mug that is on the plate', 'the mug', 'the mug on the plate'),
        (
            'take the mug standing next to the two boxes',
            'the mug',
            'the mug next to the boxes',
        ),
        ('take the ball on the left', 'the ball', 'the ball on the left'),
        (
            'take the ball between the mug and your cup',
            'the ball',
            'the ball between the mug and the cup',
        ),
    ],
)
def test_what_the_model_is_asked_for(text: str, head: str, asked: str) -> None:
    (first, *_) = parse_instruction(text)
    assert (first.head, first.asked) == (head, asked)


@pytest.mark.parametrize(
    ('words', 'several', 'definite'),
    [
        ('the mug', False, True),
        ('the glass', False, True),
        ('a mug', False, False),
        ('any mug', False, False),
        ('the mugs', True, True),
        ('both mugs', True, True),
        ('every mug', True, True),
        ('the stack of plates', False, True),
    ],
)
def test_how_many_are_meant(words: str, several: bool, definite: bool) -> None:
    (phrase,) = parse_instruction(f'pick up {words}')
    assert (phrase.several, phrase.definite) == (several, definite)


@pytest.mark.parametrize('verb', sorted(VERBS))
def test_auto_and_the_parser_know_the_same_verbs(verb: str) -> None:
    text = f'{verb} the red mug'
    assert opens_instruction(text)
    (phrase,) = parse_instruction(text)
    assert (phrase.role, text[phrase.start : phrase.end]) == (Role.TARGET, 'the red mug')
    if verb != 'show':
        assert choose_task(text, has_region=False) is Task.INSTRUCT


def test_a_search_with_an_act_behind_it_is_an_instruction() -> None:
    assert acts_later('find the mug and put it in the bowl')
    assert not acts_later('find the mug and the bowl')
    assert choose_task('find the mug and put it in the bowl', has_region=False) is Task.INSTRUCT
    assert choose_task('find the mug and the bowl', has_region=False) is Task.LOCATE


_WORDS = sorted({' '.join(words) for words in LEXICON} | {*VERBS, 'mug', 'red', ',', '.', '!'})


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.sampled_from(_WORDS), max_size=14).map(' '.join),
    )
)
def test_any_text_has_sound_spans(text: str) -> None:
    phrases = parse_instruction(text)
    for phrase in phrases:
        assert 0 <= phrase.start < phrase.end <= len(text)
        assert phrase.role is not Role.NONE
        assert text[phrase.start : phrase.end].strip() == text[phrase.start : phrase.end]
        assert phrase.asked.startswith(phrase.head)
        for reference in phrase.references:
            assert phrase.start <= reference.start < reference.end <= phrase.end
            assert reference.role is Role.REFERENCE
    opens_instruction(text)
    acts_later(text)
