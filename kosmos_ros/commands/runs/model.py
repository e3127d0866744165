# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Loading the model of a command."""

from __future__ import annotations

import sys
import time

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.ending import kernel_ends


def load_backend(settings: ModelSettings) -> Backend:
    """
    Load the model, with messages on standard error.

    :raises ModelLoadError: if the model cannot be loaded.
    :raises MissingDependencyError: if a package is not installed.
    """
    print(f'loading model {settings.model} ...', file=sys.stderr, flush=True)
    started = time.monotonic()
    with kernel_ends():  # torch
        backend = make_backend(settings, show_progress=sys.stderr.isatty())
    print(f'loaded in {time.monotonic() - started:.1f} s', file=sys.stderr, flush=True)
    return backend
