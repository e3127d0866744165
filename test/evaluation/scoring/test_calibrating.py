# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``calibrating``, ``calibration_report`` and ``reliability_plot``."""

from __future__ import annotations

from dataclasses import replace
import json
import math
from pathlib import Path

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.signals import Signals
from kosmos_ros.evaluation.report.calibration_report import (
    heading,
    measured,
    origin_of_scenes,
    remarks,
    table,
    tasks_in_words,
)
from kosmos_ros.evaluation.report.reliability_plot import bin_equally, save_plot, wilson_interval
from kosmos_ros.evaluation.scoring.calibrating import (
    compare,
    decisions,
    fit_calibration,
    RAW_THRESHOLD,
    THRESHOLD,
    threshold_of,
)
from kosmos_ros.evaluation.scoring.evidence import Evidence, Given, Score
from kosmos_ros.evaluation.scoring.reliability import Judged

TRUTH = Calibration(
    existence=Scaling(0.5, 1.0),
    box=Scaling(0.6, 1.5),
    written=Scaling(2.0),
    words=Scaling(),
    closer_existence=Scaling(1.5, -0.5),
    closer_box=Scaling(0.8, 0.5),
)
COUNT = 4000
SEEDS = origin_of_scenes(range(600, 700), range(50))


def evidence_of(calibration: Calibration, seed: int) -> Evidence:
    """Draw scores that a calibration makes right; boxes of refused phrases are all wrong."""
    rng = np.random.default_rng(seed)
    evidence = Evidence()
    for score in Score:
        scaling: Scaling = getattr(calibration, score.value)
        for raw in 1 / (1 + np.exp(-rng.normal(0.3, 2.0, COUNT))):
            right = bool(rng.random() < scaling(raw))
            evidence.given[score].append(Given(float(raw), right))
    refused = [Given(0.9, right=False, existence=0.01) for _ in range(COUNT)]
    for boxes in (Score.BOX, Score.CLOSER_BOX):
        evidence.given[boxes] += refused
    return evidence


@pytest.fixture(scope='module')
def found() -> Calibration:
    return fit_calibration(evidence_of(TRUTH, seed=1))


def test_each_scaling_is_found(found: Calibration) -> None:
    for score in Score:
        scaling, true = getattr(found, score.value), getattr(TRUTH, score.value)
        assert scaling.temperature == pytest.approx(true.temperature, rel=0.15), score
        assert scaling.shift == pytest.approx(true.shift, abs=0.25), score


def test_scores_are_better_on_other_scenes(found: Calibration) -> None:
    compared = compare(evidence_of(TRUTH, seed=2), found)
    assert len(compared[Score.BOX].before) == COUNT
    for score in (Score.EXISTENCE, Score.BOX, Score.WRITTEN):
        before, after = compared[score].figures
        assert after.nll < before.nll
        assert after.ece < 0.5 * before.ece
        assert after.ece < 3 * after.ece_chance
        assert after.share_right == before.share_right


def test_without_a_calibration_the_threshold_is_higher() -> None:
    assert threshold_of(Calibration(fitted=('existence',))) == THRESHOLD
    assert threshold_of(Calibration()) == RAW_THRESHOLD > THRESHOLD


def always_boxes(seed: int, *, tells: float) -> Evidence:
    """Draw answers of a model that is sure of everything; its corners may tell what is there."""
    rng = np.random.default_rng(seed)
    evidence = Evidence()
    for number in range(400):
        there = bool(number % 2)
        mass = float(np.clip(rng.normal(0.5 + (tells if there else -tells), 0.1), 0.0, 1.0))
        signals = Signals(5.0, 1.0, mass, mass, 1.0 - mass, 1.0 - mass, 0.1)
        evidence.given[Score.EXISTENCE].append(Given(0.99, there, signals=signals))
        evidence.given[Score.BOX].append(Given(0.9, there, 0.99, signals))
    return evidence


def test_signals_that_tell_more_than_their_weights_cost_are_fused() -> None:
    fitted = fit_calibration(always_boxes(1, tells=0.2))
    assert set(fitted.fusions) == {'free'}
    compared = compare(always_boxes(2, tells=0.2), fitted)
    before, after = compared[Score.EXISTENCE].figures
    assert before.auc == pytest.approx(0.5)
    assert after.auc > 0.95
    assert after.ece < 0.05
    # Boxes of what is refused are not shown, so that hardly any of those that are is wrong.
    shown = compared[Score.BOX].before
    assert len(shown) < 250
    assert shown.right.mean() > 0.9
    text = table(compared, fitted, SEEDS)
    assert 'fused from signals, as far as they are measured: free' in text


def test_signals_that_tell_nothing_are_left_out() -> None:
    assert not fit_calibration(always_boxes(1, tells=0.0)).fusions


def test_too_few_answers_leave_a_score_as_it_is() -> None:
    evidence = evidence_of(TRUTH, seed=5)
    right = [one for one in evidence.given[Score.WORDS] if one.right]
    evidence.given[Score.WORDS] = right
    evidence.given[Score.WRITTEN] = []
    found = fit_calibration(evidence)
    assert found.fitted == ('existence', 'box', 'closer_existence', 'closer_box')
    assert found.covers(['existence', 'box'])
    assert not found.covers(['words'])
    compared = compare(evidence, found)
    text = table(compared, found, SEEDS)
    assert f'{"words":17}stays as the model gives it: fitting needs 10 right and 10 wrong' in text
    assert f'(those to judge by were {len(right)} right and 0 wrong)' in text
    assert f'{"written":17}stays as the model gives it: no answer had one' in text
    assert 'answers that say "calibrated": LOCATE, INSTRUCT; not those of DESCRIBE, ' in text
    why = measured(compared, found, replace(SEEDS, unasked={'words': 'of one way'}), 'm')
    assert why['not_fitted']['words'] == 'of one way'
    assert list(why['not_fitted']) == ['written', 'words']


