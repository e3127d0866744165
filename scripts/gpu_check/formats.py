# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A number format: what it costs, what recorded steps gain, and what it answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import median
import time
from typing import Any

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import EMBEDDED_MODEL, ModelSettings
from kosmos_ros.bench.machine import peak_gpu_memory
from kosmos_ros.bench.measure.ours import OurModel
from kosmos_ros.bench.measure.picture import save_picture
from kosmos_ros.bench.measure.variant import location_tokens, measure_variant, VariantJob
from kosmos_ros.bench.plan import BenchPlan, CAPTION_TOKENS, make_plan, PHRASES
from kosmos_ros.bench.timing import Effort
from kosmos_ros.core.grounder import ignore, never
from kosmos_ros.core.images.images import load_image, RgbImage
from kosmos_ros.core.model.prompts import describe_prompt
from scripts.gpu_check.task import FORMATS, Found, heard, Task, Tell

_TURNS = 5
_FEW = 8
"""Phrases to ask for on a CPU: one batch."""


def measure_format(task: Task, name: str, tell: Tell) -> None:
    """Measure a model in a format, and ask the embedded one in it."""
    settings, image = _settings(task, task.source, name), picture(task)
    start = time.perf_counter()
    with heard() as messages:
        backend = _load(settings)
    seconds = time.perf_counter() - start
    tell({'precision': backend.loaded.precision, 'load_seconds': seconds})
    job = VariantJob(
        backend=backend,
        settings=settings,
        load_seconds=seconds,
        image=image,
        plan=plan(task),
        growth=True,
        accuracy=False,
    )
    bench = measure_variant(job, lambda _: None)
    # Passes on a GPU go on when the call that began them has ended.
    bench['floor'].pop('location_pass_seconds')
    tell({'bench': bench, 'gpu_bytes': peak_gpu_memory()})
    tell({'single_steps': compare_steps(backend, image, messages)})
    tell({'answers': {'cells': bench['location_tokens'], 'caption': _caption(backend, image)[0]}})
    if task.source != EMBEDDED_MODEL:
        backend = _load(_settings(task, EMBEDDED_MODEL, name))
        phrases = PHRASES[: plan(task).agreement_phrases]
        cells = location_tokens(OurModel(backend, CAPTION_TOKENS), image, phrases)
        tell({'embedded': {'cells': cells, 'caption': _caption(backend, image)[0]}})


def compare_steps(backend: TransformersBackend, image: RgbImage, messages: list[str]) -> Found:
    """
    Write captions with single steps recorded as a CUDA graph, then without, as they stay.

    :param messages: what was logged while the model was loaded: why nothing was recorded.
    """
    recorded = _captions(backend, image) if backend.single_steps_recorded else None
    backend.record_no_steps()
    ids, seconds = _captions(backend, image)
    found: Found = {'eager_token_seconds': seconds}
    if recorded is None:
        why = [text for text in messages if 'CUDA graph' in text]
        return found | {'not_recorded': (why or ['single steps are recorded on a GPU alone'])[-1]}
    return found | {'recorded_token_seconds': recorded[1], 'tokens_equal': recorded[0] == ids}


def measure_card(task: Task, tell: Tell) -> None:
    """Measure the recipe of the model card in bfloat16."""
    from PIL import Image  # noqa: PLC0415

    from kosmos_ros.bench.measure.recipe import measure_recipe  # noqa: PLC0415

    image = Image.fromarray(picture(task))
    folder = find_checkpoint(task.source)
    tell(measure_recipe(folder, 'bfloat16', image, plan(task), CAPTION_TOKENS, task.device))


def picture(task: Task) -> RgbImage:
    """Return the picture of the benchmark, the same for all steps."""
    path = Path(task.output, 'picture.png')
    return load_image(path if path.exists() else save_picture(path, print))


def plan(task: Task) -> BenchPlan:
    """Return the benchmark's plan; on a CPU everything once, to try the program."""
    whole, once = make_plan(quick=False, large=True), Effort(1, 1, 0.0)
    if task.device != 'cpu':
        return whole
    return replace(
        whole,
        seed=dict.fromkeys(whole.seed, once),
        short=once,
        phrase_counts=(1, _FEW),
        camera_counts=(1, 2),
        agreement_phrases=_FEW,
    )


def _settings(task: Task, model: str, name: str) -> ModelSettings:
    return ModelSettings(model=model, device=task.device, **FORMATS[name])


def _load(settings: ModelSettings) -> TransformersBackend:
    backend: Any = make_backend(settings)
    loaded: TransformersBackend = backend
    return loaded


def _captions(backend: TransformersBackend, image: RgbImage) -> tuple[list[int], float]:
    """Return the tokens of a caption, and the median seconds that each took."""
    on_gpu = backend.loaded.device.type != 'cpu'
    turns = [_caption(backend, image) for _ in range(_TURNS if on_gpu else 1)]
    ids = turns[0][0]
    return ids, median(seconds for _, seconds in turns) / max(len(ids), 1)


def _caption(backend: TransformersBackend, image: RgbImage) -> tuple[list[int], float]:
    # A new frame: what was written about a known one would be guessed.
    (frame,) = backend.encode([image])
    start = time.perf_counter()
    prompt = describe_prompt(detailed=False)
    written = backend.generate(frame, prompt, CAPTION_TOKENS, never, ignore)
    return [token.id for token in written.tokens], time.perf_counter() - start
