# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A calibration as a web page in one file, and its ROC curves as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
import math
from pathlib import Path
from typing import Any

from kosmos_ros.core.files import write_bytes, write_text
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.evaluation.report.calibration_report import (
    heading,
    Origin,
    remarks,
    scaling_in_words,
    table,
)
from kosmos_ros.evaluation.report.reliability_plot import reliability_figure, TITLES
from kosmos_ros.evaluation.report.roc_plot import roc_figure
from kosmos_ros.evaluation.scoring.calibrating import Comparison
from kosmos_ros.evaluation.scoring.evidence import Score
from kosmos_ros.results import page as parts
from kosmos_ros.results.plot_style import as_png, DARK, LIGHT, Theme

PAGE_FILE, ROC_FILE = 'calibration.html', 'roc.png'

_HEAD = ('score', 'of', 'right', 'mean before', 'after', 'ECE before', 'after', 'AUC')


def save_page(
    compared: Mapping[Score, Comparison],
    calibration: Calibration,
    model: str,
    origin: Origin,
    folder: Path,
) -> Path:
    """
    Write the page and ``roc.png``; return the page's path.

    :param origin: what was fitted and judged.
    """
    seen = {score: both for score, both in compared.items() if len(both.before)}
    curves = {
        TITLES[score]: both.before
        for score, both in seen.items()
        if not math.isnan(both.figures[0].auc)
    }

    def roc(theme: Theme) -> Any:
        labels = ('share of what is wrong that passes', 'share of what is right that passes')
        return roc_figure(curves, theme, 'Right from wrong, by their scores (ROC)', labels)

    write_bytes(folder / ROC_FILE, as_png(roc(LIGHT)))
    body = [
        '<p class="faint">Measured with kosmos-ros calibrate. ECE: mean distance between score '
        'and share of right answers. AUC: area under the ROC curve, which no calibration '
        'changes.</p>',
        parts.tiles(_headlines(seen)),
        *(f'<p>{escape(remark)}</p>' for remark in remarks(compared, calibration)),
        parts.table(_HEAD, (_row(score, both) for score, both in seen.items())),
        *(
            f'<p>{escape(TITLES[score])}: '
            f'{escape(scaling_in_words(calibration, score, both, origin))}.</p>'
            for score, both in compared.items()
        ),
        '<h2>Plots</h2><div class="plots">',
        _plot(roc, 'ROC curves of the scores'),
        *_reliabilities(seen),
        '</div><h2>Everything as text</h2>',
        parts.details(
            'the table of the terminal',
            f'<pre>{escape(table(compared, calibration, origin))}</pre>',
        ),
    ]
    path = folder / PAGE_FILE
    write_text(path, parts.page(heading(model, origin), body))
    return path


def _headlines(seen: Mapping[Score, Comparison]) -> Iterator[tuple[str, str]]:
    for score, both in seen.items():
        before, after = both.figures
        yield f'{after.ece:.3f}', f'ECE of {TITLES[score]}, before {before.ece:.3f}'


def _row(score: Score, both: Comparison) -> tuple[str, ...]:
    before, after = both.figures
    means = f'{before.mean_score:.3f}', f'{after.mean_score:.3f}'
    errors = f'{before.ece:.3f}', f'{after.ece:.3f}'
    share, area = f'{before.share_right:.3f}', f'{before.auc:.3f}'
    return (TITLES[score], str(before.count), share, *means, *errors, area)


def _reliabilities(seen: Mapping[Score, Comparison]) -> Iterator[str]:
    for score, both in seen.items():
        states = [('as the model gives it', both.before), ('calibrated', both.after)]
        for state, judged in states[: 1 + both.is_changed]:
            name = f'{TITLES[score].partition(" (")[0]}, {state}'

            def draw(theme: Theme, name: str = name, judged: Any = judged) -> Any:
                return reliability_figure(name, judged, theme)

            yield _plot(draw, f'reliability: {name}')


def _plot(draw: Callable[[Theme], Any], alt: str) -> str:
    return parts.plot(as_png(draw(LIGHT)), as_png(draw(DARK)), alt)
