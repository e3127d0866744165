# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tiny random checkpoints, saved and loaded again as real ones are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
import shutil
import string

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='the backends need torch')
pytest.importorskip('transformers', reason='the backends need transformers')

from tokenizers import decoders, pre_tokenizers, processors, Tokenizer  # noqa: E402
from tokenizers.models import Unigram  # noqa: E402
from transformers import (  # noqa: E402
    CLIPImageProcessorPil,
    Kosmos2Config,
    Kosmos2ForConditionalGeneration,
    Kosmos2Processor,
    PreTrainedTokenizerFast,
)

from kosmos_ros.backends.kosmos2.backend import TransformersBackend  # noqa: E402
from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel  # noqa: E402
from kosmos_ros.backends.kosmos2.pixels import FastPixels  # noqa: E402
from kosmos_ros.backends.kosmos2.probabilities import lower_right_cells, RepeatGuard  # noqa: E402
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary  # noqa: E402
from kosmos_ros.backends.kosmos2.writer import Place, Writer  # noqa: E402
from kosmos_ros.backends.settings import ModelSettings  # noqa: E402
from kosmos_ros.core.images.images import RgbImage  # noqa: E402
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT  # noqa: E402

IMAGE_SIZE = 32
WORDS = 'the a An image of red blue cube mug on left Question: What is it? Answer: this It'
SPECIAL = ('<s>', '<pad>', '</s>', '<unk>')

MakeCheckpoint = Callable[..., Path]
AllowedTokens = Callable[[Kosmos2Vocabulary, Writer, Sequence[int]], set[int]]


def tiny_processor() -> Kosmos2Processor:
    """Make a processor with some words and, for all others, characters."""
    pieces = dict.fromkeys(SPECIAL, 0.0)
    pieces |= {f'<slot_{index}>': -99.0 for index in range(64)}
    pieces |= {f'▁{word}': -3.0 for word in WORDS.split()}
    pieces |= dict.fromkeys(string.printable.strip() + '▁é', -12.0)
    tokenizer = Tokenizer(Unigram(list(pieces.items()), unk_id=3))
    space = {'replacement': '▁', 'prepend_scheme': 'always'}
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(**space)
    tokenizer.decoder = decoders.Metaspace(**space)
    tokenizer.post_processor = processors.TemplateProcessing(
        single='<s> $A </s>', special_tokens=[('<s>', 0), ('</s>', 2)]
    )
    names = dict(zip(('bos_token', 'pad_token', 'eos_token', 'unk_token'), SPECIAL, strict=True))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, padding_side='left', **names)
    side = {'height': IMAGE_SIZE, 'width': IMAGE_SIZE}
    return Kosmos2Processor(CLIPImageProcessorPil(size=side, do_center_crop=False), fast)


def tiny_model(
    vocabulary_size: int, image_size: int = IMAGE_SIZE, patch_size: int = 8
) -> Kosmos2ForConditionalGeneration:
    """Make a random model whose answers differ from token to token."""
    config = Kosmos2Config(
        text_config={
            'vocab_size': vocabulary_size,
            'embed_dim': 64,
            'layers': 2,
            'ffn_dim': 64,
            'attention_heads': 4,
            'max_position_embeddings': 256,
            'dropout': 0.0,
            'attention_dropout': 0.0,
        },
        vision_config={
            'hidden_size': 64,
            'num_hidden_layers': 2,
            'num_attention_heads': 4,
            'intermediate_size': 64,
            'image_size': image_size,
            'patch_size': patch_size,
        },
    )
    torch.manual_seed(0)
    model = Kosmos2ForConditionalGeneration(config)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.ndim > 1:
                weights.normal_(std=0.06 if 'embed_tokens' in name else 0.3)
    return model.eval()


@pytest.fixture(scope='session')
def make_checkpoint() -> MakeCheckpoint:
    """Return a function that saves a tiny checkpoint: ``make_checkpoint(folder, dtype=...)``."""
    processor = tiny_processor()

    def make(
        folder: Path, dtype: torch.dtype = torch.float32, max_shard_size: str = '1GB'
    ) -> Path:
        model = tiny_model(len(processor.tokenizer)).to(dtype)
        model.save_pretrained(folder, max_shard_size=max_shard_size)
        processor.save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope='session')
def tiny_folder(make_checkpoint: MakeCheckpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint that no test changes."""
    return make_checkpoint(tmp_path_factory.mktemp('tiny'))


@pytest.fixture
def own_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """Return a checkpoint that the test may damage."""
    return shutil.copytree(tiny_folder, tmp_path / 'own')


@pytest.fixture(scope='session')
def loaded(tiny_folder: Path) -> LoadedModel:
    """Return the tiny checkpoint loaded in float32 on the CPU, its text free to repeat."""
    model = load_model(ModelSettings(model=str(tiny_folder), device='cpu', no_repeat_ngram_size=0))
    # With the library's own pixels, comparisons with the library's model see the decoder only.
    assert isinstance(model.image_processor, FastPixels)
    return replace(model, image_processor=model.image_processor.reference)


@pytest.fixture(scope='session')
def backend(loaded: LoadedModel) -> TransformersBackend:
    """Return a backend that runs the tiny checkpoint."""
    return TransformersBackend(loaded)


@pytest.fixture(scope='session')
def stock_processor(tiny_folder: Path) -> Kosmos2Processor:
    """Return the library's processor of the tiny checkpoint."""
    return Kosmos2Processor.from_pretrained(tiny_folder, backend='pil')


@pytest.fixture(scope='session')
def allowed_tokens() -> AllowedTokens:
    """Return a function that lists what may follow: ``allowed(vocabulary, writer, ids)``."""

    def allowed(vocabulary: Kosmos2Vocabulary, writer: Writer, history: Sequence[int]) -> set[int]:
        first = vocabulary.ids.first_cell
        place = writer.place(history)
        if place is Place.UPPER_LEFT:
            return set(range(first, first + CELL_COUNT))
        if place is Place.LOWER_RIGHT:
            cells = lower_right_cells(Cell(history[-1] - first))
            return set((np.flatnonzero(cells) + first).tolist())
        if place is Place.AFTER_BOX:
            return set(writer.after_box)
        repeating = writer.repeating(RepeatGuard(writer.ngram_size, history))
        return set(range(len(vocabulary))) - writer.never_text - repeating

    return allowed


@pytest.fixture
def image() -> RgbImage:
    """Return a picture of noise, wider than high."""
    return np.random.default_rng(7).integers(0, 256, (48, 80, 3), dtype=np.uint8)
