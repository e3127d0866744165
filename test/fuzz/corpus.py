# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Inputs that fuzzing begins with, and those that broke something once."""

from __future__ import annotations

import ast
from pathlib import Path

_FOLDER = Path(__file__).with_name('inputs')


def corpus(target: str) -> list[bytes]:
    """Return the inputs of a target: a literal of bytes in each line of its file."""
    lines = (_FOLDER / f'{target}.txt').read_text(encoding='utf-8').splitlines()
    return [ast.literal_eval(line) for line in lines]
