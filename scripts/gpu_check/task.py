# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a step is told and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
import logging
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kosmos_ros.bench.run.session import RANDOM_FOLDER

Found = dict[str, Any]
"""What a step found, in types of JSON; ``not_run`` or ``failed`` holds why it found no more."""

Tell = Callable[[Found], None]
"""Keeps what is found so far: a step that ends early loses the rest alone."""

FORMATS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        'bfloat16': {'dtype': 'bfloat16'},
        'float16': {'dtype': 'float16'},
        'float32': {'dtype': 'float32'},
        '8 bit': {'quantization': '8bit'},
        '4 bit': {'quantization': '4bit'},
    }
)
"""Number formats to measure, with their settings."""

REFERENCE = 'float32'
"""The format that answers of the others are compared with."""


@dataclass(frozen=True)
class Task:
    """
    What a step works on.

    :param device: 'cuda' or 'cpu'.
    :param model: as ``ModelSettings`` takes it; empty: random weights of full size.
    :param output: folder for all that is written.
    """

    device: str
    model: str
    output: Path

    @property
    def weights(self) -> Path:
        """Where the random weights are kept."""
        return self.output.absolute() / RANDOM_FOLDER

    @property
    def source(self) -> str:
        """The model to load."""
        return self.model or str(self.weights)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what the package logs meanwhile."""
    messages: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger, listener = logging.getLogger('kosmos_ros'), Listener()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(listener)
    try:
        yield messages
    finally:
        logger.removeHandler(listener)
        logger.setLevel(before)
