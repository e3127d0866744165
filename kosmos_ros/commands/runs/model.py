# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The model of the commands that run one: loaded, and told apart from others."""

from __future__ import annotations

from argparse import Namespace
import sys
import time

from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.results.fingerprint import folder_fingerprint


def load_backend(settings: ModelSettings) -> Backend:
    """
    Load the model, telling on standard error what is going on.

    :raises ModelLoadError: if the model cannot be loaded.
    :raises MissingDependencyError: if a package is not installed.
    """
    print(f'loading model {settings.model} ...', file=sys.stderr, flush=True)
    started = time.monotonic()
    backend = make_backend(settings, show_progress=sys.stderr.isatty())
    print(f'loaded in {time.monotonic() - started:.1f} s', file=sys.stderr, flush=True)
    return backend


def model_facts(arguments: Namespace) -> dict[str, str]:
    """
    Return what answers depend on of a model: its name, what its folder holds, and its numbers.

    :raises ModelLoadError: if there is no such model.
    """
    return {
        'model': arguments.model,
        'checkpoint': folder_fingerprint(find_checkpoint(arguments.model)),
        'dtype': arguments.dtype,
        'quantization': arguments.quantization,
    }
