# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The model of a command: loading it, and the facts about it that answers depend on."""

from __future__ import annotations

from argparse import Namespace
import sys
import time

from kosmos_ros.backends.checkpoint.calibration_place import calibrated_in
from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.factory import make_backend_of_process
from kosmos_ros.commands.shared_arguments import settings_from_arguments
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.calibration import how_to_calibrate
from kosmos_ros.ending import kernel_ends
from kosmos_ros.results.fingerprint import folder_fingerprint


def load_model(arguments: Namespace, *, advise: bool = True) -> Backend:
    """
    Load the model that the arguments choose, with messages on standard error.

    :param advise: whether to say how to calibrate a model that is not.
    :raises InvalidRequestError: if an argument makes no sense.
    :raises ModelLoadError: if the model cannot be loaded.
    :raises MissingDependencyError: if a package is not installed.
    """
    settings = settings_from_arguments(arguments)
    print(f'loading model {settings.model} ...', file=sys.stderr, flush=True)
    started = time.monotonic()
    with kernel_ends():  # torch
        backend = make_backend_of_process(settings, sys.stderr.isatty(), arguments.warm_up)
    print(f'loaded in {time.monotonic() - started:.1f} s', file=sys.stderr, flush=True)
    if advise and not backend.calibration.fitted:
        print(
            f'its scores are not calibrated; {how_to_calibrate(settings.model)}\n'
            'does that on labelled images of yours',
            file=sys.stderr,
        )
    return backend


def model_facts(arguments: Namespace) -> dict[str, str]:
    """
    Return the facts that answers depend on.

    Name, fingerprints of the folder and of a calibration elsewhere, number formats, signals.

    :raises ModelLoadError: if there is no such model.
    """
    folder = find_checkpoint(arguments.model)
    calibration = calibrated_in(folder)
    elsewhere = calibration if calibration != folder else None
    return {
        'model': arguments.model,
        'checkpoint': folder_fingerprint(folder),
        'calibration': folder_fingerprint(elsewhere) if elsewhere else '',
        'dtype': arguments.dtype,
        'quantization': arguments.quantization,
        'existence_signals': arguments.existence_signals,
    }
