# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where the embedded model and a depth camera see things, against where the simulator put them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.runner import check_seeds, evaluate
from kosmos_ros.evaluation.studies.positions import Errors, PositionStudy, Way, with_faults

SCENES = 30


@pytest.fixture(scope='module')
def study() -> PositionStudy:
    """Ask the embedded model about single objects of held-out scenes."""
    study = PositionStudy()
    grounder = Grounder(make_backend(ModelSettings()))
    evaluate(
        grounder,
        check_seeds(2000, SCENES),
        on_answer=lambda case, answer: study.take(study.rows(case, answer)),
        kinds={Kind.UNIQUE},
        on_frame=study.look,
    )
    return study


@pytest.mark.parametrize(
    ('way', 'median', 'most'),
    [(Way.TRUE, 0.01, 0.03), (Way.RETURNED, 0.01, 0.03), (Way.FAULTY, 0.015, 0.04)],
)
def test_positions_are_right_to_centimetres(
    study: PositionStudy, way: Way, median: float, most: float
) -> None:
    errors = study.total(way)
    assert errors.count > SCENES
    assert errors.none == 0
    assert errors.quantile(0.5) < median
    assert errors.quantile(0.9) < most


def test_errors_without_positions_are_no_number() -> None:
    study = PositionStudy()
    study.take([(Way.TRUE.name, 'cube', None)] * 3)
    study.take([(Way.TRUE.name, 'ball', distance) for distance in (0.25, None)])
    errors = study.total(Way.TRUE)
    assert (errors.count, errors.none, errors.quantile(0.5)) == (5, 4, 0.25)
    assert math.isnan(Errors(none=3).quantile(0.5))


def test_faults_are_those_of_a_depth_camera() -> None:
    depth = np.full((240, 320), 1.0, np.float32)
    depth[:, 160:] = 0.5
    depth[:20] = np.inf
    faulty = with_faults(depth, np.random.default_rng(0))
    assert (faulty.shape, faulty.dtype) == (depth.shape, np.float32)
    assert not (faulty[:20] > 0).any()
    seen = faulty[40:]
    valid = seen > 0
    assert 0.1 < 1 - valid.mean() < 0.25
    assert np.allclose(1000 * seen[valid], np.round(1000 * seen[valid]), atol=1e-3)
    assert np.std(seen[:, :150][valid[:, :150]]) == pytest.approx(0.0023, rel=0.1)
    assert ((seen > 0.55) & (seen < 0.95)).any()
    assert np.array_equal(faulty, with_faults(depth, np.random.default_rng(0)), equal_nan=True)
