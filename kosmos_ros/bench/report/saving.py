# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A run as a file."""

from __future__ import annotations

import json
from pathlib import Path
import re
from typing import Any

from kosmos_ros.bench.report.figures import Run
from kosmos_ros.core.files import write_text

_DECIMALS = 6
"""Of seconds: no clock here is more precise."""

_NUMBERS = re.compile(r'\[\s+([-\d.e+,\s]+?)\s+\]')


def save_run(run: Run, path: Path) -> None:
    """Write a run as JSON, each list of numbers on a line."""
    text = json.dumps(_rounded(run), indent=1)
    flat = _NUMBERS.sub(lambda match: f'[{" ".join(match[1].split())}]', text)
    write_text(path, flat + '\n')


def load_run(path: Path) -> Run:
    """Read what ``save_run`` wrote."""
    run: Run = json.loads(path.read_text(encoding='utf-8'))
    return run


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value
