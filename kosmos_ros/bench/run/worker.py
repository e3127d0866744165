# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A process that measures one thing: ``python -m kosmos_ros.bench.run.worker JOB.json RESULT.json``.

Each kind has its own imports, so that the recipe is measured with transformers alone.
"""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import sys
import time
from typing import Any

from kosmos_ros.bench.jobs import read_job, SAYS, WorkerJob
from kosmos_ros.bench.plan import BANDWIDTH_BYTES, LARGE_PARAMETERS, make_plan
from kosmos_ros.core.errors import KosmosError


def say(words: str) -> None:
    """Print a message for the user."""
    print(f'{SAYS}{words}', flush=True)


def run_random(job: WorkerJob) -> dict[str, Any]:
    """Make the checkpoint of random weights, unless it exists."""
    from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint  # noqa: PLC0415

    random_checkpoint(Path(job.options['folder']), job.options['tokenizer'], say)
    return {}


def run_describe(job: WorkerJob) -> dict[str, Any]:
    """Say what kind of model a checkpoint holds."""
    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.measure.bandwidth import parameter_count  # noqa: PLC0415
    from kosmos_ros.bench.measure.random_checkpoint import checkpoint_note  # noqa: PLC0415

    folder = find_checkpoint(job.model)
    count = parameter_count(folder)
    large, note = count >= LARGE_PARAMETERS, checkpoint_note(folder)
    return {'parameters': count, 'large': large, 'note': note}


def run_bandwidth(_: WorkerJob) -> dict[str, Any]:
    """Measure how fast this machine reads its memory."""
    from kosmos_ros.bench.measure.bandwidth import read_bandwidth  # noqa: PLC0415

    return {'bytes_per_second': read_bandwidth(BANDWIDTH_BYTES)}


def run_recipe(job: WorkerJob) -> dict[str, Any]:
    """Measure the recipe of the model card."""
    from PIL import Image  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.measure.recipe import measure_recipe  # noqa: PLC0415

    return measure_recipe(
        find_checkpoint(job.model),
        job.options['dtype'],
        Image.open(job.options['picture']).convert('RGB'),
        make_plan(job.quick, job.large),
        job.options['caption_tokens'],
    )


def run_peer_check(job: WorkerJob) -> dict[str, Any]:
    """Compare what OpenVINO's recipe and that of the model card write."""
    from PIL import Image  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.peer.same_tokens import check_same_tokens  # noqa: PLC0415

    with Image.open(job.options['picture']) as image:
        return {'same_tokens': check_same_tokens(find_checkpoint(job.model), image.convert('RGB'))}


def run_peer_export(job: WorkerJob) -> dict[str, Any]:
    """Export a checkpoint to models of OpenVINO."""
    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.bench.peer.export import export  # noqa: PLC0415

    folder = Path(job.options['folder'])
    return {'exported': str(export(find_checkpoint(job.model), folder, job.options['weights']))}


def run_ours(job: WorkerJob) -> dict[str, Any]:
    """Measure this package with one choice of precision."""
    from kosmos_ros.backends.factory import make_backend  # noqa: PLC0415
    from kosmos_ros.backends.settings import ModelSettings  # noqa: PLC0415

    settings = ModelSettings(model=job.model, device='cpu', **job.options['settings'])
    start = time.perf_counter()
    # Before anything that imports torch: the factory chooses how its threads wait.
    backend = make_backend(settings)
    seconds = time.perf_counter() - start

    from kosmos_ros.bench.measure.variant import measure_variant, VariantJob  # noqa: PLC0415
    from kosmos_ros.core.images.images import load_image  # noqa: PLC0415

    return measure_variant(
        VariantJob(
            backend=backend,
            settings=settings,
            load_seconds=seconds,
            image=load_image(Path(job.options['picture'])),
            plan=make_plan(job.quick, job.large),
            growth=job.options['growth'],
            accuracy=job.options['accuracy'],
        ),
        say,
    )


def run_node(job: WorkerJob) -> dict[str, Any]:
    """Measure the grounding node over DDS."""
    from kosmos_ros.bench.measure.node_latency import measure_nodes  # noqa: PLC0415
    from kosmos_ros.core.images.images import load_image  # noqa: PLC0415

    return measure_nodes(
        Path(job.folder),
        load_image(Path(job.options['picture'])),
        make_plan(job.quick, large=False).node_frames,
        say,
    )


def run_start(job: WorkerJob) -> dict[str, Any]:
    """Measure the way from a command to its answer."""
    from kosmos_ros.bench.measure.start import measure_start  # noqa: PLC0415

    return measure_start(Path(job.options['picture']), make_plan(job.quick, large=False).starts)


KINDS: dict[str, Callable[[WorkerJob], dict[str, Any]]] = {
    'random': run_random,
    'describe': run_describe,
    'bandwidth': run_bandwidth,
    'recipe': run_recipe,
    'peer_check': run_peer_check,
    'peer_export': run_peer_export,
    'ours': run_ours,
    'node': run_node,
    'start': run_start,
}


def main(arguments: list[str]) -> int:
    """Do the job of the first file; its result, or the error, goes into the second."""
    job, result = read_job(Path(arguments[0])), Path(arguments[1])
    try:
        found = KINDS[job.kind](job)
    except (KosmosError, ImportError, MemoryError, ValueError) as error:
        found = {'error': str(error) or type(error).__name__}
    result.write_text(json.dumps(found), encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
