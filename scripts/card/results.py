# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The figures of a model, kept beside it.

``measured/evaluation.json`` holds the results of ``kosmos-ros eval``, without single answers, in
up to three parts: the standard level, all levels of difficulty, and changed images. It names the
checkpoint by the fingerprint of its folder, so that figures of another model are never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
import json
from pathlib import Path
from typing import Any

from kosmos_ros.datasets.levels import LEVELS, STANDARD
from kosmos_ros.evaluation.report.files import DATA_FILE
from kosmos_ros.results.fingerprint import folder_fingerprint

MEASURED = 'measured'
"""Folder below the model's: not installed, and no part of the fingerprint."""

EVALUATION_FILE, TRAINING_FILE, CURVE_FILE = 'evaluation.json', 'training.json', 'curve.jsonl'

STANDARD_PART, LEVELS_PART, CHANGES_PART = 'standard', 'levels', 'changes'

Data = Mapping[str, Any]

_LEFT_OUT = ('worst', 'overlaps', 'thresholds', 'python', 'machine')
_ONLY_STANDARD = (
    'splits',
    'wordings',
    'scores',
    'absent',
    'mean_iou_by_corners',
    'position_errors',
)


def part_of(evaluation: Data) -> str:
    """Return which part of the card an evaluation is for."""
    groups = set(evaluation['groups'])
    if groups == {STANDARD}:
        return STANDARD_PART
    changed = any(LEVELS[name].change for name in groups if name in LEVELS)
    return CHANGES_PART if changed else LEVELS_PART


def read_evaluation(folder: Path) -> dict[str, Any]:
    """
    Return the figures in the folder of an evaluation.

    :raises ValueError: if it is not complete, or not of simulated scenes.
    :raises OSError: if it cannot be read.
    """
    path = folder / DATA_FILE
    evaluation: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
    if evaluation['settings'].get('data') != 'tabletop':
        raise ValueError(f'{path}: expected figures of simulated scenes, got {evaluation["data"]}')
    if evaluation['images'] != evaluation['images_of']:
        raise ValueError(
            f'{path}: {evaluation["images"]} of {evaluation["images_of"]} scenes; run the same '
            'kosmos-ros eval again, which goes on where it stopped'
        )
    return evaluation


def collected(model: Path, folders: Iterable[Path], old: Data | None = None) -> dict[str, Any]:
    """
    Return the new content of ``evaluation.json``.

    :param old: its old content; parts measured on the same model stay.
    :raises ValueError: if an evaluation is of another model, or not complete.
    """
    checkpoint = folder_fingerprint(model)
    results: dict[str, Any] = {'parts': {}}
    if old is not None and old['checkpoint'] == checkpoint:
        results = {**old, 'parts': dict(old['parts'])}
    for folder in folders:
        evaluation = read_evaluation(folder)
        measured_on = evaluation['settings']['checkpoint']
        if measured_on != checkpoint:
            raise ValueError(
                f'{folder} was measured on the checkpoint {measured_on}, the one in {model} is '
                f'{checkpoint}: measure this one'
            )
        results['parts'][part_of(evaluation)] = _shortened(evaluation)
    return results | {'checkpoint': checkpoint}


def load(model: Path) -> dict[str, Any] | None:
    """Return what the model's ``evaluation.json`` holds, None if there is none."""
    path = model / MEASURED / EVALUATION_FILE
    if not path.is_file():
        return None
    held: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
    return held


def save(model: Path, results: Data) -> Path:
    """Write ``evaluation.json``; return its path."""
    path = model / MEASURED / EVALUATION_FILE
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + '\n', encoding='utf-8')
    return path


def command_of(evaluation: Data) -> str:
    """Return the command that measured a part."""
    settings = evaluation['settings']
    names = [name for name in ('level', 'scenes', 'seed') if name in settings]
    names += ['max_looks'] if settings.get('max_looks') else []
    options = (f'--{name.replace("_", "-")} {settings[name]}' for name in names)
    return ' '.join(['kosmos-ros eval', *options])


def _shortened(evaluation: Data) -> dict[str, Any]:
    """Leave out what only the report's folder needs, and what levels share with standard."""
    part = part_of(evaluation)
    left_out = _LEFT_OUT if part == STANDARD_PART else (*_LEFT_OUT, *_ONLY_STANDARD)
    if part == STANDARD_PART:
        left_out = (*left_out, 'groups')
    kept = {name: value for name, value in evaluation.items() if name not in left_out}
    return kept | {'groups': kept.get('groups', {STANDARD: None})}
