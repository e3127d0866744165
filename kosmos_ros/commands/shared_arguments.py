# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands share: those that choose the model, and the output folder."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from kosmos_ros.backends.settings import DTYPES, EMBEDDED_MODEL, ModelSettings, QUANTIZATIONS
from kosmos_ros.core.errors import InvalidRequestError


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


def add_output_argument(parser: ArgumentParser, default: str, what: str) -> None:
    """
    Declare --output.

    :param what: what goes there, for the help.
    """
    parser.add_argument(
        '--output',
        type=Path,
        default=Path(default),
        metavar='FOLDER',
        help=f'where {what} go (default: %(default)s)',
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
