# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Arguments that choose the model, shared by the commands that run one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
import sys
import time

from kosmos_ros.backends.settings import DTYPES, EMBEDDED_MODEL, ModelSettings, QUANTIZATIONS
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.backend import Backend


def add_model_arguments(parser: ArgumentParser) -> None:
    """Declare --model, --device, --dtype, --quantization and --threads."""
    group = parser.add_argument_group('model')
    group.add_argument(
        '--model',
        default=EMBEDDED_MODEL,
        help='the embedded model %(default)r, a folder, or a hub id that was fetched with '
        '"kosmos-ros download" (default: %(default)s)',
    )
    group.add_argument(
        '--device', default='auto', help='auto, cpu, cuda or cuda:N (default: %(default)s)'
    )
    group.add_argument(
        '--dtype', default='auto', choices=DTYPES, help='number format (default: %(default)s)'
    )
    group.add_argument(
        '--quantization',
        default='none',
        choices=QUANTIZATIONS,
        help='weights in 8 or 4 bits, for large models: int8 by PyTorch on a CPU, 8bit and 4bit '
        'by bitsandbytes (default: %(default)s)',
    )
    group.add_argument(
        '--threads',
        type=int,
        default=0,
        help='threads that compute on a CPU; 0: PyTorch chooses (default: %(default)s)',
    )


def settings_from_arguments(arguments: Namespace) -> ModelSettings:
    """
    Return the model's settings.

    :raises InvalidRequestError: if a value makes no sense.
    """
    try:
        return ModelSettings(
            model=arguments.model,
            device=arguments.device,
            dtype=arguments.dtype,
            quantization=arguments.quantization,
            threads=arguments.threads,
        )
    except ValueError as error:
        raise InvalidRequestError(str(error)) from error


def load_backend(settings: ModelSettings) -> Backend:
    """
    Load the model, telling on standard error what is going on.

    :raises ModelLoadError: if the model cannot be loaded.
    :raises MissingDependencyError: if a package is not installed.
    """
    print(f'loading model {settings.model} ...', file=sys.stderr, flush=True)
    started = time.monotonic()
    from kosmos_ros.backends.factory import make_backend  # noqa: PLC0415

    backend = make_backend(settings, show_progress=sys.stderr.isatty())
    print(f'loaded in {time.monotonic() - started:.1f} s', file=sys.stderr, flush=True)
    return backend


def model_facts(arguments: Namespace) -> dict[str, str]:
    """
    Return what answers depend on of a model: its name, what its folder holds, and its numbers.

    :raises ModelLoadError: if there is no such model.
    """
    from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: PLC0415
    from kosmos_ros.results.fingerprint import folder_fingerprint  # noqa: PLC0415

    return {
        'model': arguments.model,
        'checkpoint': folder_fingerprint(find_checkpoint(arguments.model)),
        'dtype': arguments.dtype,
        'quantization': arguments.quantization,
    }
