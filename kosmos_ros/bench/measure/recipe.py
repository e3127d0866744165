# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The recipe of the model card, as commonly used.

Each query shows the image to the model anew and has it write up to 128 tokens. Only the class has
another name than on the card (``AutoModelForVision2Seq`` is gone from transformers).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL.Image import Image
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from kosmos_ros.bench.machine import memory_without_files, peak_memory
from kosmos_ros.bench.plan import AS_WRITTEN, BenchPlan, IN_PICTURE, PHRASES
from kosmos_ros.bench.timing import Effort, repeat

CAPTION_PROMPT = '<grounding> An image of'


class Recipe:
    """Model and processor as the card loads them, in 'float32' or 'bfloat16'."""

    def __init__(self, folder: Path, dtype: str, device: str = 'cpu') -> None:
        self._dtype = getattr(torch, dtype)
        self._processor: Any = AutoProcessor.from_pretrained(folder, local_files_only=True)
        model: Any = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=self._dtype, local_files_only=True
        )
        self._model = model.eval().to(device)

    def ask(self, prompt: str, image: Image, max_new_tokens: int, least: int = 0) -> int:
        """Answer a prompt as ``tokens`` does, and return the number of tokens written."""
        return len(self.tokens(prompt, image, max_new_tokens, least))

    def tokens(self, prompt: str, image: Image, max_new_tokens: int, least: int = 0) -> list[int]:
        """
        Answer a prompt.

        :param least: least number of tokens, even if the model would end earlier.
        :returns: the tokens written.
        """
        inputs = self._processor(text=prompt, images=image, return_tensors='pt')
        inputs = inputs.to(self._model.device)
        written = self._model.generate(
            pixel_values=inputs['pixel_values'].to(self._dtype),
            input_ids=inputs['input_ids'],
            attention_mask=inputs['attention_mask'],
            image_embeds=None,
            image_embeds_position_mask=inputs['image_embeds_position_mask'],
            use_cache=True,
            max_new_tokens=max_new_tokens,
            # The text model has a generation config of its own; arguments reach it nevertheless.
            min_new_tokens=least or None,
        )
        text = self._processor.batch_decode(written, skip_special_tokens=True)[0]
        self._processor.post_process_generation(text)
        return [int(token) for token in written[0, inputs['input_ids'].shape[1] :]]


def phrase_prompt(phrase: str) -> str:
    """Return the card's prompt for finding a phrase."""
    return f'<grounding><phrase> {phrase}</phrase>'


def measure_recipe(
    folder: Path,
    dtype: str,
    image: Image,
    plan: BenchPlan,
    caption_tokens: int,
    device: str = 'cpu',
) -> dict[str, Any]:
    """
    Measure the recipe.

    A model that ends before the 128 tokens is measured so too (``own_end``); for all else the
    number of tokens is forced, and checked.

    :param caption_tokens: written for a caption.
    """
    recipe = Recipe(folder, dtype, device)
    prompts = [phrase_prompt(phrase) for phrase in PHRASES[:IN_PICTURE]]
    recipe.ask(prompts[0], image, 2)
    # The card's recipe unchanged: at most 128 tokens.
    written = _timed(recipe, prompts, image, AS_WRITTEN, plan.seed[AS_WRITTEN])
    result: dict[str, Any] = {'locate': {}, 'own_end': written}
    if set(written['tokens']) == {AS_WRITTEN}:
        result = {'locate': {str(AS_WRITTEN): written}}
    for count, effort in plan.seed.items():
        if str(count) not in result['locate']:
            timing = _timed(recipe, prompts, image, count, effort, forced=True)
            result['locate'][str(count)] = timing
    return result | {
        'caption': _timed(
            recipe, [CAPTION_PROMPT], image, caption_tokens, plan.seed[24], forced=True
        ),
        'threads': torch.get_num_threads(),
        'peak_bytes': peak_memory(),
        'resident_bytes': memory_without_files(),
    }


def _timed(
    recipe: Recipe,
    prompts: Sequence[str],
    image: Image,
    count: int,
    effort: Effort,
    forced: bool = False,
) -> dict[str, Any]:
    """Measure answers to prompts in turn, of at most ``count`` tokens; of so many if forced."""
    tokens: list[int] = []

    def ask(index: int) -> None:
        prompt = prompts[index % len(prompts)]
        tokens.append(recipe.ask(prompt, image, count, least=count if forced else 0))

    seconds = repeat(ask, effort)
    if forced and set(tokens) != {count}:
        raise RuntimeError(f'the recipe was to write {count} tokens each time, wrote {tokens}')
    return {'seconds': seconds, 'tokens': tokens}
