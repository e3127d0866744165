# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.tokenizer``."""

from __future__ import annotations

from pathlib import Path
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from PIL import Image
import pytest
from transformers import AutoProcessor

from training.texts.words import known_words, UNKNOWN_ADJECTIVES, UNKNOWN_NOUNS
from training.tokenizer import encode_text, shared_processor, token_id, UNK


def decode(ids: tuple[int, ...]) -> str:
    return shared_processor().tokenizer.decode(list(ids))


def plain(text: str) -> str:
    """Return what the tokenizer makes of text before it cuts it."""
    decomposed = unicodedata.normalize('NFKD', text)
    stripped = ''.join(c for c in decomposed if not unicodedata.combining(c))
    return stripped.lower().replace('-', ' ')


@given(st.text(st.characters(max_codepoint=0x24F, exclude_categories=['Cc', 'Cs']), max_size=60))
def test_any_latin_text_comes_back(text: str) -> None:
    text = text.replace('<', '')
    ids = encode_text(text)
    assert UNK not in ids
    assert decode(ids) == plain(text)


@given(st.text(max_size=60))
def test_no_text_is_unknown_or_reaches_the_image_slots(text: str) -> None:
    ids = encode_text(text.replace('<', ''))
    assert all(id_ >= 68 for id_ in ids)


@pytest.mark.parametrize('text', [' the snowman', ' café ☃', ' 日本の猫', ' ^~|{}'])
def test_unknown_words_are_spelled(text: str) -> None:
    assert decode(encode_text(text)) == plain(text)


def test_capitals_do_not_matter() -> None:
    assert encode_text(' the Red CUBE') == encode_text(' the red cube')
    assert len(encode_text(' the red cube')) == 3


def test_a_hyphen_is_a_space() -> None:
    assert encode_text(' the red-cube') == encode_text(' the red cube')


@pytest.mark.parametrize('word', known_words())
def test_a_known_word_is_one_token(word: str) -> None:
    assert token_id(f'▁{word}') > 67


def test_words_to_refuse_are_not_known() -> None:
    unknown = {*UNKNOWN_NOUNS, *UNKNOWN_ADJECTIVES}
    assert not unknown & set(known_words())
    assert all(len(encode_text(f' {word}')) > 1 for word in unknown)


def test_an_unknown_token_is_an_error() -> None:
    with pytest.raises(ValueError, match='no token'):
        token_id('▁snowman')


def test_the_processor_survives_saving(tmp_path: Path) -> None:
    shared_processor().save_pretrained(tmp_path)
    loaded = AutoProcessor.from_pretrained(tmp_path)
    image = Image.fromarray(np.zeros((480, 640, 3), np.uint8))
    prompt = '<grounding><phrase> the red cube</phrase>'
    ours, theirs = (p(text=prompt, images=image) for p in (shared_processor(), loaded))
    assert ours['input_ids'] == theirs['input_ids']
    assert np.asarray(ours['pixel_values']).shape[-2:] == (224, 224)
    assert theirs['input_ids'][2:66] == list(range(4, 68))
