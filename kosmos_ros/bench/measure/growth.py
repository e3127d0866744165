# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How the time of an answer grows with phrases, cameras and pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from kosmos_ros.backends.kosmos2.pixels import pixel_values
from kosmos_ros.bench.measure.ours import first_queries, later_queries, OurModel, phrase_of
from kosmos_ros.bench.measure.picture import resized
from kosmos_ros.bench.plan import BenchPlan
from kosmos_ros.bench.timing import Effort, repeat
from kosmos_ros.core.images.images import RgbImage


def measure_growth(model: OurModel, image: RgbImage, plan: BenchPlan) -> dict[str, Any]:
    """Measure all; one box for each phrase, so that the work does not depend on the answers."""
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
