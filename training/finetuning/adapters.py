# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What is trained of a model: low-rank adapters (LoRA; Hu et al. 2021, arXiv 2106.09685), or all.

Adapters are matrices beside the linear layers, whose own weights stay as they are. Merged, they
are added to these weights, and the result is a model like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import importlib.util
import logging
from pathlib import Path
import warnings

import torch
from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError
from training.finetuning.settings import Settings

_LAYERS = {
    'text': r'text_model\.model\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|ffn\.fc[12])',
    'connector': r'image_to_text_projection\.(dense|x_attn\.(q|k|v|out)_proj)',
    'vision': r'vision_model\.model\.encoder\.layers\.\d+\.'
    r'(self_attn\.(q|k|v|out)_proj|mlp\.fc[12])',
}
"""Linear layers of each part, by their names in the stock model."""


def require_peft() -> None:
    """
    Check that adapters can be made.

    :raises MissingDependencyError: saying what to install.
    """
    if importlib.util.find_spec('peft') is None:
        raise MissingDependencyError(
            'fine-tuning needs peft: pip install peft -c constraints.txt, or use "make finetune"'
        )


def prepare(model: Kosmos2ForConditionalGeneration, settings: Settings) -> None:
    """Choose the trained weights, and add adapters unless all weights are trained."""
    if settings.full:
        model.requires_grad_(True)
        return
    _quieten()
    from peft import inject_adapter_in_model  # noqa: PLC0415

    torch.manual_seed(settings.seed)
    with _without_notices():
        inject_adapter_in_model(lora_config(settings), model)
    # Adapters keep float32 beside weights in bfloat16: their steps are too small for it.
    for _, parameter in trained(model):
        parameter.data = parameter.data.float()


def _quieten() -> None:
    # peft imports bitsandbytes if installed, which then recommends code from the hub.
    logging.getLogger('bitsandbytes').setLevel(logging.ERROR)


@contextmanager
def _without_notices() -> Iterator[None]:
    # What peft asks a model for is renamed in newer versions of transformers.
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)
        yield


def lora_config(settings: Settings):  # type: ignore[no-untyped-def]
    """Return the ``LoraConfig`` of peft."""
    from peft import LoraConfig  # noqa: PLC0415

    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules='|'.join(_LAYERS[part] for part in settings.parts),
        base_model_name_or_path=settings.model,
    )


def trained(
    model: Kosmos2ForConditionalGeneration,
) -> Iterator[tuple[str, torch.nn.Parameter]]:
    """Return names and values of what is trained, in the order of the model."""
    return ((name, value) for name, value in model.named_parameters() if value.requires_grad)


def save_adapter(model: Kosmos2ForConditionalGeneration, settings: Settings, folder: Path) -> None:
    """Write the adapters alone, as peft's own ``PeftModel.from_pretrained`` reads them."""
    from peft import get_peft_model_state_dict  # noqa: PLC0415
    from safetensors.torch import save_file  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    values = get_peft_model_state_dict(model, save_embedding_layers=False)
    # PeftModel wraps the model once more than it is wrapped here.
    named = {f'base_model.model.{name}': value.contiguous() for name, value in values.items()}
    save_file(named, folder / 'adapter_model.safetensors', metadata={'format': 'pt'})
    lora_config(settings).save_pretrained(folder)


def merge_adapter(
    base: Kosmos2ForConditionalGeneration, folder: Path, scale: float = 1.0
) -> Kosmos2ForConditionalGeneration:
    """
    Add adapters to a model's weights.

    :param base: the model they were trained on; it is changed.
    :param scale: 1 adds all that was learned, 0 nothing; in between less is learned and less
        forgotten.
    :raises ModelLoadError: if the folder holds no adapter that fits the model.
    """
    _quieten()
    from peft import PeftModel  # noqa: PLC0415

    if not (folder / 'adapter_model.safetensors').is_file():
        raise ModelLoadError(f'{folder / "adapter_model.safetensors"} is missing')
    try:
        with _without_notices():
            wrapped = PeftModel.from_pretrained(base, str(folder))
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelLoadError(f'{folder}: the adapter does not fit the model: {error}') from error
    with torch.no_grad():
        for name, value in wrapped.named_parameters():
            if 'lora_B' in name:
                value.mul_(scale)
    merged: Kosmos2ForConditionalGeneration = wrapped.merge_and_unload()
    return merged
