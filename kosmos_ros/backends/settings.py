# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which model runs where and how: plain values, importable without torch."""

from __future__ import annotations

from dataclasses import dataclass
import re

from kosmos_ros.core.model.signals import DEFAULT_LEVEL, LEVELS
from kosmos_ros.core.settings import check_limits, limited

EMBEDDED_MODEL = 'tabletop'
"""Name of the checkpoint that ships with this package."""

DTYPES = ('auto', 'float32', 'bfloat16', 'float16')
ON_CPU = ('int8', 'int4')
"""Quantizations that PyTorch itself has, for the CPU."""

BY_BITSANDBYTES = ('8bit', '4bit')
QUANTIZATIONS = ('none', *ON_CPU, *BY_BITSANDBYTES)

_DEVICE = re.compile(r'auto|cpu|cuda(:\d+)?')


@dataclass(frozen=True)
class ModelSettings:
    """
    How to load a model.

    ``model`` is ``'tabletop'`` (the embedded checkpoint), a folder, or a hub id that is already in
    the local cache. ``device`` is ``'auto'`` (CUDA if it works), ``'cpu'``, ``'cuda'`` or
    ``'cuda:N'``. ``dtype`` ``'auto'`` picks what suits the device. ``quantization`` is ``'none'``,
    ``'int8'`` or ``'int4'`` (torch, on the CPU; ``'int4'`` only for few tokens at a time, such as
    the words of an answer), ``'8bit'`` or ``'4bit'`` (bitsandbytes). ``threads`` is how many
    threads compute on the CPU (0: PyTorch's choice). ``no_repeat_ngram_size`` keeps free text
    from repeating any run of that many tokens (0: off, None: as the checkpoint's generation config
    says, else 3 as the authors of KOSMOS-2 do). ``existence_signals`` is the highest of the
    ``LEVELS`` of signals that are measured of a model with fusions in its calibration.
    """

    model: str = EMBEDDED_MODEL
    device: str = 'auto'
    dtype: str = 'auto'
    quantization: str = 'none'
    threads: int = limited(0, (0, 1024))
    no_repeat_ngram_size: int | None = None
    existence_signals: str = DEFAULT_LEVEL

    def __post_init__(self) -> None:
        """Reject invalid names; whether the device exists is checked at load."""
        if not self.model.strip():
            raise ValueError('model must be a name, a folder or a hub id, got an empty string')
        if not _DEVICE.fullmatch(self.device):
            raise ValueError(f'device must be auto, cpu, cuda or cuda:N, got {self.device!r}')
        _require_one_of('dtype', self.dtype, DTYPES)
        _require_one_of('quantization', self.quantization, QUANTIZATIONS)
        _require_one_of('existence_signals', self.existence_signals, LEVELS)
        if self.quantization in ON_CPU and self.device.startswith('cuda'):
            raise ValueError(
                f'quantization {self.quantization} is for the CPU, got device {self.device!r}'
            )
        check_limits(self)
        if self.no_repeat_ngram_size is not None and self.no_repeat_ngram_size < 0:
            raise ValueError(
                f'no_repeat_ngram_size must be 0 or more, got {self.no_repeat_ngram_size}'
            )


def _require_one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f'{name} must be one of {", ".join(choices)}, got {value!r}')
