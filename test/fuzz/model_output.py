# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a model writes, token by token: text, phrases and boxes."""

from __future__ import annotations

from itertools import pairwise

from kosmos_ros.backends.scripted import WordVocabulary
from kosmos_ros.core.model.answer_reader import ParsedAnswer
from kosmos_ros.core.model.backend import GeneratedToken
from kosmos_ros.core.model.cells import Corner
from kosmos_ros.core.model.grammar import Cell, Prompt, Tag
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import AnswerStream

_VOCABULARY = WordVocabulary()
_IDS = _VOCABULARY.ids
_WORDS = _VOCABULARY.encode(' a dog <3 ☃ \n <phrase')
_NAMED = (*_IDS.tags.values(), _IDS.bos, _IDS.pad, _IDS.eos, *_WORDS, -1, _IDS.size)
_PROMPTS = (
    Prompt(()),
    raw_prompt('<grounding> An image of'),
    raw_prompt('<grounding><phrase> a'),
    raw_prompt('<phrase> x</phrase><object>'),
    raw_prompt('<phrase> x</phrase><object><patch_index_0033>'),
)
_MOST_TOKENS = 100


def read(data: bytes) -> None:
    """Read three bytes a token; boxes have to be ones that two tokens name."""
    prompt = _PROMPTS[data[0] % len(_PROMPTS)] if data else _PROMPTS[0]
    ends = range(4, min(len(data), 3 * _MOST_TOKENS) + 1, 3)
    tokens = [_token(*data[end - 3 : end]) for end in ends]
    stream, text = AnswerStream(prompt, _VOCABULARY), ''
    for token in tokens:
        stream.read(token)
        so_far = stream.so_far()
        assert so_far.text.startswith(text.rstrip()), (so_far.text, text)
        text = so_far.text
    _check(stream.so_far(), prompt, tokens)
    _check(stream.finish(), prompt, tokens)


def _token(kind: int, high: int, low: int) -> GeneratedToken:
    corner = None if low % 2 else Corner(high / 200, low / 200, 0.5)
    if kind < 128:
        return GeneratedToken(_NAMED[kind % len(_NAMED)], high / 255)
    if kind < 250:
        return GeneratedToken(_IDS.first_cell + (256 * high + low) % 1024, kind / 255, corner)
    return GeneratedToken((256 * high + low - 32768) * 2 ** (kind - 248), 0.5)


def _check(answer: ParsedAnswer, prompt: Prompt, tokens: list[GeneratedToken]) -> None:
    named = [part for part in prompt.parts if isinstance(part, Cell)]
    ids = [token.id for token in tokens if token.id not in (_IDS.bos, _IDS.pad)]
    cells = [*named, *map(_IDS.cell_of, ids)]
    pairs = sum(first is not None and second is not None for first, second in pairwise(cells))
    for parsed in (answer, answer.without_prompt()):
        assert 0 <= parsed.dropped <= len(tokens) + len(prompt.parts) + 2
        assert parsed.text == parsed.text.strip()
        for phrase in parsed.phrases:
            assert parsed.text[phrase.start : phrase.end] == phrase.text
            assert len(phrase.boxes) <= pairs
            assert all(0 <= box.score <= 1 for box in phrase.boxes)
            assert not any(tag.value in phrase.text for tag in Tag)
