# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reliability of scores, as a table for people and as data for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
import math
import platform
from typing import Any

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.evaluation.scoring.calibrating import Comparison, decisions, scaling_of, THRESHOLD
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.evaluation.scoring.reliability import Reliability

HEADER = (
    f'{"score":12}{"":8}{"of":>6}{"mean":>8}{"right":>8}{"ECE":>8}{"95 % interval":>17}'
    f'{"chance":>8}{"Brier":>8}{"NLL":>8}{"AUC":>8}'
)


def heading(model: str, fitted: range, judged: range) -> str:
    """Return what was measured as a line."""
    return (
        f'{model}: fitted on {len(fitted)} scenes (seeds {fitted.start}..{fitted.stop - 1}), '
        f'judged on {len(judged)} others (seeds {judged.start}..{judged.stop - 1})'
    )


def row(score: Score, figures: Reliability, state: str = '') -> str:
    """Return the figures of one sort of score as a line below ``HEADER``."""
    interval = f'{figures.ece_low:.3f}..{figures.ece_high:.3f}'
    return (
        f'{score.value:12}{state:8}{figures.count:6}{figures.mean_score:8.3f}'
        f'{figures.share_right:8.3f}{figures.ece:8.3f}{interval:>17}{figures.ece_chance:8.3f}'
        f'{figures.brier:8.3f}{figures.nll:8.3f}{figures.auc:8.3f}'
    )


def table(compared: Mapping[Score, Comparison], calibration: Calibration) -> str:
    """Return figures before and after as lines for a terminal, and the scalings found."""
    lines = [HEADER]
    for score, comparison in compared.items():
        before, after = comparison.figures
        lines += [row(score, before, 'before'), row(score, after, 'after')]
    lines.append('')
    for score in compared:
        scaling = scaling_of(calibration, score)
        words = f'temperature {scaling.temperature:.3f}, shift {scaling.shift:+.3f}'
        if scaling == Scaling():
            words = 'left as it is: too few answers to tell, or nothing to correct'
        lines.append(f'{score.value:12}{words}')
    lines.append('')
    existence = compared[Score.EXISTENCE]
    for state, judged in (('before', existence.before), ('after', existence.after)):
        accepted, refused = decisions(judged)
        lines.append(
            f'existence from {THRESHOLD} on, {state}: {accepted:.3f} of what is there is found, '
            f'{refused:.3f} of the rest refused'
        )
    return '\n'.join(lines)


def measured(
    compared: Mapping[Score, Comparison], fitted: range, judged: range, model: str
) -> dict[str, Any]:
    """Return where a calibration comes from, in types of JSON; scenes are given by their seeds."""
    return {
        'date': date.today().isoformat(),
        'model': model,
        'machine': platform.machine(),
        'fitted_on_seeds': [fitted.start, fitted.stop - 1],
        'judged_on_seeds': [judged.start, judged.stop - 1],
        'figures': {
            score.value: {
                state: rounded(figures)
                for state, figures in zip(('before', 'after'), both.figures, strict=True)
            }
            for score, both in compared.items()
        },
    }


def rounded(figures: Reliability) -> dict[str, float | None]:
    """Return the figures to four decimals; None where nothing was measured."""
    return {
        name: None if math.isnan(value) else round(value, 4)
        for name, value in asdict(figures).items()
    }
