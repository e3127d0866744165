# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Stepwise decoding equals the stock model's full forward pass."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder, model_errors
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.core.errors import ModelError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.prompts import describe_prompt, locate_prompt

PHRASES = ('the mug', 'the red cube on the left', 'It')
TOLERANCE = 2e-5


@pytest.fixture
def embeds(backend: TransformersBackend, image: RgbImage) -> torch.Tensor:
    """Return an encoded image."""
    return backend.encode([image])[0].image_embeds


def prompt_ids(loaded: LoadedModel) -> list[tuple[int, ...]]:
    """Return prompts of different lengths."""
    return [loaded.vocabulary.encode_prompt(locate_prompt(phrase)) for phrase in PHRASES]


@pytest.fixture
def decoder(loaded: LoadedModel) -> Decoder:
    """Return a decoder without sequences."""
    return Decoder(loaded.model, loaded.vocabulary.image.slots)


def log(loaded: LoadedModel, hidden: torch.Tensor) -> np.ndarray:
    """Return log-probabilities among all tokens."""
    return OutputHead(loaded.model, loaded.vocabulary).full_log(hidden).numpy()


def stock_log(loaded: LoadedModel, image: RgbImage, ids: Sequence[int]) -> np.ndarray:
    """Run the library's model on pixels and all tokens at once, without a cache."""
    pixels = loaded.image_processor(image, return_tensors='pt')['pixel_values']
    mask = torch.zeros((1, len(ids)), dtype=torch.long)
    mask[:, 2 : 2 + loaded.vocabulary.image.count] = 1
    with torch.inference_mode():
        logits = loaded.model(
            pixel_values=pixels,
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones((1, len(ids)), dtype=torch.long),
            image_embeds_position_mask=mask,
            use_cache=False,
        ).logits
    return torch.log_softmax(logits[0].float(), dim=-1).numpy()


def test_one_prompt_equals_the_stock_forward_pass(
    loaded: LoadedModel, decoder: Decoder, embeds: torch.Tensor, image: RgbImage
) -> None:
    ids = loaded.vocabulary.encode_prompt(describe_prompt(detailed=False))
    decoder.start([ids[:-2]], [embeds])
    found = log(loaded, decoder.feed([ids[-2:]], keep=2))[0]
    assert np.allclose(found, stock_log(loaded, image, ids)[-2:], atol=TOLERANCE)


def test_steps_with_dropped_and_forked_sequences_equal_the_stock_forward_pass(
    loaded: LoadedModel, decoder: Decoder, embeds: torch.Tensor, image: RgbImage
) -> None:
    rows = prompt_ids(loaded)
    assert len({len(row) for row in rows}) == len(rows)
    decoder.start([row[:-1] for row in rows], [embeds] * len(rows))
    first = log(loaded, decoder.feed([row[-1:] for row in rows], keep=1))
    second = log(loaded, decoder.feed([[90], [91, 92, 93], [94]], keep=1))
    decoder.select([2, 1, 2])
    third = log(loaded, decoder.feed([[95], [96], [97, 98]], keep=1))
    decoder.select([2])
    fourth = log(loaded, decoder.feed([[99]], keep=1))
    histories = [
        (first, 0, rows[0]),
        (first, 1, rows[1]),
        (first, 2, rows[2]),
        (second, 0, [*rows[0], 90]),
        (second, 1, [*rows[1], 91, 92, 93]),
        (second, 2, [*rows[2], 94]),
        (third, 0, [*rows[2], 94, 95]),
        (third, 1, [*rows[1], 91, 92, 93, 96]),
        (third, 2, [*rows[2], 94, 97, 98]),
        (fourth, 0, [*rows[2], 94, 97, 98, 99]),
    ]
    for step, row, history in histories:
        expected = stock_log(loaded, image, history)[-1]
        assert np.allclose(step[row, 0], expected, atol=TOLERANCE), (row, history[67:])


def test_a_saved_beginning_goes_on_as_if_it_had_just_run(
    loaded: LoadedModel, decoder: Decoder, embeds: torch.Tensor, image: RgbImage
) -> None:
    ids = prompt_ids(loaded)[1]
    decoder.start([ids[:70]], [embeds])
    decoder.feed([ids[70:]], keep=1)
    saved = decoder.save(0, 70)
    other = Decoder(loaded.model, loaded.vocabulary.image.slots)
    other.load([saved, saved[..., :68, :]])
    other.select([1, 0, 0])
    other.shorten([68, 67, 70])
    found = log(loaded, other.feed([ids[68:], ids[67:], ids[70:]], keep=1))
    expected = stock_log(loaded, image, ids)[-1]
    assert np.allclose(found[:, 0], expected, atol=TOLERANCE)


def test_long_texts_go_beyond_the_table_of_positions(
    loaded: LoadedModel, decoder: Decoder, embeds: torch.Tensor, image: RgbImage
) -> None:
    longest = loaded.model.text_model.config.max_position_embeddings
    ids = [*loaded.vocabulary.encode_prompt(describe_prompt(detailed=False)), *[80] * longest]
    decoder.start([ids[:-2]], [embeds])
    decoder.feed([ids[-2:-1]], keep=1)
    last = log(loaded, decoder.feed([ids[-1:]], keep=1))[0, 0]
    assert np.allclose(last, stock_log(loaded, image, ids)[-1], atol=TOLERANCE)


def test_numbers_that_are_none_are_an_error(
    loaded: LoadedModel, decoder: Decoder, embeds: torch.Tensor
) -> None:
    ids = prompt_ids(loaded)[0]
    decoder.start([ids[:-1]], [embeds * float('nan')])
    with pytest.raises(ModelError, match='NaN'):
        decoder.feed([ids[-1:]], keep=1)


def test_full_memory_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r'out of GPU memory.*quantization'), model_errors():
        raise torch.OutOfMemoryError('CUDA out of memory')


def test_failures_of_torch_are_model_errors() -> None:
    with pytest.raises(ModelError, match='the model failed: mat1 and mat2'), model_errors():
        torch.zeros(2, 3) @ torch.zeros(2, 3)


def test_model_errors_pass_unchanged() -> None:
    with pytest.raises(ModelError, match=r'^as it was$'), model_errors():
        raise ModelError('as it was')
