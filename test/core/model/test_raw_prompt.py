# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.raw_prompt``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.grammar import Cell, Tag
from kosmos_ros.core.model.raw_prompt import raw_prompt

BOX = '<patch_index_0044><patch_index_0863>'
NEXT = '</delimiter_of_multi_objects/>'


@pytest.mark.parametrize(
    'text',
    [
        '<grounding> An image of',
        ' An image of',
        '<grounding><phrase> the red cube left of the mug</phrase>',
        f'<grounding><phrase> It</phrase><object>{BOX}</object> is',
        f'<grounding><phrase> a</phrase><object>{BOX}{NEXT}{BOX}</object> and<phrase> b</phrase>',
        '<grounding> Question: is 3 < 4 > 2 and a <3? Answer:',
        # to be continued by the model
        '<grounding> An image of<phrase>',
        '<grounding><phrase> a',
        '<grounding><phrase> a</phrase><object>',
        '<grounding><phrase> a</phrase><object><patch_index_0044>',
        f'<grounding><phrase> a</phrase><object>{BOX}{NEXT}',
    ],
)
def test_prompts_of_the_grammar_are_read(text: str) -> None:
    assert str(raw_prompt(text)) == text


def test_tags_and_cells_become_values() -> None:
    prompt = raw_prompt(f'<grounding><phrase> It</phrase><object>{BOX}</object> is')
    assert prompt.parts == (
        Tag.GROUNDING, Tag.PHRASE, ' It', Tag.PHRASE_END, Tag.OBJECT, Cell(44), Cell(863),
        Tag.OBJECT_END, ' is',
    )  # fmt: skip


def test_text_at_the_beginning_gets_its_space() -> None:
    assert raw_prompt('An image of').parts == (' An image of',)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'needs text'),
        ('<grounding>', 'needs text'),
        ('a </s> b', '</s> is not allowed'),
        ('<s>', 'not allowed'),
        ('<pad>', 'not allowed'),
        ('<image>', 'not allowed'),
        ('</image>', 'not allowed'),
        ('<unk>', 'not allowed'),
        ('</doc>', 'not allowed'),
        ('<PHRASE> a</PHRASE>', '<PHRASE> is not allowed'),
        ('<grounding><patch_index_1024>', '<patch_index_1024> is not allowed'),
        ('<grounding><patch_index_9999>', 'not allowed'),
        ('<patch_index_1>', 'not allowed'),
        ('a <grounding> b', '<grounding> is out of place in the text'),
        ('<grounding><grounding> b', 'out of place'),
        ('<phrase></phrase>', '</phrase> is out of place at the beginning of a phrase'),
        ('<phrase> a<phrase> b', '<phrase> is out of place inside a phrase'),
        ('</phrase>', 'out of place'),
        (f'<object>{BOX}</object>', '<object> is out of place'),
        (f'<phrase> a</phrase> b<object>{BOX}', 'out of place in the text'),
        (f'<phrase> a</phrase>{BOX}', '<patch_index_0044> is out of place after a phrase'),
        ('<phrase> a</phrase><object> b', 'b is out of place at the beginning of a box'),
        ('<phrase> a</phrase><object><patch_index_0001></object>', 'after the first cell'),
        (f'<phrase> a</phrase><object>{BOX}{BOX}', 'after a box'),
        (f'<phrase> a</phrase>{NEXT}', 'out of place'),
        ('<phrase> a</phrase><object><patch_index_0044><patch_index_0006>', 'inverted box'),
    ],
)
def test_everything_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        raw_prompt(text)


pieces = st.one_of(
    st.sampled_from([tag.value for tag in Tag]),
    st.sampled_from([str(Cell(index)) for index in (0, 44, 863, 1023)]),
    st.sampled_from(['</s>', '<image>', '<', '>', ' a', '<patch_index_', 'x>']),
    st.text(max_size=5),
)


@given(st.lists(pieces, max_size=12).map(''.join))
def test_a_prompt_that_is_read_spells_the_same(text: str) -> None:
    try:
        prompt = raw_prompt(text)
    except InvalidRequestError:
        return
    assert str(prompt) in (text, f' {text}')
    assert not any(
        isinstance(part, str) and any(tag.value in part for tag in Tag) for part in prompt.parts
    )
