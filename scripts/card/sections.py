# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""All sections that the card and the README may have, by their names."""

from __future__ import annotations

import json
from pathlib import Path

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from scripts.card import prose, tables
from scripts.card.curve import read_curve
from scripts.card.results import (
    CHANGES_PART,
    CURVE_FILE,
    Data,
    LEVELS_PART,
    MEASURED,
    STANDARD_PART,
    TRAINING_FILE,
)

_TRAITS = ('objects', 'relation', 'shape', 'color', 'size', 'hidden')

_MISSING = 'Not measured on this model.'


def sections(model: Path, results: Data) -> dict[str, str]:
    """
    Return the texts of all sections with figures.

    :raises OSError: if a file beside the model is missing.
    """
    texts = {'model': prose.model_size(model)}
    texts |= dict.fromkeys((LEVELS_PART, CHANGES_PART, 'latency', 'wordings'), _MISSING)
    if (model / CALIBRATION_FILE).is_file():
        texts['scores'] = scores(model)
    training = {}
    if (model / MEASURED / TRAINING_FILE).is_file():
        training = json.loads((model / MEASURED / TRAINING_FILE).read_text(encoding='utf-8'))
        texts['training'] = prose.training_facts(training)
    standard = results['parts'].get(STANDARD_PART)
    if standard is not None and standard.get('wordings'):
        texts['wordings'] = tables.wording_table(standard['wordings'])
    machine = results.get('latency', {}).get('machine')
    if standard is not None:
        texts |= _of_standard(standard, machine)
        curve = read_curve(model / MEASURED / CURVE_FILE)
        hours, goes = curve[-1].minutes / 60, 2 if 'before' in training else 1
        texts['curve'] = prose.learning_curve(curve, standard, hours, goes)
    for part in (LEVELS_PART, CHANGES_PART):
        if part in results['parts']:
            evaluation = results['parts'][part]
            table = tables.level_table(evaluation['groups'])
            texts[part] = f'{prose.how_measured(evaluation, machine)}\n\n{table}'
    if 'latency' in results:
        texts['latency'] = prose.latency(results['latency'])
    return texts


def _of_standard(standard: Data, machine: Data | None) -> dict[str, str]:
    figures = standard['figures']
    return {
        'how': prose.how_measured(standard, machine),
        'targets': tables.target_table(standard),
        'questions': tables.question_table(figures),
        'corners': tables.corner_table(standard['mean_iou_by_corners']),
        'positions': tables.position_table(standard['position_errors']),
        'instructions': tables.instruction_table(figures),
        'thresholds': prose.threshold(figures),
        'traits': '\n\n'.join(
            tables.split_table(standard['splits'], trait)
            for trait in _TRAITS
            if trait in standard['splits']
        ),
    }


def scores(model: Path) -> str:
    """Return the model's calibration and its reliability."""
    calibration = json.loads((model / CALIBRATION_FILE).read_text(encoding='utf-8'))
    measured = calibration['measured']
    table = tables.score_table(measured['figures'])
    return f'{prose.calibration(calibration, measured)}\n\n{table}'
