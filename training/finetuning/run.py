# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A fine-tuning from the user's folder to the model folder, with figures before and after."""

from __future__ import annotations

import json
import logging
import sys

import torch
from tqdm import tqdm
from transformers import Kosmos2ForConditionalGeneration, Kosmos2Processor

from kosmos_ros.backends.checkpoint.devices import choose_device
from kosmos_ros.backends.checkpoint.files import check_checkpoint, find_checkpoint
from kosmos_ros.backends.checkpoint.weights import load_weights
from kosmos_ros.core.files import write_text
from kosmos_ros.evaluation.questions.cases import Kind
from training.finetuning.adapters import prepare, trained
from training.finetuning.batches import Batches, Photo
from training.finetuning.data import open_photos, Photos
from training.finetuning.loop import Loop
from training.finetuning.measure import (
    comparison,
    from_plain,
    losses,
    measure,
    Measured,
    plain,
)
from training.finetuning.memory import memory_plan
from training.finetuning.replay import simulated_scenes
from training.finetuning.result import save_result, write_card
from training.finetuning.rows import RowMaker
from training.finetuning.settings import Settings

_VALIDATION_IMAGES = 32
_ANSWER_TOKENS = 24
"""Of an answer with several boxes, for the estimate of memory."""

_NEW_WORDS = 8

logger = logging.getLogger('training')


def finetune(settings: Settings) -> bool:
    """
    Fine-tune, or resume.

    :returns: whether it finished; if not, it can be resumed.
    :raises KosmosError: if data, model or settings are wrong.
    """
    with tqdm(desc='reading', unit='image', file=sys.stderr) as bar:
        photos = open_photos(settings, bar.update)
    before = _before(photos, settings)
    model, processor = _load(settings)
    maker = RowMaker(processor, model.config.latent_query_num)
    _tell_spelling(photos, maker)
    batches = _batches(model, processor, maker, photos, settings)
    _tell_plan(model, batches, photos, settings)
    validation = batches.unchanged(_validation(photos))
    if not Loop(model, batches, maker.first_cell, validation, settings).run():
        return False
    save_result(model, processor, settings)
    logger.info('saved the model in %s', settings.to)
    del model
    _conclude(before, _measured(str(settings.to), photos, settings), settings)
    return True


def _load(settings: Settings) -> tuple[Kosmos2ForConditionalGeneration, Kosmos2Processor]:
    """Load the model with its adapters in place, and its processor."""
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folder = find_checkpoint(settings.model)
    check_checkpoint(folder)
    device = choose_device(settings.device)
    model = load_weights(folder, 'none', device, _dtype(settings, device))
    prepare(model, settings)
    if settings.checkpointing:
        model.activation_checkpointing_enable()
    processor = Kosmos2Processor.from_pretrained(folder, backend='pil', local_files_only=True)
    return model, processor


def _dtype(settings: Settings, device: torch.device) -> torch.dtype:
    """Return the format of the weights: bfloat16 where they only carry adapters on a GPU."""
    if settings.full:
        return torch.float32
    if settings.dtype == 'auto':
        return torch.bfloat16 if device.type == 'cuda' else torch.float32
    dtype: torch.dtype = getattr(torch, settings.dtype)
    return dtype


def _batches(
    model: Kosmos2ForConditionalGeneration,
    processor: Kosmos2Processor,
    maker: RowMaker,
    photos: Photos,
    settings: Settings,
) -> Batches:
    side = model.config.vision_config.image_size
    with tqdm(
        desc='rendering',
        total=settings.mix_scenes,
        unit='scene',
        file=sys.stderr,
        disable=not settings.mix_scenes,
    ) as bar:
        scenes = simulated_scenes(settings.mix_scenes, side, bar.update)
    return Batches([*photos.learned, *scenes], processor, maker, settings)


def _validation(photos: Photos) -> list[Photo]:
    few = photos.measured[:_VALIDATION_IMAGES]
    return [(sample, sample.open().questions) for sample in few]


def _before(photos: Photos, settings: Settings) -> Measured:
    """Measure the original model, once per run."""
    path = settings.run_folder / 'before.json'
    if settings.resume and path.is_file():
        return from_plain(json.loads(path.read_text(encoding='utf-8')))
    measured = _measured(settings.model, photos, settings)
    write_text(path, json.dumps(plain(measured), indent=2) + '\n')
    return measured


def _measured(model: str, photos: Photos, settings: Settings) -> Measured:
    with tqdm(desc=f'measuring {model}', unit='answer', file=sys.stderr) as bar:
        return measure(model, photos.measured, settings, lambda _: bar.update())


def _tell_spelling(photos: Photos, maker: RowMaker) -> None:
    """Log how new words are tokenised: nothing is added to the vocabulary."""
    names = {
        one.case.request.query
        for _, questions in photos.learned
        for one in questions
        if one.case.kind in (Kind.CATEGORY, Kind.ABSENT)
    }
    for name in sorted(names)[:_NEW_WORDS]:
        logger.info('%r is spelled %s', name, ' '.join(maker.spelled(f' {name}')))


def _tell_plan(
    model: Kosmos2ForConditionalGeneration, batches: Batches, photos: Photos, settings: Settings
) -> None:
    numbers = sum(value.numel() for _, value in trained(model))
    of_all = sum(value.numel() for value in model.parameters())
    rows = settings.batch * (settings.questions + 1)
    length = model.config.latent_query_num + 3 + _ANSWER_TOKENS
    logger.info(
        '%d images to learn, %d to measure; %d steps in %d epochs; %d of %d numbers are trained',
        len(photos.learned),
        len(photos.measured),
        batches.steps,
        settings.epochs,
        numbers,
        of_all,
    )
    plan = memory_plan(model, settings.batch, rows, length, _ANSWER_TOKENS)
    logger.info('memory for that on %s, estimated: %s', model.device, plan)


def _conclude(before: Measured, after: Measured, settings: Settings) -> None:
    """Print, save and judge the gain."""
    lines = list(comparison(before.photos, after.photos))
    if before.scenes:
        lines += ['', 'what it knew before: simulated scenes']
        lines += comparison(before.scenes, after.scenes)
    told = '\n'.join(lines)
    print(told)
    content = {'before': plain(before), 'after': plain(after), 'settings': settings.plain()}
    path = settings.run_folder / 'comparison.json'
    write_text(path, json.dumps(content, indent=2) + '\n')
    write_card(settings, told)
    if worse := losses(before.photos, after.photos):
        logger.warning('worse than before on your images: %s', ', '.join(worse))
    if worse := losses(before.scenes, after.scenes):
        logger.warning('forgotten of what it knew before: %s', ', '.join(worse))
    logger.info('scores of the new model are not calibrated')
