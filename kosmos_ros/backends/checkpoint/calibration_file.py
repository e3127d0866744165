# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The calibration of a checkpoint as a file in its folder, ``calibration.json``.

    {
      "version": 1,
      "existence": {"temperature": 0.8, "shift": 1.3},
      "box": {...}, "written": {...}, "words": {...},
      "fusions": {"free": {"intercept": -2.1, "weights": {"upper_left_mass": 4.2, ...}}, ...},
      "measured": {...}
    }

``fusions`` is for models that box what is not there, and missing for others.
``measured`` says on what data and with which result; nothing reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
import json
import logging
from pathlib import Path
from typing import Any

from kosmos_ros.backends.checkpoint.small_files import read_json
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.files import write_text
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.signals import Fusion, LEVELS
from kosmos_ros.core.plain import from_plain
from kosmos_ros.core.texts import quoted

CALIBRATION_FILE = 'calibration.json'
VERSION = 1
FUSIONS = 'fusions'

_logger = logging.getLogger(__name__)


def read_calibration(folder: Path) -> Calibration:
    """
    Return the calibration of a checkpoint; without a file, one that changes nothing.

    :raises ModelLoadError: naming file and field, if the file is not as described above.
    """
    path = folder / CALIBRATION_FILE
    if not path.exists():
        _logger.info('%s has no %s: scores are as the model gives them', folder, CALIBRATION_FILE)
        return Calibration()
    content = read_json(path)
    if content.get('version') != VERSION:
        raise ModelLoadError(f'{path}: expected version {VERSION}, got {content.get("version")!r}')
    names = [item.name for item in fields(Calibration) if item.name != FUSIONS]
    scalings = {name: _scaling(path, name, content.get(name)) for name in names}
    return Calibration(**scalings, fusions=_fusions(path, content.get(FUSIONS, {})))


def write_calibration(folder: Path, calibration: Calibration, measured: Mapping[str, Any]) -> Path:
    """
    Write the file and return its path.

    :param measured: how the numbers were found, in types of JSON.
    """
    content = {'version': VERSION, **asdict(calibration), 'measured': dict(measured)}
    if not calibration.fusions:
        del content[FUSIONS]
    path = folder / CALIBRATION_FILE
    write_text(path, json.dumps(content, indent=2) + '\n')
    return path


def _fusions(path: Path, content: object) -> dict[str, Fusion]:
    if not isinstance(content, dict) or not set(content) <= set(LEVELS):
        raise ModelLoadError(
            f'{path}: {FUSIONS} takes fusions named {", ".join(LEVELS)}, got {quoted(content)}'
        )
    return {level: _fusion(path, level, fusion) for level, fusion in content.items()}


def _fusion(path: Path, level: str, content: object) -> Fusion:
    try:
        return from_plain(Fusion, content)
    except ValueError as error:
        raise ModelLoadError(f'{path}: {FUSIONS}.{level}: {error}') from error


def _scaling(path: Path, name: str, content: object) -> Scaling:
    if not isinstance(content, dict):
        raise ModelLoadError(f'{path}: {name} needs temperature and shift, got {content!r}')
    numbers = {}
    for item in fields(Scaling):
        value = content.get(item.name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ModelLoadError(f'{path}: {name}.{item.name} must be a number, got {value!r}')
        numbers[item.name] = value
    try:
        return Scaling(**{key: float(value) for key, value in numbers.items()})
    except (ValueError, OverflowError) as error:
        raise ModelLoadError(f'{path}: {name}: {error}') from error