def test_without_closer_looks_theirs_are_scored_as_others_are() -> None:
    evidence = evidence_of(TRUTH, seed=7)
    closer = (Score.CLOSER_EXISTENCE, Score.CLOSER_BOX)
    fitted = fit_calibration(
        Evidence({score: [] if score in closer else evidence.given[score] for score in Score})
    )
    assert fitted.fitted == ('existence', 'box', 'written', 'words')
    compared = compare(evidence, fitted)
    for score, usual in zip(closer, (Score.EXISTENCE, Score.BOX), strict=True):
        before, after = (getattr(compared[score], state).scores for state in ('before', 'after'))
        scaling: Scaling = getattr(fitted, usual.value)
        assert scaling != Scaling()
        np.testing.assert_allclose(after, [scaling(one) for one in before])
    nothing = table(compare(Evidence(), fitted), fitted, SEEDS)
    assert f'{"closer_box":17}is that of "box": no answer had one' in nothing


def test_with_every_score_fitted_every_task_is_calibrated(found: Calibration) -> None:
    assert tasks_in_words(found).endswith('LOCATE, DESCRIBE, IDENTIFY, ASK, INSTRUCT, RAW')
    assert 'say "calibrated": none; not those of' in tasks_in_words(Calibration())


def test_decisions_are_shares_of_either_kind() -> None:
    judged = Judged(np.array([0.9, 0.5, 0.4, 0.6, 0.1]), np.array([1.0, 1.0, 1.0, 0.0, 0.0]))
    assert decisions(judged) == (pytest.approx(2 / 3), pytest.approx(1 / 2))
    assert decisions(judged, 0.05) == (1.0, 0.0)
    accepted, refused = decisions(Judged(np.array([0.9]), np.array([1.0])))
    assert accepted == 1.0
    assert math.isnan(refused)


def test_reports_tell_before_and_after(found: Calibration) -> None:
    compared = compare(evidence_of(TRUTH, seed=3), found)
    text = table(compared, found, SEEDS)
    for score in Score:
        assert f'{score.value:17}before' in text
        scaling: Scaling = getattr(found, score.value)
        left = f'{score.value:17}nothing to correct'
        fitted = f'{score.value:17}temperature {scaling.temperature:.3f}'
        assert (left if scaling == Scaling() else fitted) in text
    assert 'seeds 600..699' in heading('m', SEEDS)
    origin = measured(compared, found, SEEDS, 'm')
    assert json.loads(json.dumps(origin, allow_nan=False)) == origin
    assert origin['fitted_on_seeds'] == [600, 699]
    assert origin['judged_on_seeds'] == [0, 49]
    box = origin['figures']['box']
    assert box['before']['count'] == COUNT
    assert box['after']['ece'] < box['before']['ece']


def test_what_was_not_seen_is_null_in_reports() -> None:
    compared = compare(Evidence(), Calibration())
    origin = measured(compared, Calibration(), SEEDS, 'm')
    assert origin['figures']['words']['after']['ece'] is None
    assert 'nan' in table(compared, Calibration(), SEEDS)


def test_existences_that_tell_nothing_are_told(found: Calibration) -> None:
    evidence = Evidence()
    evidence.given[Score.EXISTENCE] = [Given(0.9, right=bool(n % 2)) for n in range(100)]
    blind = ' '.join(
        remarks(compare(evidence, fit_calibration(evidence)), fit_calibration(evidence))
    )
    assert 'NOT_FOUND of this model says little' in blind
    seeing = ' '.join(remarks(compare(evidence_of(TRUTH, seed=6), found), found))
    assert 'says little' not in seeing


def test_bars_hold_their_scores() -> None:
    judged = Judged(np.array([0.0, 0.05, 0.55, 0.95, 1.0]), np.array([0.0, 1.0, 1.0, 1.0, 1.0]))
    means, shares, counts = bin_equally(judged, bars=10)
    assert counts.tolist() == [2, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert means[[0, 5, 9]] == pytest.approx([0.025, 0.55, 0.975])
    assert shares[[0, 5, 9]] == pytest.approx([0.5, 1.0, 1.0])
    assert np.isnan(means[1])


def test_an_interval_by_hand() -> None:
    """Wilson's for 8 of 10: 0.490 to 0.943 (Agresti and Coull 1998 print it to two places)."""
    low, high = wilson_interval(np.array([0.8]), np.array([10.0]))
    assert (low[0], high[0]) == (pytest.approx(0.490, abs=1e-3), pytest.approx(0.943, abs=1e-3))


@pytest.mark.parametrize('seen', [tuple(Score), (Score.EXISTENCE,), ()])
def test_a_plot_is_drawn(found: Calibration, tmp_path: Path, seen: tuple[Score, ...]) -> None:
    evidence = evidence_of(TRUTH, seed=4)
    for score in set(Score) - set(seen):
        evidence.given[score] = []
    path = save_plot(compare(evidence, found), 'a model', tmp_path / 'new')
    with Image.open(path) as picture:
        assert picture.width > 800
        colors = np.unique(np.asarray(picture.convert('RGB')).reshape(-1, 3), axis=0)
        assert len(colors) > 10 * len(seen)
