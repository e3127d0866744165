# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Loading: number formats, devices, quantization, and weights that do not fit."""

from collections.abc import Callable
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file
import torch

from kosmos_ros.backends.checkpoint.files import weight_files
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.loading import load_model, LoadedModel
from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import queries_about
from kosmos_ros.core.model.prompts import describe_prompt


def load(folder: Path, **options: object) -> LoadedModel:
    """Load a checkpoint on the CPU."""
    return load_model(ModelSettings(model=str(folder), device='cpu', **options))


def after_prompt(loaded: LoadedModel, image: RgbImage) -> np.ndarray:
    """Return log-probabilities of the first token of a caption."""
    ids = torch.tensor([loaded.vocabulary.encode_prompt(describe_prompt(detailed=False))])
    slots = torch.zeros_like(ids)
    slots[:, 2 : 2 + loaded.vocabulary.image.count] = 1
    with torch.inference_mode():
        logits = loaded.model(
            pixel_values=pixel_values(loaded.image_processor, image),
            input_ids=ids,
            image_embeds_position_mask=slots,
        ).logits
    return torch.log_softmax(logits[0, -1].float(), dim=-1).numpy()


def test_a_float16_file_is_computed_in_float32(
    make_checkpoint: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, dtype=torch.float16)
    assert {tensor.dtype for tensor in load_file(weight_files(folder)[0]).values()} == {
        torch.float16
    }
    loaded = load(folder)
    assert {weights.dtype for weights in loaded.model.parameters()} == {torch.float32}
    assert loaded.dtype == torch.float32


@pytest.mark.parametrize('name', ['float32', 'bfloat16', 'float16'])
def test_a_number_format_can_be_chosen(
    loaded: LoadedModel,
    tiny_folder: Path,
    image: RgbImage,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chosen = load(tiny_folder, dtype=name)
    assert {weights.dtype for weights in chosen.model.parameters()} == {getattr(torch, name)}
    logs = [after_prompt(version, image) for version in (loaded, chosen)]
    assert np.corrcoef(*logs)[0, 1] > 0.99
    assert ('slower' in caplog.text) == (name == 'float16')


def test_shards_give_the_same_model(
    make_checkpoint: Callable[..., Path], loaded: LoadedModel, tmp_path: Path
) -> None:
    folder = make_checkpoint(tmp_path, max_shard_size='100KB')
    assert len(weight_files(folder)) > 1
    sharded = load(folder).model.state_dict()
    whole = loaded.model.state_dict()
    assert sharded.keys() == whole.keys()
    assert all(torch.equal(sharded[name], whole[name]) for name in whole)


@pytest.mark.skipif(
    importlib.util.find_spec('bitsandbytes') is None, reason='quantization needs bitsandbytes'
)
@pytest.mark.parametrize(
    ('quantization', 'layer', 'correlation'),
    [('8bit', 'Linear8bitLt', 0.99), ('4bit', 'Linear4bit', 0.8)],
)
def test_quantized_models_answer_alike_on_a_cpu(
    loaded: LoadedModel,
    tiny_folder: Path,
    image: RgbImage,
    quantization: str,
    layer: str,
    correlation: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    small = load(tiny_folder, dtype='bfloat16', quantization=quantization)
    assert layer in {type(module).__name__ for module in small.model.text_model.modules()}
    logs = [after_prompt(version, image) for version in (loaded, small)]
    assert np.corrcoef(*logs)[0, 1] > correlation
    runner = TransformersBackend(small)
    assert runner.locate(queries_about(runner.encode([image])[0], ['the red cube']), 1, never)[
        0
    ].boxes
    assert not [record for record in caplog.records if record.name.startswith('bitsandbytes')]


def test_missing_weights_are_not_made_up(own_folder: Path) -> None:
    path = own_folder / 'model.safetensors'
    weights = load_file(path)
    name = next(key for key in sorted(weights) if 'fc1.weight' in key)
    del weights[name]
    save_file(weights, path, metadata={'format': 'pt'})
    with pytest.raises(
        ModelLoadError, match=rf'model\.safetensors: 1 weights are missing.*{name}'
    ):
        load(own_folder)


def test_weights_of_another_shape_are_refused(own_folder: Path) -> None:
    config_path = own_folder / 'config.json'
    config = json.loads(config_path.read_text())
    config['text_config']['ffn_dim'] *= 2
    config_path.write_text(json.dumps(config))
    with pytest.raises(ModelLoadError, match='fc1'):
        load(own_folder)


def test_a_tokenizer_with_too_many_tokens_is_refused(own_folder: Path) -> None:
    path = own_folder / 'tokenizer.json'
    spec = json.loads(path.read_text(encoding='utf-8'))
    last = max(token['id'] for token in spec['added_tokens'])
    extra = {**spec['added_tokens'][-1], 'id': last + 1, 'content': '<extra>'}
    spec['added_tokens'].append(extra)
    path.write_text(json.dumps(spec), encoding='utf-8')
    with pytest.raises(ModelLoadError, match=rf'{last + 2} tokens, the model {last + 1}'):
        load(own_folder)


def test_a_processor_that_crops_is_refused(own_folder: Path) -> None:
    path = own_folder / 'processor_config.json'
    config = json.loads(path.read_text())
    side = {'height': 32, 'width': 32}
    config['image_processor'] |= {
        'size': {'shortest_edge': 32},
        'do_center_crop': True,
        'crop_size': side,
    }
    path.write_text(json.dumps(config))
    with pytest.raises(ModelLoadError, match='crops'):
        load(own_folder)


@pytest.mark.parametrize(
    'damage',
    [
        {'model': {'type': 'Odd'}},
        # Of this the library panics, with what is no Exception.
        {'normalizer': {'type': 'Precompiled', 'precompiled_charsmap': 'AAAA'}},
    ],
)
def test_a_tokenizer_of_nonsense_is_refused_by_name(own_folder: Path, damage: object) -> None:
    path = own_folder / 'tokenizer.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(ModelLoadError, match='tokenizer or image processor in'):
        load(own_folder)


@pytest.mark.parametrize(
    ('asked', 'in_file', 'expected'), [(None, None, 3), (None, 0, 0), (None, 4, 4), (2, 4, 2)]
)
def test_repetition_is_limited_as_asked_or_as_the_checkpoint_says(
    own_folder: Path, asked: int | None, in_file: int | None, expected: int
) -> None:
    path = own_folder / 'generation_config.json'
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | {'no_repeat_ngram_size': in_file}))
    assert load(own_folder, no_repeat_ngram_size=asked).no_repeat_ngram_size == expected
