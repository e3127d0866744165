# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Make the backend of a model; the only place that decides which runner is used."""

from __future__ import annotations

from collections.abc import Callable
import importlib.util
import os
from pathlib import Path

from kosmos_ros.backends.settings import BY_BITSANDBYTES, EMBEDDED_MODEL, ModelSettings
from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.model.backend import Backend

WAITING_THREADS = {'OMP_WAIT_POLICY': 'PASSIVE', 'GOMP_SPINCOUNT': '30000'}
"""How PyTorch's threads wait for each other, for the OpenMP runtime that its CPU builds bring."""

_NEEDED = ('torch', 'transformers', 'accelerate', 'safetensors', 'tokenizers')


def load_backend(
    model: str | os.PathLike[str] = EMBEDDED_MODEL,
    *,
    device: str = 'auto',
    dtype: str = 'auto',
    quantization: str = 'none',
    threads: int = 0,
    show_progress: bool = False,
) -> Backend:
    """
    Load a model by name; ``ModelSettings`` explains the values.

    :param model: ``'tabletop'`` (the embedded model), a folder, or a hub id in the local cache.
    :raises ValueError: if a value is invalid.
    :raises ModelLoadError: if the checkpoint is missing, damaged, does not fit the device, or
        fails when it is run.
    :raises MissingDependencyError: if a Python package is not installed.
    """
    settings = ModelSettings(os.fspath(model), device, dtype, quantization, threads)
    return make_backend(settings, show_progress)


def make_backend_of_process(
    settings: ModelSettings, show_progress: bool = False, warm_up: bool = True
) -> Backend:
    """
    Do as ``make_backend`` in a process that uses transformers for this model alone.

    It starts sooner: see ``kosmos_ros.backends.without_compiler``.
    """
    if settings.quantization in BY_BITSANDBYTES:
        return make_backend(settings, show_progress, warm_up)  # which imports the compiler itself
    _check_packages()
    _tell_libraries()
    # Before the libraries are imported: a misspelt name is reported at once.
    _find(settings.model)
    from kosmos_ros.backends.without_compiler import without_compiler  # noqa: PLC0415

    with without_compiler():
        return make_backend(settings, show_progress, warm_up)


def make_backend(
    settings: ModelSettings, show_progress: bool = False, warm_up: bool = True
) -> Backend:
    """
    Load a model, ask it its own test question, warm it up and return the backend that runs it.

    Nothing is downloaded. The Hugging Face libraries stay offline in this process; some would look
    for optional code on the hub while a model runs. Waiting threads of PyTorch soon sleep, unless
    ``OMP_WAIT_POLICY`` or ``GOMP_SPINCOUNT`` says otherwise.

    :param show_progress: whether the libraries draw their progress bars on standard error.
    :param warm_up: whether to run each part of the model, so that the first answers take no longer
        than later ones; for a single answer it takes longer than it saves.
    :raises ModelLoadError: if the checkpoint is missing, damaged, does not fit the device, or
        fails when it is run.
    :raises MissingDependencyError: if a Python package is not installed.
    """
    _check_packages()
    # Read when the libraries are imported, so before the imports below.
    _tell_libraries()
    # Before torch and transformers are imported: a misspelt name is reported at once.
    folder = _find(settings.model)
    from transformers.utils import logging  # noqa: PLC0415

    from kosmos_ros.backends.checkpoint.self_check import check_answers  # noqa: PLC0415
    from kosmos_ros.backends.checkpoint.small_files import load_errors  # noqa: PLC0415
    from kosmos_ros.backends.kosmos2.backend import TransformersBackend  # noqa: PLC0415

    set_progress_bars: Callable[[], None] = (
        logging.enable_progress_bar if show_progress else logging.disable_progress_bar
    )
    set_progress_bars()
    backend = TransformersBackend.load(settings)
    with load_errors(folder):
        check_answers(folder, backend)
        if warm_up:
            # The first run of a model prepares much that later runs reuse.
            backend.warm_up()
    return backend


def _check_packages() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f'running a model needs {", ".join(missing)}: pip install {" ".join(missing)}'
        )


def _tell_libraries() -> None:
    os.environ['HF_HUB_OFFLINE'] = '1'
    # By default PyTorch's waiting threads spin for milliseconds. On a robot, whose cores have
    # other work, they take the core from the thread that they wait for, and answers take many
    # times as long. If they sleep at once, they have to be woken for each layer, which doubles the
    # time of the embedded model. So they spin for about the gap between layers.
    for name, value in WAITING_THREADS.items():
        os.environ.setdefault(name, value)


def _find(model: str) -> Path:
    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415

    return find_checkpoint(model)
