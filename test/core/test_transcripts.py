# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Published transcripts of the real model, through the real tokenizer and the parser.

Spans ``core.model``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.core.model.answer_reader import ParsedAnswer
from kosmos_ros.core.model.backend import GeneratedToken, Generation, Vocabulary
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.prompts import ask_prompt
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.core.types import Box

pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning')


@pytest.fixture(scope='module')
def transcripts(kosmos2_material: Path) -> list[dict[str, Any]]:
    """Read the transcripts: grounded caption, question on a region, image slots."""
    parsed: list[dict[str, Any]] = json.loads((kosmos2_material / 'transcripts.json').read_text())
    return parsed


def parse_text(
    prompt: Prompt, answer: str, processor: Any, vocabulary: Vocabulary
) -> ParsedAnswer:
    """Tokenise an answer as the model would have written it, and parse the ids."""
    ids = processor.tokenizer.encode(answer, add_special_tokens=False)
    tokens = tuple(GeneratedToken(token, 1.0) for token in ids)
    return parse(prompt, Generation(tokens, finished=True), vocabulary)


def entities(parsed: ParsedAnswer) -> list[list[Any]]:
    """Return phrases as the transcripts list them: text, span, boxes."""
    return [
        [
            phrase.text,
            [phrase.start, phrase.end],
            [[box.box.x0, box.box.y0, box.box.x1, box.box.y1] for box in phrase.boxes],
        ]
        for phrase in parsed.phrases
    ]


def test_the_tokenizer_is_the_published_one(
    published_processor: Any, published_vocabulary: Any
) -> None:
    assert len(published_processor.tokenizer) == len(published_vocabulary) == 65037
    head = published_vocabulary.encode_prompt(raw_prompt('<grounding> An image of'))
    assert head == (0, 64003, *range(4, 68), 64004, 64012, 712, 1648, 9)


def test_the_grounded_caption(
    published_processor: Any, published_vocabulary: Any, transcripts: list[dict[str, Any]]
) -> None:
    published = transcripts[0]
    answer = published['generated'].removeprefix(published['prompt'])
    parsed = parse_text(
        raw_prompt(published['prompt']), answer, published_processor, published_vocabulary
    )
    assert parsed.text == published['text']
    assert entities(parsed) == published['entities']
    assert parsed.dropped == 0
    assert parsed.without_prompt().text == 'a snowman warming up by a fire'


def test_the_question_on_a_region(
    published_processor: Any, published_vocabulary: Any, transcripts: list[dict[str, Any]]
) -> None:
    published = transcripts[1]
    (corners,) = published['bboxes']
    prompt = ask_prompt('What is this character?', Box(*corners))
    upper_left, lower_right = cells_from_box(Box(*corners))
    given = f'<object>{upper_left}{lower_right}</object>'
    assert str(prompt) == published['prompt'].replace('</phrase>', f'</phrase>{given}')
    parsed = parse_text(
        prompt, ' Pikachu in the anime.', published_processor, published_vocabulary
    )
    assert parsed.text == published['text']
    assert entities(parsed) == published['entities']
    assert all(box.given for phrase in parsed.phrases for box in phrase.boxes)
    assert parsed.without_prompt().text == 'Pikachu in the anime.'


def test_the_text_of_the_image_slots(
    published_vocabulary: Any, transcripts: list[dict[str, Any]]
) -> None:
    assert published_vocabulary.decode(range(4, 68)).strip() == transcripts[2]['decoded']
