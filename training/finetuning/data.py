# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The user's folder: images to learn, images to measure, and the questions about each.

The folders are those of ``kosmos-ros eval``, read by the same readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import logging
from random import Random

from kosmos_ros.core.errors import InvalidDataError, InvalidImageError
from kosmos_ros.datasets.coco import coco
from kosmos_ros.datasets.flickr30k import flickr30k
from kosmos_ros.datasets.photos import PhotoSet
from kosmos_ros.datasets.refcoco import refcoco
from kosmos_ros.evaluation.questions.items import Sample, TraitedCase
from training.finetuning.settings import COCO, FLICKR30K, Settings

_ALL = 10**9
_LEARNED, _MEASURED = 'train', 'val'
"""Splits of RefCOCO and Flickr30k unless others are named."""

logger = logging.getLogger('training')


@dataclass(frozen=True)
class Photos:
    """
    Images to learn with their questions, and images to measure.

    The questions of an image are those of an evaluation and, of folders that are annotated
    completely, also all categories that are not in it.
    """

    learned: tuple[tuple[Sample, tuple[TraitedCase, ...]], ...]
    measured: tuple[Sample, ...]


def open_photos(settings: Settings, on_image: Callable[[], object] = lambda: None) -> Photos:
    """
    Read the folder, and every image in it once, so that errors show before training.

    Errors in the annotations and unusable images are logged and left out.

    :raises InvalidDataError: naming the file that is missing or wrong, or if there are too few
        images.
    """
    learned = _open(settings, settings.split or _default(settings, _LEARNED), _ALL)
    _warn(learned.warnings)
    split = settings.validation_split or _default(settings, _MEASURED)
    measured: Iterable[Sample]
    if split:
        opened = _open(settings, split, 1)
        _warn(opened.warnings)
        kept, measured = list(learned), list(opened)
        _check_apart(kept, measured, settings)
    else:
        chosen = _held_out([sample.id for sample in learned], settings)
        kept = [sample for sample in learned if sample.id not in chosen]
        measured = [sample for sample in _open(settings, settings.split, 1) if sample.id in chosen]
    photos = Photos(
        tuple(_read(kept, settings, on_image)),
        tuple(sample for sample, _ in _read(measured, settings, on_image)),
    )
    if not any(question.case.things for _, asked in photos.learned for question in asked):
        raise InvalidDataError(
            f'{settings.folder}: expected boxes to learn from, the {len(photos.learned)} images '
            'that are learned have none'
        )
    return photos


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        logger.warning('%s', warning)


def _default(settings: Settings, name: str) -> str:
    return '' if settings.format == COCO else name


def _open(settings: Settings, split: str, absent: int) -> PhotoSet:
    folder = settings.folder.expanduser()
    images = settings.images.expanduser() if settings.images else None
    if settings.format == COCO:
        return coco(folder, split, images, absent)
    if settings.format == FLICKR30K:
        return flickr30k(folder, split, images)
    return refcoco(settings.format, folder, split, settings.split_by, images)


def _held_out(ids: list[str], settings: Settings) -> set[str]:
    if len(ids) < 2:
        raise InvalidDataError(
            f'{settings.folder}: expected at least 2 images, one to learn and one to measure, '
            f'got {len(ids)}'
        )
    count = min(len(ids) - 1, max(1, round(settings.held_out * len(ids))))
    return set(Random(settings.seed).sample(ids, count))


def _check_apart(learned: list[Sample], measured: list[Sample], settings: Settings) -> None:
    def names(samples: list[Sample]) -> set[str]:
        return {sample.id.rpartition('/')[2] for sample in samples}

    # The ids of different annotation files of COCO's format may be equal by chance.
    same_file = settings.format != COCO
    both = names(learned) & names(measured) if same_file else set()
    if both:
        raise InvalidDataError(
            f'{settings.folder}: {len(both)} images are in both splits, first {min(both)}: what '
            'is learned must not be measured'
        )


def _read(
    samples: Iterable[Sample], settings: Settings, on_image: Callable[[], object]
) -> list[tuple[Sample, tuple[TraitedCase, ...]]]:
    """
    Return the samples that can be opened, with their questions.

    :raises InvalidDataError: if there is none.
    """
    read, problems = [], []
    for sample in samples:
        try:
            read.append((sample, sample.open().questions))
        except (InvalidDataError, InvalidImageError) as error:
            problems.append(f'skipped {sample.id}: {error}')
        on_image()
    if not read:
        raise InvalidDataError(
            f'{settings.folder}: expected images to learn and to measure, none of {len(problems)} '
            f'can be used; the first: {problems[0]}'
        )
    _warn(problems)
    return read
