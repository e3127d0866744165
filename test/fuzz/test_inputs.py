# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Inputs of the fuzzer break nothing: those it begins with, and those that broke something once.

Spans ``core.model``, ``core.tasks``, ``core.images``, ``backends.checkpoint`` and ``watch``.
"""

from __future__ import annotations

from types import ModuleType

import pytest

from . import files, images, model_output, queries
from .corpus import corpus


@pytest.mark.parametrize('target', [files, images, model_output, queries])
def test_inputs_break_nothing(target: ModuleType) -> None:
    inputs = corpus(target.__name__.rpartition('.')[2])
    assert len(inputs) >= 10
    for data in (b'', b'\0', b'\xff', *inputs):
        target.read(data)
