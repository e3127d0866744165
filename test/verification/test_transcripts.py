# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the package holds of published answers."""

from __future__ import annotations

import json
from pathlib import Path
import re
from typing import Any

import pytest

from kosmos_ros.backends.checkpoint.files import DEMO_IMAGES
from kosmos_ros.backends.scripted import WordVocabulary
from kosmos_ros.core.model.backend import GeneratedToken
from kosmos_ros.core.model.prompts import (
    ask_prompt,
    describe_prompt,
    identify_prompt,
    locate_prompt,
)
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.types import Box
from kosmos_ros.verification.comparing import compare_with
from kosmos_ros.verification.transcripts import published_answers, Transcript

ALL = published_answers()


def name_of(one: Transcript) -> str:
    """Name a transcript in the output of pytest."""
    return f'{one.name}-{one.weights}-{"jpeg" if one.saved_as_jpeg else "png"}'


@pytest.mark.parametrize('one', ALL.answers, ids=name_of)
def test_a_transcript_is_whole(one: Transcript) -> None:
    assert one.generated.startswith(one.prompt)
    assert str(raw_prompt(one.prompt)) == one.prompt
    assert one.source in ALL.sources
    assert one.image in DEMO_IMAGES
    assert [one.text[found.start : found.end] for found in one.entities] == [
        found.text for found in one.entities
    ]


@pytest.mark.parametrize('one', ALL.answers, ids=name_of)
def test_what_was_generated_reads_as_the_published_text_and_entities(one: Transcript) -> None:
    vocabulary = WordVocabulary()
    tokens = [GeneratedToken(number, 1.0) for number in vocabulary.encode(one.continuation)]
    assert compare_with(one, tokens, vocabulary).as_published


def published_tokens(text: str, processor: Any, vocabulary: Any) -> list[int]:
    """Return the ids of an answer as the published model wrote it."""
    ids: list[int] = []
    for part in re.findall(r'</?\w+/?>|[^<]+', text):
        if part.startswith('<'):
            ids.append(processor.tokenizer.convert_tokens_to_ids(part))
        elif part.startswith(' '):
            ids += vocabulary.encode_text(part)
        else:  # a tokenizer would set a space before the punctuation
            ids.append(processor.tokenizer.convert_tokens_to_ids(part[0]))
            ids += vocabulary.encode_text(part[1:]) if part[1:] else ()
    return ids


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_so_it_does_in_the_tokens_of_the_published_model(
    published_processor: Any, published_vocabulary: Any
) -> None:
    answer = ALL.answers[0].continuation
    caption = published_tokens(answer, published_processor, published_vocabulary)
    # Its ids are published too, by the integration test that the transcripts name.
    assert caption[-4:] == [64018, 64924, 64010, 4]
    for one in ALL.answers:
        ids = published_tokens(one.continuation, published_processor, published_vocabulary)
        tokens = [GeneratedToken(number, 1.0) for number in ids]
        assert compare_with(one, tokens, published_vocabulary).as_published, name_of(one)


def test_prompts_are_those_that_the_tasks_make() -> None:
    of_name = {one.name: one.prompt for one in ALL.answers if not one.locate}
    snowman = Box(0.390625, 0.046875, 0.984375, 0.828125)
    assert of_name['brief caption'] == str(describe_prompt(detailed=False))
    assert of_name['detailed caption'] == str(describe_prompt(detailed=True))
    assert of_name['phrase'] == str(locate_prompt('a snowman'))
    assert of_name['region named'] == str(identify_prompt(snowman))
    assert of_name['question'] == str(ask_prompt('What is special about this image?'))


def test_each_question_is_asked_once_and_compared_with_its_own_precision() -> None:
    questions = ALL.of_weights('none')
    assert len(questions) == 11
    assert {one.weights for one in questions} == {'float32'}
    assert ALL.of_weights('8bit') == questions
    rounded = ALL.of_weights('4bit')
    assert len(rounded) == 11
    (other,) = [one for one in rounded if one.weights == '4bit']
    assert other.text == 'An image of a snowman warming up by a fire'


def test_the_walk_through_is_the_one_that_was_published(kosmos2_material: Path) -> None:
    published = json.loads((kosmos2_material / 'transcripts.json').read_text())[0]
    (ours,) = [one for one in ALL.answers if one.weights == '4bit']
    assert (ours.image, ours.prompt) == (published['image'], published['prompt'])
    assert (ours.generated, ours.text) == (published['generated'], published['text'])
    spans = [
        [one.text, [one.start, one.end], [list(box) for box in one.boxes]] for one in ours.entities
    ]
    assert spans == published['entities']
