# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Inputs of the fuzzer break nothing: those it begins with, and those that broke something once.

Spans ``scripts.fuzz``.
"""

from __future__ import annotations

import importlib

import pytest

from scripts.fuzz.__main__ import TARGETS
from scripts.fuzz.corpus import corpus

pytest.importorskip('safetensors')


@pytest.mark.parametrize('target', TARGETS)
def test_inputs_break_nothing(target: str) -> None:
    read = importlib.import_module(f'scripts.fuzz.{target}').read
    inputs = corpus(target)
    assert len(inputs) > 5
    for data in (b'', b'\0', b'\xff', *inputs):
        read(data)
