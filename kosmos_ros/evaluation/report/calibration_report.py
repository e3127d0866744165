# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Reliability of scores, as a table for people and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
import math
import platform
from typing import Any

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.evaluation.scoring.calibrating import (
    Comparison,
    decisions,
    OTHERWISE,
    RAW_THRESHOLD,
    scaling_of,
    THRESHOLD,
)
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.evaluation.scoring.fitting import MIN_OUTCOMES
from kosmos_ros.evaluation.scoring.reliability import Reliability

HEADER = (
    f'{"score":17}{"":8}{"of":>6}{"mean":>8}{"right":>8}{"ECE":>8}{"95 % interval":>17}'
    f'{"chance":>8}{"Brier":>8}{"NLL":>8}{"AUC":>8}'
)


_UNFITTED = 'stays as the model gives it'

GOOD_AREA = 0.8
"""Area under the ROC curve below which an existence says little."""


@dataclass(frozen=True)
class Origin:
    """
    What a calibration was fitted on and judged by, in words and in types of JSON.

    ``unasked`` says by the name of a score why its data cannot tell what is right.
    """

    fitted: str
    judged: str
    data: Mapping[str, Any]
    unasked: Mapping[str, str] = field(default_factory=dict)


def origin_of_scenes(fitted: range, judged: range) -> Origin:
    """Return that of simulated scenes, given by their seeds."""
    return Origin(
        f'{len(fitted)} scenes (seeds {fitted.start}..{fitted.stop - 1})',
        f'{len(judged)} others (seeds {judged.start}..{judged.stop - 1})',
        {
            'fitted_on_seeds': [fitted.start, fitted.stop - 1],
            'judged_on_seeds': [judged.start, judged.stop - 1],
        },
    )


def heading(model: str, origin: Origin) -> str:
    """Return what was measured as a line."""
    return f'{model}: fitted on {origin.fitted}, judged on {origin.judged}'


def row(score: Score, figures: Reliability, state: str = '') -> str:
    """Return the figures of one sort of score as a line below ``HEADER``."""
    interval = f'{figures.ece_low:.3f}..{figures.ece_high:.3f}'
    return (
        f'{score.value:17}{state:8}{figures.count:6}{figures.mean_score:8.3f}'
        f'{figures.share_right:8.3f}{figures.ece:8.3f}{interval:>17}{figures.ece_chance:8.3f}'
        f'{figures.brier:8.3f}{figures.nll:8.3f}{figures.auc:8.3f}'
    )


def table(compared: Mapping[Score, Comparison], calibration: Calibration, origin: Origin) -> str:
    """Return figures before and after as lines for a terminal, and the scalings found."""
    lines = [HEADER]
    for score, comparison in compared.items():
        before, after = comparison.figures
        if before.count:
            lines += [row(score, before, 'before'), row(score, after, 'after')]
    lines.append('')
    lines += [
        f'{score.value:17}{scaling_in_words(calibration, score, both, origin)}'
        for score, both in compared.items()
    ]
    return '\n'.join([*lines, '', *remarks(compared, calibration)])


def scaling_in_words(
    calibration: Calibration, score: Score, compared: Comparison, origin: Origin
) -> str:
    """Return what is done to scores of one sort, and why nothing where nothing is."""
    if not calibration.covers([score.value]):
        state = f'is that of "{OTHERWISE[score].value}"' if score in OTHERWISE else _UNFITTED
        return f'{state}: {_why_not(score, compared, origin)}'
    if score is Score.EXISTENCE and calibration.fusions:
        levels = ', '.join(calibration.fusions)
        return f'fused from signals, as far as they are measured: {levels}'
    scaling = scaling_of(calibration, score)
    if scaling == Scaling():
        return 'nothing to correct'
    return f'temperature {scaling.temperature:.3f}, shift {scaling.shift:+.3f}'


def _why_not(score: Score, compared: Comparison, origin: Origin) -> str:
    if score.value in origin.unasked:
        return origin.unasked[score.value]
    right = int(compared.before.right.sum())
    count = len(compared.before)
    if not count:
        return 'no answer had one that the labels can judge'
    return (
        f'fitting needs {MIN_OUTCOMES} right and {MIN_OUTCOMES} wrong answers (those to judge by '
        f'were {right} right and {count - right} wrong)'
    )


def tasks_in_words(calibration: Calibration) -> str:
    """Return which tasks will say that their answers are calibrated."""
    done = [task.name for task, row in TABLE.items() if calibration.covers(row.scores)]
    left = [task.name for task in TABLE if task.name not in done]
    told = f'answers that say "calibrated": {", ".join(done) or "none"}'
    return f'{told}; not those of {", ".join(left)}' if left else told


def remarks(compared: Mapping[Score, Comparison], calibration: Calibration) -> Iterator[str]:
    """Yield what follows for answers: which are calibrated, what existences decide."""
    yield tasks_in_words(calibration)
    existence = compared[Score.EXISTENCE]
    states = [('as the model gives it', existence.before, RAW_THRESHOLD)]
    if calibration.covers([Score.EXISTENCE.value]):
        states.append(('calibrated', existence.after, THRESHOLD))
    for state, judged, threshold in states:
        accepted, refused = decisions(judged, threshold)
        yield (
            f'existence {state}, from {threshold} on: {accepted:.3f} of what is there is found, '
            f'{refused:.3f} of the rest refused'
        )
    area = existence.figures[0].auc
    if area < GOOD_AREA:
        yield (
            f'existences hardly tell what is there from what is not: the area under their ROC '
            f'curve is {area:.2f}, and 0.5 is chance. NOT_FOUND of this model says little.'
        )


def measured(
    compared: Mapping[Score, Comparison], calibration: Calibration, origin: Origin, model: str
) -> dict[str, Any]:
    """Return where a calibration comes from, in types of JSON."""
    return {
        'date': date.today().isoformat(),
        'model': model,
        'machine': platform.machine(),
        **origin.data,
        'figures': {
            score.value: {
                state: rounded(figures)
                for state, figures in zip(('before', 'after'), both.figures, strict=True)
            }
            for score, both in compared.items()
        },
        'not_fitted': {
            score.value: _why_not(score, both, origin)
            for score, both in compared.items()
            if not calibration.covers([score.value])
        },
    }


def rounded(figures: Reliability) -> dict[str, float | None]:
    """Return the figures to four decimals; None where nothing was measured."""
    return {
        name: None if math.isnan(value) else round(value, 4)
        for name, value in asdict(figures).items()
    }
