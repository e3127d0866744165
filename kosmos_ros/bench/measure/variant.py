# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One choice of precision of one model, measured from first query to memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.machine import memory_without_files, peak_memory
from kosmos_ros.bench.measure.bandwidth import decoder_size
from kosmos_ros.bench.measure.growth import measure_growth
from kosmos_ros.bench.measure.ours import (
    captions,
    first_queries,
    later_queries,
    one_token_passes,
    OurModel,
    threads,
    TimedCalls,
)
from kosmos_ros.bench.measure.precision import held_out_accuracy, location_tokens
from kosmos_ros.bench.plan import BenchPlan, CAPTION_TOKENS, PHRASES
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.grammar import CELL_COUNT

DEFAULT_BOXES = 0
EIGHT = 8


@dataclass(frozen=True)
class VariantJob:
    """
    What to measure.

    :param backend: the model, loaded with ``settings``.
    :param load_seconds: time of loading.
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
        'threads': threads(),
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
        result['growth'] = measure_growth(model, image, job.plan)
    result['floor'] = _floor(job, model, later)
    # Before the simulator is loaded, which a robot does not need.
    result |= {'peak_bytes': peak_memory(), 'resident_bytes': resident}
    if job.accuracy:
        result['accuracy'] = held_out_accuracy(model, job.plan.scenes)
    return result


def _floor(job: VariantJob, model: OurModel, later: TimedCalls) -> dict[str, Any]:
    size = decoder_size(find_checkpoint(job.settings.model))
    quantization = job.settings.quantization
    return {
        'location_pass_bytes': size.pass_bytes(model.dtype, quantization, CELL_COUNT),
        'token_pass_bytes': size.pass_bytes(model.dtype, quantization, size.vocabulary),
        'location_pass_seconds': [done.seconds for done in one_token_passes(later)],
    }
