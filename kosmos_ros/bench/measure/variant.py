# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One choice of precision of one model: its times, how they grow, its memory and accuracy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.machine import memory_without_files, peak_memory
from kosmos_ros.bench.measure.bandwidth import decoder_size
from kosmos_ros.bench.measure.ours import (
    captions,
    first_queries,
    later_queries,
    one_token_passes,
    OurModel,
    phrase_of,
    TimedCalls,
)
from kosmos_ros.bench.measure.picture import resized
from kosmos_ros.bench.plan import BenchPlan, CAPTION_TOKENS, PHRASES
from kosmos_ros.bench.timing import Effort, repeat
from kosmos_ros.core.grounder import never
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import Backend, queries_about
from kosmos_ros.core.model.grammar import CELL_COUNT
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import evaluate

DEFAULT_BOXES = 0
EIGHT = 8

CellPair = tuple[int, int]
"""Indices of the location tokens of a box: upper left, lower right."""

_BATCH = 8


@dataclass(frozen=True)
class VariantJob:
    """
    What to measure.

    :param backend: the model, loaded with ``settings`` in ``load_seconds``.
    :param growth: whether to measure how times grow.
    :param accuracy: whether to ask about held-out scenes; makes sense for the embedded model.
    """

    backend: Backend
    settings: ModelSettings
    load_seconds: float
    image: RgbImage
    plan: BenchPlan
    growth: bool
    accuracy: bool


def measure_variant(job: VariantJob, say: Callable[[str], None]) -> dict[str, Any]:
    """
    Measure.

    :param say: called with how the model was loaded.
    :raises KosmosError: if the model fails.
    """
    model = OurModel(job.backend, CAPTION_TOKENS)
    say(f'{model.precision}, loaded in {job.load_seconds:.1f} s')
    resident = memory_without_files()
    effort, image = job.plan.short, job.image
    first = first_queries(model, image, 1, effort)
    later = later_queries(model, image, 1, effort)
    later_all = later_queries(model, image, DEFAULT_BOXES, effort)
    result: dict[str, Any] = {
        'precision': model.precision,
        'dtype': model.dtype,
        'threads': torch.get_num_threads(),
        'load_seconds': job.load_seconds,
        'first': first.data(),
        'first_all': first_queries(model, image, DEFAULT_BOXES, effort).data(),
        'later': later.data(),
        'later_all': later_all.data(),
        'eight_phrases': later_queries(model, image, 1, effort, EIGHT).data(),
        'caption': captions(model, image, effort),
        'location_tokens': location_tokens(model, image, PHRASES[: job.plan.agreement_phrases]),
    }
    if job.growth:
        result['growth'] = _growth(model, image, job.plan)
    result['floor'] = _floor(job, model, later)
    # Before the simulator is loaded, which a robot does not need.
    result |= {'peak_bytes': peak_memory(), 'resident_bytes': resident}
    if job.accuracy:
        result['accuracy'] = held_out_accuracy(model, job.plan.scenes)
    return result


def location_tokens(model: OurModel, image: RgbImage, phrases: Sequence[str]) -> list[CellPair]:
    """Return the location tokens of each phrase's first box."""
    (frame,) = model.backend.encode([image])
    found: list[CellPair] = []
    for start in range(0, len(phrases), _BATCH):
        queries = queries_about(frame, phrases[start : start + _BATCH])
        for located in model.backend.locate(queries, 1, never):
            upper_left, lower_right = located.cells[0]
            found.append((upper_left.index, lower_right.index))
    return found


def held_out_accuracy(model: OurModel, scenes: int) -> dict[str, float]:
    """
    Ask for each single object of held-out scenes, as the evaluation does.

    :raises MissingDependencyError: if this machine cannot render.
    """
    tally = evaluate(model.default_grounder, range(scenes), kinds={Kind.UNIQUE})
    return {
        'scenes': scenes,
        'questions': tally.questions,
        'acc_50': tally.value(Kind.UNIQUE, 'Acc@0.5'),
        'mean_iou': tally.value(Kind.UNIQUE, 'mean IoU'),
    }


def _growth(model: OurModel, image: RgbImage, plan: BenchPlan) -> dict[str, Any]:
    """Measure with one box for each phrase, so that the work does not depend on the answers."""
    return {
        'phrases': {
            str(count): later_queries(model, image, 1, plan.short, count).data()
            for count in plan.phrase_counts
        },
        'cameras': {
            str(count): {'seconds': _views(model, image, count, plan.short)}
            for count in plan.camera_counts
        },
        'image_sizes': {
            f'{width}x{height}': _sized(model, resized(image, width, height), plan.short)
            for width, height in plan.image_sizes
        },
    }


def _views(model: OurModel, image: RgbImage, cameras: int, effort: Effort) -> list[float]:
    """Ask the same of new images of several cameras at once."""
    views = [np.roll(image, shift, axis=1) for shift in range(cameras)]
    return repeat(lambda index: model.locate_views(views, phrase_of(index)), effort)


def _sized(model: OurModel, image: RgbImage, effort: Effort) -> dict[str, Any]:
    processor = model.backend.loaded.image_processor
    prepare = repeat(lambda _: pixel_values(processor, image), effort)
    return first_queries(model, image, 1, effort).data() | {'prepare_seconds': prepare}


def _floor(job: VariantJob, model: OurModel, later: TimedCalls) -> dict[str, Any]:
    size = decoder_size(find_checkpoint(job.settings.model))
    quantization = job.settings.quantization
    return {
        'location_pass_bytes': size.pass_bytes(model.dtype, quantization, CELL_COUNT),
        'token_pass_bytes': size.pass_bytes(model.dtype, quantization, size.vocabulary),
        'location_pass_seconds': [done.seconds for done in one_token_passes(later)],
    }
