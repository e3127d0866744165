# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.core.errors import ModelLoadError
from training.finetuning.adapters import merge_adapter, prepare, save_adapter, trained
from training.finetuning.settings import Settings

MakeSettings = Callable[..., Settings]
LoadTiny = Callable[[], Kosmos2ForConditionalGeneration]


def disturbed(load_tiny: LoadTiny, settings: Settings) -> Kosmos2ForConditionalGeneration:
    """Return a model with adapters that do something."""
    model = load_tiny()
    prepare(model, settings)
    torch.manual_seed(3)
    with torch.no_grad():
        for _, value in trained(model):
            value.normal_(std=0.1)
    return model.eval()


def answer(model: Kosmos2ForConditionalGeneration) -> torch.Tensor:
    """Return logits for an image and some tokens."""
    ids = torch.arange(4, 84)[None]
    places = torch.zeros_like(ids)
    places[:, 2:66] = 1
    pixels = torch.ones(1, 3, 224, 224)
    with torch.inference_mode():
        logits: torch.Tensor = model(
            pixel_values=pixels, input_ids=ids, image_embeds_position_mask=places
        ).logits
    return logits


@pytest.mark.parametrize(
    ('part', 'prefix'),
    [
        ('text', 'text_model.'),
        ('connector', 'image_to_text_projection.'),
        ('vision', 'vision_model.'),
    ],
)
def test_only_the_adapters_of_the_chosen_part_are_trained(
    load_tiny: LoadTiny, make_settings: MakeSettings, part: str, prefix: str
) -> None:
    model = load_tiny()
    prepare(model, make_settings(parts=(part,)))
    names = [name for name, _ in trained(model)]
    assert names
    assert all('lora_' in name and name.startswith(prefix) for name in names)


def test_new_adapters_change_no_answer(load_tiny: LoadTiny, make_settings: MakeSettings) -> None:
    model = load_tiny()
    before = answer(model)
    prepare(model, make_settings())
    assert torch.equal(answer(model.eval()), before)


def test_a_full_training_has_no_adapters(load_tiny: LoadTiny, make_settings: MakeSettings) -> None:
    model = load_tiny()
    prepare(model, make_settings(full=True))
    assert {name for name, _ in trained(model)} == {name for name, _ in model.named_parameters()}
    assert not any('lora' in name for name, _ in trained(model))


def test_a_merged_model_answers_as_with_its_adapter(
    load_tiny: LoadTiny, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings()
    model = disturbed(load_tiny, settings)
    save_adapter(model, settings, tmp_path / 'adapter')
    merged = merge_adapter(load_tiny(), tmp_path / 'adapter')
    assert not any('lora' in name for name, _ in merged.named_parameters())
    assert not torch.allclose(answer(load_tiny()), answer(model), atol=1e-2)
    assert torch.allclose(answer(merged), answer(model), atol=1e-4)


def test_the_scale_leads_from_the_old_model_to_the_new_one(
    load_tiny: LoadTiny, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings()
    save_adapter(disturbed(load_tiny, settings), settings, tmp_path / 'adapter')
    name = 'text_model.model.layers.0.self_attn.q_proj.weight'
    old, half, new = (
        dict(merge_adapter(load_tiny(), tmp_path / 'adapter', scale).named_parameters())[name]
        for scale in (0.0, 0.5, 1.0)
    )
    assert torch.equal(old, dict(load_tiny().named_parameters())[name])
    assert torch.allclose(half, (old + new) / 2, atol=1e-6)
    assert not torch.allclose(old, new, atol=1e-3)


def test_an_adapter_of_another_rank_or_none_is_refused(
    load_tiny: LoadTiny, make_settings: MakeSettings, tmp_path: Path
) -> None:
    with pytest.raises(ModelLoadError, match=r'adapter_model\.safetensors is missing'):
        merge_adapter(load_tiny(), tmp_path)
    settings = make_settings(rank=4)
    save_adapter(disturbed(load_tiny, settings), settings, tmp_path)
    config = (tmp_path / 'adapter_config.json').read_text().replace('"r": 4', '"r": 8')
    (tmp_path / 'adapter_config.json').write_text(config)
    with pytest.raises(ModelLoadError, match='does not fit the model'):
        merge_adapter(load_tiny(), tmp_path)
