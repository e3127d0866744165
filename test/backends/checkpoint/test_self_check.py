# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The question that a checkpoint brings with its answer."""

from __future__ import annotations

import json
from pathlib import Path
import shutil

import numpy as np
import pytest

from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint
from kosmos_ros.backends.checkpoint.self_check import (
    check_answers,
    SELF_CHECK_FILE,
    write_self_check,
)
from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import EMBEDDED_MODEL, ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.images.images import RgbImage


def load(folder: Path, **options: str) -> None:
    make_backend(ModelSettings(model=str(folder), device='cpu', **options))


@pytest.fixture
def embedded(tmp_path: Path) -> Path:
    """Return the embedded model without checksums, which would find any damage."""
    folder = shutil.copytree(find_checkpoint(EMBEDDED_MODEL), tmp_path / 'embedded')
    (folder / CHECKSUMS).unlink()
    return folder


def test_a_checkpoint_without_a_question_is_not_asked(
    backend: TransformersBackend, tmp_path: Path
) -> None:
    check_answers(tmp_path, backend)


def test_the_same_model_answers_the_same(
    backend: TransformersBackend, image: RgbImage, tmp_path: Path
) -> None:
    path = write_self_check(tmp_path, backend, image, ['the red cube', 'a mug'])
    check_answers(tmp_path, backend)
    content = json.loads(path.read_text())
    for answer in ([0.5], [0.5, 0.1, 0.1, 0.1, 0.1], []):
        content['answers']['a mug'] = answer
        path.write_text(json.dumps(content))
        with pytest.raises(ModelLoadError, match=r"asked for 'a mug' .* it answered \["):
            check_answers(tmp_path, backend)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('version', 2),
        ('image', 'no picture'),
        ('image', 7),
        ('answers', {'a': 'b'}),
        ('answers', None),
        ('tolerance', 'large'),
    ],
)
def test_a_damaged_question_is_named(
    backend: TransformersBackend, image: RgbImage, tmp_path: Path, name: str, value: object
) -> None:
    path = write_self_check(tmp_path, backend, image, ['a mug'])
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(ModelLoadError, match=SELF_CHECK_FILE):
        check_answers(tmp_path, backend)


@pytest.mark.parametrize('options', [{'quantization': 'int8'}, {'dtype': 'bfloat16'}], ids=str)
def test_the_embedded_model_passes_in_every_number_format(
    embedded: Path, options: dict[str, str]
) -> None:
    assert (embedded / SELF_CHECK_FILE).is_file()
    load(embedded, **options)


@pytest.mark.parametrize('part', ['embed_tokens.weight', 'latent_query', 'mlp.fc1.weight'])
def test_flipped_bytes_of_the_embedded_model_are_noticed(embedded: Path, part: str) -> None:
    path = embedded / 'model.safetensors'
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[:8], 'little')
    header = json.loads(content[8 : 8 + length])
    (start, end) = next(
        entry['data_offsets'] for name, entry in sorted(header.items()) if name.endswith(part)
    )
    weights = np.frombuffer(content, np.uint8)[8 + length + start : 8 + length + end]
    # The upper byte of every third float16: sign and most of the exponent.
    weights[1::6] ^= 0x70
    path.write_bytes(bytes(content))
    with pytest.raises(ModelLoadError, match=f'{embedded}.*(weights or tokenizer|NaN|numbers)'):
        load(embedded)
