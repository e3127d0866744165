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
def processor(kosmos2_material: Path) -> Any:
    """Build the processor of the published model, 65037 tokens, from its sentencepiece model."""
    sentencepiece_model = pytest.importorskip('sentencepiece.sentencepiece_model_pb2')
    transformers = pytest.importorskip('transformers')
    proto = sentencepiece_model.ModelProto()
    proto.ParseFromString((kosmos2_material / 'sentencepiece.bpe.model').read_bytes())
    special = [('<s>', 0.0), ('<pad>', 0.0), ('</s>', 0.0), ('<unk>', 0.0)]
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = transformers.XLMRobertaTokenizer(
        vocab=[*special, *pieces[3:], ('<mask>', 0.0)],
        _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap,
    )
    images = transformers.CLIPImageProcessor(use_square_size=True)
    return transformers.Kosmos2Processor(images, tokenizer)


@pytest.fixture(scope='module')
def vocabulary(processor: Any) -> Any:
    """Wrap its tokenizer as the backend does."""
    module = pytest.importorskip('kosmos_ros.backends.kosmos2.vocabulary')
    return module.Kosmos2Vocabulary(processor, latents=64)


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


def test_the_tokenizer_is_the_published_one(processor: Any, vocabulary: Any) -> None:
    assert len(processor.tokenizer) == len(vocabulary) == 65037
    head = vocabulary.encode_prompt(raw_prompt('<grounding> An image of'))
    assert head == (0, 64003, *range(4, 68), 64004, 64012, 712, 1648, 9)


def test_the_grounded_caption(
    processor: Any, vocabulary: Any, transcripts: list[dict[str, Any]]
) -> None:
    published = transcripts[0]
    answer = published['generated'].removeprefix(published['prompt'])
    parsed = parse_text(raw_prompt(published['prompt']), answer, processor, vocabulary)
    assert parsed.text == published['text']
    assert entities(parsed) == published['entities']
    assert parsed.dropped == 0
    assert parsed.without_prompt().text == 'a snowman warming up by a fire'


def test_the_question_on_a_region(
    processor: Any, vocabulary: Any, transcripts: list[dict[str, Any]]
) -> None:
    published = transcripts[1]
    (corners,) = published['bboxes']
    prompt = ask_prompt('What is this character?', Box(*corners))
    upper_left, lower_right = cells_from_box(Box(*corners))
    given = f'<object>{upper_left}{lower_right}</object>'
    assert str(prompt) == published['prompt'].replace('</phrase>', f'</phrase>{given}')
    parsed = parse_text(prompt, ' Pikachu in the anime.', processor, vocabulary)
    assert parsed.text == published['text']
    assert entities(parsed) == published['entities']
    assert all(box.given for phrase in parsed.phrases for box in phrase.boxes)
    assert parsed.without_prompt().text == 'Pikachu in the anime.'


def test_the_text_of_the_image_slots(vocabulary: Any, transcripts: list[dict[str, Any]]) -> None:
    assert vocabulary.decode(range(4, 68)).strip() == transcripts[2]['decoded']
