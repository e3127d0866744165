# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A retry in halves when the memory of a GPU does not suffice for a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import logging
from typing import TypeVar

import torch

from kosmos_ros.core.errors import ModelError

T = TypeVar('T')
R = TypeVar('R')

_logger = logging.getLogger(__name__)


class OutOfGpuMemoryError(ModelError):
    """The memory of the GPU does not suffice for the batch."""


def run_in_halves(run: Callable[[Sequence[T]], Sequence[R]], batch: Sequence[T]) -> tuple[R, ...]:
    """
    Run a batch; if it does not fit into memory, free what is possible and run it in two halves.

    A batch of one is retried unchanged: the freed memory may suffice.

    :raises OutOfGpuMemoryError: if that does not fit either.
    """
    try:
        return tuple(run(batch))
    except OutOfGpuMemoryError as error:
        _logger.warning('%s; trying again with half as much at once', error)
    # Only behind the block: until then the error keeps the tensors of the failed pass alive.
    torch.cuda.empty_cache()
    middle = len(batch) // 2
    halves = (batch[:middle], batch[middle:])
    return tuple(one for half in halves if half for one in run(half))
