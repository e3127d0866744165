# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands share: the model, the output folder, turned pictures."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path

from kosmos_ros.backends.settings import DTYPES, EMBEDDED_MODEL, ModelSettings, QUANTIZATIONS
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.signals import DEFAULT_LEVEL, LEVELS
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.types import MAX_LOOKS, ROTATIONS

MODEL_ARGUMENTS = ('model', 'device', 'dtype', 'quantization', 'threads', 'existence_signals')
"""Names of these arguments; parameters of the grounding node have the same ones."""


def add_model_arguments(parser: ArgumentParser) -> None:
    """Declare --model, --device, --dtype, --quantization, --threads and --existence-signals."""
    parser.set_defaults(warm_up=True)
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
        help='weights in 8 or 4 bits, for large models: int8 and int4 by PyTorch on a CPU, '
        '8bit and 4bit by bitsandbytes (default: %(default)s)',
    )
    group.add_argument(
        '--threads',
        type=int,
        default=0,
        help='threads that compute on a CPU; 0: PyTorch chooses (default: %(default)s)',
    )
    group.add_argument(
        '--existence-signals',
        default=DEFAULT_LEVEL,
        choices=LEVELS,
        help='of models whose calibration weighs more signs that a thing is there than their own '
        'word: free, what locating computes anyway; phrase, a pass for each new phrase too; '
        'question, a pass for each phrase and image too; caption, a caption of each image too '
        '(default: %(default)s)',
    )


def add_output_argument(parser: ArgumentParser, default: str, what: str) -> None:
    """Declare --output; the help says ``what`` goes there."""
    parser.add_argument(
        '--output',
        type=Path,
        default=Path(default),
        metavar='FOLDER',
        help=f'where {what} go (default: %(default)s)',
    )


def add_rotation_argument(parser: ArgumentParser) -> None:
    """Declare --rotation."""
    parser.add_argument(
        '--rotation',
        type=int,
        default=0,
        choices=ROTATIONS,
        help='degrees by which pictures have to be turned clockwise to be upright: 90 if the top '
        'of things points to the left, 180 if down, 270 if to the right; regions and boxes stay '
        'those of the pictures as they are (default: %(default)s)',
    )


def add_looks_argument(parser: ArgumentParser) -> None:
    """Declare --max-looks."""
    parser.add_argument(
        '--max-looks',
        type=whole_number(1, MAX_LOOKS),
        default=0,
        metavar='N',
        help='most looks at a picture for one answer: at all of it, then closer at what is small '
        f'or not found; 1 never looks closer (default: {GrounderSettings.max_looks}, for a '
        'description 1)',
    )


def whole_number(lowest: int, highest: int | None = None) -> Callable[[str], int]:
    """Return an argument's type: whole numbers within limits."""
    limits = f'at least {lowest}' if highest is None else f'{lowest} to {highest}'

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ArgumentTypeError(f'a whole number expected, got {text!r}') from None
        if value < lowest or (highest is not None and value > highest):
            raise ArgumentTypeError(f'{limits} expected, got {value}')
        return value

    return read


def settings_from_arguments(arguments: Namespace) -> ModelSettings:
    """
    Return the model's settings.

    :raises InvalidRequestError: if a value makes no sense.
    """
    try:
        return ModelSettings(**{name: getattr(arguments, name) for name in MODEL_ARGUMENTS})
    except ValueError as error:
        raise InvalidRequestError(str(error)) from error
