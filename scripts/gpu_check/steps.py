# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The steps, in order of importance, each with the seconds that it may take.

What they need is imported when they run: each is a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kosmos_ros.core.errors import ModelLoadError
from scripts.gpu_check.task import FORMATS, Task, Tell

SECONDS = 450.0
"""All steps together."""


@dataclass(frozen=True)
class Step:
    """
    A part of the check.

    :param seconds: most that it may take, of ``SECONDS`` in all.
    :param on_weights: whether it needs the random weights, where no other model is asked for.
    """

    run: Callable[[Task, Tell], None]
    seconds: float
    on_weights: bool = True


def find_gpu(task: Task, tell: Tell) -> None:
    """Say what GPU there is, or why it cannot be used."""
    import torch  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.devices import choose_device  # noqa: PLC0415

    if task.device == 'cpu':
        tell({'not_run': 'the CPU was asked for'})
        return
    try:
        device = choose_device('cuda')
    except ModelLoadError as error:
        built = torch.version.cuda or torch.version.hip
        hint = '' if built else ' (this PyTorch was built without CUDA, see TORCH_INDEX_URL)'
        tell({'not_run': f'{error}{hint}'})
        return
    about = torch.cuda.get_device_properties(device)
    tell(
        {
            'name': about.name,
            'memory_bytes': about.total_memory,
            'capability': f'{about.major}.{about.minor}',
            'cuda': torch.version.cuda,
        }
    )


def make_weights(task: Task, tell: Tell) -> None:
    """Make the full-size checkpoint of random weights, unless it is there or another is asked."""
    if not task.model:
        from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint  # noqa: PLC0415

        random_checkpoint(task.weights, '', print)
    tell({'model': task.source})


def run_tests(task: Task, tell: Tell) -> None:
    """Run all tests that need a CUDA device."""
    from scripts.gpu_check.marked import run_marked  # noqa: PLC0415

    run_marked(task, tell)


def run_out_of_memory(task: Task, tell: Tell) -> None:
    """Have a batch of images not fit into memory."""
    from scripts.gpu_check.memory import halve  # noqa: PLC0415

    halve(task, tell)


def ask_the_recipe(task: Task, tell: Tell) -> None:
    """Measure the recipe of the model card."""
    from scripts.gpu_check.formats import measure_card  # noqa: PLC0415

    measure_card(task, tell)


def _format_of(name: str) -> Callable[[Task, Tell], None]:
    def run(task: Task, tell: Tell) -> None:
        from scripts.gpu_check.formats import measure_format  # noqa: PLC0415

        measure_format(task, name, tell)

    return run


GPU = 'GPU'
WEIGHTS = 'weights'
RECIPE = 'recipe'

STEPS = {
    GPU: Step(find_gpu, 60, on_weights=False),
    'CUDA tests': Step(run_tests, 90, on_weights=False),
    WEIGHTS: Step(make_weights, 120, on_weights=False),
    **{name: Step(_format_of(name), 60) for name in ('bfloat16', 'float32', 'float16')},
    'out of memory': Step(run_out_of_memory, 40),
    **{name: Step(_format_of(name), 60) for name in FORMATS if name.endswith('bit')},
    RECIPE: Step(ask_the_recipe, 60),
}
"""By name."""
