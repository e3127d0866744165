# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The recipe does what the model card does, and as many tokens as it says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image
import pytest

from kosmos_ros.bench.measure.recipe import _timed, phrase_prompt, Recipe
from kosmos_ros.bench.timing import Effort


def test_every_number_of_tokens_is_really_written(recipe: dict[str, Any]) -> None:
    assert set(recipe['locate']) == {'128', '24', '5'}
    for count, timing in recipe['locate'].items():
        assert timing['tokens'] == [int(count)] * len(timing['seconds'])
    assert set(recipe['caption']['tokens']) == {16}


def test_a_trained_model_is_measured_as_it_ends_too(recipe: dict[str, Any]) -> None:
    # <object>, two corners, </object>, </s>
    assert recipe['own_end']['tokens'] == [5]


def test_too_few_tokens_are_no_measurement() -> None:
    written = iter((24, 23))
    recipe: Any = SimpleNamespace(ask=lambda *_, least: next(written))
    image = Image.new('RGB', (8, 8))
    with pytest.raises(RuntimeError, match=r'24 tokens each time, wrote \[24, 23\]'):
        _timed(recipe, ['the mug'], image, 24, Effort(2, 2, 0.0), forced=True)


def test_it_answers_as_the_card_says(embedded: Path, picture: Path) -> None:
    recipe = Recipe(embedded, 'bfloat16')
    with Image.open(picture) as image:
        assert recipe.ask(phrase_prompt('the pink bowl'), image.convert('RGB'), 128) == 5
