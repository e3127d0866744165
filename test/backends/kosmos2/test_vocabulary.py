# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Token ids equal the stock processor's, except that text never becomes a control token."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from transformers import CLIPImageProcessorPil, Kosmos2Processor, XLMRobertaTokenizer

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, Prompt, Tag
from kosmos_ros.core.model.prompts import (
    ask_prompt,
    describe_prompt,
    identify_prompt,
    locate_prompt,
)
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.types import Box

BOX = Box(0.1, 0.2, 0.5, 0.9)
PROMPTS = [
    describe_prompt(detailed=False),
    describe_prompt(detailed=True),
    locate_prompt('the red cube on the left'),
    locate_prompt('a café au lait, 2 mugs'),
    identify_prompt(BOX),
    ask_prompt('what is this?', BOX),
    ask_prompt('What color is the mug?'),
    raw_prompt('An image of'),
    Prompt((Tag.GROUNDING, ' a mug ', Tag.PHRASE, ' it ', Tag.PHRASE_END, ' ')),
]
CONTROL_WORDS = [
    *(tag.value for tag in Tag),
    *('<s>', '</s>', '<pad>', '<unk>', '<mask>', '<image>', '</image>', '</doc>', '</chunk>'),
    *('<patch_index_0000>', '<patch_index_0001>', '<patch_index_1023>', '</line>'),
    *('<slot_0>', '<image_slot_00>'),
]
text = st.lists(st.sampled_from([*CONTROL_WORDS, ' the', ' red', 'x', ' ', '<', '▁'])).map(''.join)


@pytest.fixture(scope='module')
def tabletop() -> Kosmos2Processor:
    """Return the embedded model's processor."""
    try:
        folder = find_checkpoint(EMBEDDED_MODEL)
    except ModelLoadError as error:
        pytest.skip(str(error))
    return Kosmos2Processor.from_pretrained(folder, backend='pil')


@pytest.fixture(scope='module')
def published(kosmos2_material: Path) -> Kosmos2Processor:
    """Rebuild the published model's processor from its sentencepiece vocabulary."""
    pytest.importorskip('google.protobuf', reason='reading a sentencepiece file needs protobuf')
    protos = pytest.importorskip('sentencepiece.sentencepiece_model_pb2')
    proto = protos.ModelProto()
    proto.ParseFromString((kosmos2_material / 'sentencepiece.bpe.model').read_bytes())
    special = [(piece, 0.0) for piece in ('<s>', '<pad>', '</s>', '<unk>')]
    pieces = [(piece.piece, piece.score) for piece in proto.pieces[3:]]
    tokenizer = XLMRobertaTokenizer(
        vocab=[*special, *pieces, ('<mask>', 0.0)],
        _spm_precompiled_charsmap=proto.normalizer_spec.precompiled_charsmap,
    )
    return Kosmos2Processor(CLIPImageProcessorPil(use_square_size=True), tokenizer)


