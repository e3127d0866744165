# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's recipe is only measured if it writes what the model card's does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
import pytest

from kosmos_ros.bench.machine import BenchError
from kosmos_ros.bench.peer.same_tokens import check_same_tokens, compare_tokens, PROMPTS


def test_a_single_other_token_is_named() -> None:
    compare_tokens({'a': [1, 2], 'b': [3]}, {'a': [1, 2], 'b': [3]})
    with pytest.raises(BenchError, match=r"token 2 of the answer to 'a' is 3, by transformers 2"):
        compare_tokens({'a': [1, 2]}, {'a': [1, 3]})
    with pytest.raises(BenchError, match=r'token 2 .* is None, by transformers 2'):
        compare_tokens({'a': [1, 2]}, {'a': [1]})


def test_the_embedded_model_writes_the_same(
    installed: None, embedded: Path, picture: Path
) -> None:
    with Image.open(picture) as image:
        assert check_same_tokens(embedded, image.convert('RGB')) == 24 * len(PROMPTS)


def test_random_weights_write_the_same(installed: None, small: Path, picture: Path) -> None:
    with Image.open(picture) as image:
        assert check_same_tokens(small, image.convert('RGB')) == 24 * len(PROMPTS)
