# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Tests of ``evaluation.report.calibration_page`` and ``roc_plot``.

Spans ``evaluation.report.calibration_page`` and ``evaluation.report.roc_plot``.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
import numpy as np
import pytest

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.evaluation.report.calibration_page import ROC_FILE, save_page
from kosmos_ros.evaluation.report.calibration_report import Origin
from kosmos_ros.evaluation.report.roc_plot import roc_figure
from kosmos_ros.evaluation.scoring.calibrating import compare
from kosmos_ros.evaluation.scoring.evidence import Evidence, Given, Score
from kosmos_ros.evaluation.scoring.reliability import Judged
from kosmos_ros.results.plot_style import LIGHT

FITTED = Calibration(existence=Scaling(2.0), fitted=('existence',))


def axes_of(*curves: Judged) -> int:
    figure: Figure = roc_figure(dict(zip('ab', curves, strict=False)), LIGHT, 'title', ('x', 'y'))
    return len(figure.axes[0].child_axes)


def test_the_corner_is_enlarged_only_where_no_curve_runs_below() -> None:
    right = np.array([1.0, 1.0, 0.0, 0.0])
    good = Judged(np.array([0.9, 0.8, 0.2, 0.1]), right)
    blind = Judged(np.full(4, 0.9), right)
    assert axes_of(good) == 1
    assert axes_of(good, blind) == 0


@pytest.mark.parametrize('boxes', [0, 40])
def test_the_page_has_what_was_judged(tmp_path: Path, boxes: int) -> None:
    evidence = Evidence()
    evidence.given[Score.EXISTENCE] = [Given(0.9, right=bool(n % 2)) for n in range(40)]
    evidence.given[Score.BOX] = [Given(0.5, right=bool(n % 2)) for n in range(boxes)]
    compared = compare(evidence, FITTED)
    origin = Origin('some images', 'others', {}, {'words': 'labels are no <names>'})
    page = save_page(compared, FITTED, '<model>', origin, tmp_path).read_text()
    assert '&lt;model&gt;: fitted on some images, judged on others' in page
    assert 'existence of a phrase' in page
    assert ('located box (IoU at least 0.5), before' in page) == bool(boxes)
    assert 'expression: stays as the model gives it: labels are no &lt;names&gt;' in page
    assert 'no answer had one that the labels can judge' in page
    assert 'answers that say &quot;calibrated&quot;: none; not those of LOCATE' in page
    assert 'says little' in page
    assert (tmp_path / ROC_FILE).stat().st_size > 1000