@pytest.fixture(scope='module', params=['stock_processor', 'tabletop', 'published'])
def processor(request: pytest.FixtureRequest) -> Iterator[Kosmos2Processor]:
    """Return the processor of the tiny, the embedded and the published model."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope='module')
def vocabulary(processor: Kosmos2Processor) -> Kosmos2Vocabulary:
    """Return the vocabulary of a processor."""
    return Kosmos2Vocabulary(processor, latents=64)


@pytest.mark.parametrize('prompt', PROMPTS, ids=str)
def test_prompts_become_what_the_stock_processor_makes(
    processor: Kosmos2Processor, vocabulary: Kosmos2Vocabulary, prompt: Prompt
) -> None:
    picture = np.zeros((32, 32, 3), dtype=np.uint8)
    stock = processor(text=str(prompt), images=picture, return_tensors='np')
    assert vocabulary.encode_prompt(prompt) == tuple(stock['input_ids'][0])
    slots = np.isin(np.arange(len(stock['input_ids'][0])), range(2, 66))
    assert np.array_equal(stock['image_embeds_position_mask'][0].astype(bool), slots)


@pytest.mark.parametrize('words', CONTROL_WORDS)
def test_control_tokens_in_text_stay_text(vocabulary: Kosmos2Vocabulary, words: str) -> None:
    ids = vocabulary.encode_text(f' the {words} mug')
    assert not vocabulary.control.intersection(ids)


@given(text=text)
def test_no_text_becomes_a_control_token(vocabulary: Kosmos2Vocabulary, text: str) -> None:
    assert not vocabulary.control.intersection(vocabulary.encode_text(text))


def test_text_without_control_tokens_is_tokenised_as_ever(
    processor: Kosmos2Processor, vocabulary: Kosmos2Vocabulary
) -> None:
    words = ' the red cube, 3 mugs and a bottle on the left; is it?'
    stock = processor.tokenizer(words, add_special_tokens=False)['input_ids']
    assert list(vocabulary.encode_text(words)) == stock


def test_decoding_keeps_spaces_and_leaves_control_tokens_out(
    vocabulary: Kosmos2Vocabulary,
) -> None:
    words = ' the red cube on the left'
    ids = vocabulary.encode_text(words)
    tags = vocabulary.ids.tags
    mixed = [tags[Tag.PHRASE], *ids, tags[Tag.PHRASE_END], vocabulary.ids.eos, vocabulary.ids.pad]
    assert vocabulary.decode(ids) == words
    assert vocabulary.decode(mixed) == words
    assert vocabulary.decode([]) == ''


def test_ids_are_those_of_the_tokenizer(
    processor: Kosmos2Processor, vocabulary: Kosmos2Vocabulary
) -> None:
    names = processor.tokenizer.convert_ids_to_tokens
    ids = vocabulary.ids
    assert names([ids.bos, ids.pad, ids.eos]) == ['<s>', '<pad>', '</s>']
    assert {tag: names(token) for tag, token in ids.tags.items()} == {
        tag: tag.value for tag in Tag
    }
    assert names(ids.first_cell + 1023) == str(Cell(CELL_COUNT - 1))
    assert len(vocabulary) == len(processor.tokenizer)


def test_the_published_ids(published: Kosmos2Processor) -> None:
    vocabulary = Kosmos2Vocabulary(published, latents=64)
    ids = vocabulary.encode_prompt(describe_prompt(detailed=False))
    assert ids == (0, 64003, *range(4, 68), 64004, 64012, 712, 1648, 9)


def test_a_tokenizer_without_the_grammar_is_refused(stock_processor: Kosmos2Processor) -> None:
    plain = XLMRobertaTokenizer(
        vocab=[(piece, 0.0) for piece in ('<s>', '<pad>', '</s>', '<unk>')]
    )
    with pytest.raises(ModelLoadError, match='location tokens'):
        Kosmos2Vocabulary(SimpleNamespace(**vars(stock_processor) | {'tokenizer': plain}), 64)


@pytest.mark.parametrize('name', ['tabletop', 'published'])
def test_words_of_its_language_are_known(name: str, request: pytest.FixtureRequest) -> None:
    vocabulary = Kosmos2Vocabulary(request.getfixturevalue(name), latents=64)
    assert all(map(vocabulary.knows, ('the', 'Red', 'cubes', 'left', '3', '12', 'a', '')))
    foreign = ('\u7ea2\u676f\u5b50', '\u9752\u3044', '\U0001f7e5\U0001f7e5', '\u092e\u0917')
    assert not any(map(vocabulary.knows, foreign))


def test_the_embedded_model_knows_few_words(tabletop: Kosmos2Processor) -> None:
    vocabulary = Kosmos2Vocabulary(tabletop, latents=64)
    assert not any(map(vocabulary.knows, ('W\u00fcrfel', 'taza', 'snowman', '\u043a\u0443\u0431')))


def test_the_published_model_knows_words_in_pieces(published: Kosmos2Processor) -> None:
    vocabulary = Kosmos2Vocabulary(published, latents=64)
    assert all(map(vocabulary.knows, ('snowman', 'screwdriver', 'TV', 'forklift', 'Wi-Fi')))
