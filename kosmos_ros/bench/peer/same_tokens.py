# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Proof that OpenVINO's recipe does the same work: the tokens of both recipes in float32."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL.Image import Image

from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.measure.recipe import CAPTION_PROMPT, phrase_prompt, Recipe
from kosmos_ros.bench.plan import IN_PICTURE, PHRASES

_TOKENS = 24
PROMPTS = (CAPTION_PROMPT, *(phrase_prompt(phrase) for phrase in PHRASES[:IN_PICTURE]))


def check_same_tokens(checkpoint: Path, image: Image) -> int:
    """
    Ask both recipes the same in float32 and return how many tokens were compared.

    :param checkpoint: a small one.
    :raises BenchError: if they differ, with the first that does.
    """
    from kosmos_ros.bench.peer.export import export, FLOAT32  # noqa: PLC0415
    from kosmos_ros.bench.peer.openvino_recipe import OpenVinoRecipe  # noqa: PLC0415

    recipe = Recipe(checkpoint, FLOAT32)
    with TemporaryDirectory() as folder:
        peer = OpenVinoRecipe(checkpoint, export(checkpoint, Path(folder), FLOAT32), exact=True)
        features = peer.see(image)
        theirs = {one: peer.ask(one, features, _TOKENS, least=_TOKENS) for one in PROMPTS}
    ours = {one: recipe.tokens(one, image, _TOKENS, least=_TOKENS) for one in PROMPTS}
    compare_tokens(ours, theirs)
    return _TOKENS * len(PROMPTS)


def compare_tokens(ours: Mapping[str, list[int]], theirs: Mapping[str, list[int]]) -> None:
    """
    Compare answers in tokens, by their prompts.

    :raises BenchError: if one differs.
    """
    for prompt, tokens in ours.items():
        for place, (own, other) in enumerate(zip_longest(tokens, theirs[prompt])):
            if own != other:
                raise BenchError(
                    f"OpenVINO's recipe does not do the same work: token {place + 1} of the "
                    f'answer to {prompt!r} is {other}, by transformers {own}'
                )
