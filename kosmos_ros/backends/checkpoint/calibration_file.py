# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The calibration of a checkpoint as a file, ``calibration.json``.

    {
      "version": 1,
      "fingerprint": "...",
      "existence": {"temperature": 0.8, "shift": 1.3},
      "box": {...}, "written": {...}, "words": {...},
      "fusions": {"free": {"intercept": -2.1, "weights": {"upper_left_mass": 4.2, ...}}, ...},
      "measured": {...}
    }

Scores that were not fitted are missing. ``fusions`` is for models that box what is not there, and
missing for others. ``fingerprint`` is that of the model, missing in a file that belongs to
whatever is beside it. ``measured`` says on what data, with which result, and why scores
were not fitted; nothing reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
import json
from pathlib import Path
from typing import Any

from kosmos_ros.backends.checkpoint.small_files import read_json
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.files import write_text
from kosmos_ros.core.model.calibration import Calibration, Scaling, SCALINGS
from kosmos_ros.core.model.signals import Fusion, LEVELS
from kosmos_ros.core.plain import from_plain
from kosmos_ros.core.texts import quoted

CALIBRATION_FILE = 'calibration.json'
VERSION = 1
FUSIONS = 'fusions'


def read_calibration(folder: Path) -> Calibration:
    """
    Return the calibration in a folder.

    :raises ModelLoadError: naming file and field, if it is missing or not as described above.
    """
    path = folder / CALIBRATION_FILE
    content = read_json(path)
    if content.get('version') != VERSION:
        raise ModelLoadError(f'{path}: expected version {VERSION}, got {content.get("version")!r}')
    fitted = tuple(name for name in SCALINGS if name in content)
    scalings = {name: _scaling(path, name, content[name]) for name in fitted}
    if not fitted:
        raise ModelLoadError(f'{path}: expected one of {", ".join(SCALINGS)}, got none of them')
    fusions = _fusions(path, content.get(FUSIONS, {}))
    return Calibration(**scalings, fitted=fitted, fusions=fusions)


def written_for(folder: Path) -> str:
    """Return the fingerprint in the file of a folder, empty if it names none."""
    return str(read_json(folder / CALIBRATION_FILE).get('fingerprint', ''))


def write_calibration(
    folder: Path, calibration: Calibration, measured: Mapping[str, Any], fingerprint: str = ''
) -> Path:
    """
    Write the file, scores that were fitted alone, and return its path.

    :param measured: how the numbers were found, in types of JSON.
    :param fingerprint: of the model; empty: whatever is in that folder.
    """
    fusions = {level: asdict(fusion) for level, fusion in calibration.fusions.items()}
    content = {
        'version': VERSION,
        **({'fingerprint': fingerprint} if fingerprint else {}),
        **{name: asdict(getattr(calibration, name)) for name in calibration.fitted},
        **({FUSIONS: fusions} if fusions else {}),
        'measured': dict(measured),
    }
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
