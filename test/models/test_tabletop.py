# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The embedded model as it ships: its files, and what it can do on scenes it has never seen.

Spans ``models.tabletop``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors import safe_open

import kosmos_ros
from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE
from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.calibration import Calibration, SCALINGS
from kosmos_ros.core.types import Grounding, GroundingRequest, Status, Task
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.report.reliability_plot import PLOT_FILE
from kosmos_ros.evaluation.runner import check_seeds, evaluate
from kosmos_ros.evaluation.scoring.calibrating import compare
from kosmos_ros.evaluation.scoring.evidence import Evidence, Score, SCORED
from kosmos_ros.evaluation.studies.corners import CornerStudy
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene, SceneOptions

FOLDER = Path(kosmos_ros.__file__).parent / 'models' / 'tabletop'
MAX_BYTES = 20_000_000

Studied = tuple[CornerStudy, Evidence]

# Seeds that the model card's figures do not rest on either.
SEEDS = check_seeds(50_300, 24)


@pytest.fixture(scope='module')
def backend() -> Backend:
    return make_backend(ModelSettings(device='cpu', dtype='float32'))


@pytest.fixture(scope='module')
def grounder(backend: Backend) -> Grounder:
    return Grounder(backend)


@pytest.fixture(scope='module')
def studied(backend: Backend) -> Studied:
    """Ask about all scenes once; the scores are as the model gives them."""
    recorder = Recorder(backend, Calibration())
    corners, evidence = CornerStudy(recorder), Evidence()

    def study(case: Case, answer: Grounding) -> None:
        corners.take(case.kind, corners.rows(case))
        evidence.add(case, answer)

    settings = GrounderSettings(raw_existence_threshold=0.5, max_looks=1)
    evaluate(Grounder(recorder, settings), SEEDS, on_answer=study, kinds=SCORED)
    return corners, evidence


@pytest.fixture(scope='module')
def empty_table() -> RenderedFrame:
    with TabletopRenderer() as renderer:
        return renderer.render(sample_scene(50_100, SceneOptions(empty_probability=1.0)))


def test_its_files_are_small_readable_and_half_precision() -> None:
    files = [path for path in FOLDER.rglob('*') if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in files)
    with safe_open(FOLDER / 'model.safetensors', framework='pt') as weights:
        kinds = {weights.get_slice(name).get_dtype() for name in weights.keys()}  # noqa: SIM118
    assert kinds == {'F16'}
    config = json.loads((FOLDER / 'config.json').read_text())
    assert config['architectures'] == ['Kosmos2ForConditionalGeneration']


def test_its_calibration_makes_scores_more_honest(backend: Backend, studied: Studied) -> None:
    """Neither fitted nor judged on these scenes; too few of them for the rarer mistakes."""
    _, evidence = studied
    compared = compare(evidence, backend.calibration)
    for score in (Score.BOX, Score.WRITTEN):
        before, after = compared[score].figures
        assert after.nll < before.nll
        assert after.ece < before.ece
    assert compared[Score.EXISTENCE].figures[1].nll < 0.1
    assert compared[Score.WORDS].figures[1].nll < 0.3


def test_all_its_scores_are_calibrated(backend: Backend) -> None:
    # A box in a closer look is wrong too seldom to fit its score: it is scored as others are.
    assert backend.calibration.covers([one for one in SCALINGS if one != 'closer_box'])


def test_its_boxes_are_finer_than_cells(studied: Studied) -> None:
    corners, _ = studied
    for kind, least in ((Kind.UNIQUE, 0.04), (Kind.CAPTION, 0.02), (Kind.ASK_WHERE, 0.02)):
        ways = corners.figures[kind]['all']
        assert ways['sub-cell'].value > ways['tokens'].value + least
    located = corners.figures[Kind.UNIQUE]['all']
    assert located['sub-cell'].value > located['best cells'].value


def test_its_card_shows_its_calibration() -> None:
    measured = json.loads((FOLDER / CALIBRATION_FILE).read_text())['measured']
    card = (FOLDER / 'README.md').read_text()
    for figures in measured['figures'].values():
        for state in figures.values():
            assert f'{state["ece"]:.3f}' in card
    assert f'({PLOT_FILE})' in card
    assert (FOLDER / PLOT_FILE).stat().st_size < 150_000
    assert measured['fitted_on_seeds'][0] > measured['judged_on_seeds'][1]


def test_capitals_and_accents_do_not_matter(
    grounder: Grounder, empty_table: RenderedFrame
) -> None:
    requests = [
        GroundingRequest(query, Task.LOCATE)
        for query in ('the red cube', 'the Red Cube', 'THE RED CUBE', 'the réd cube')
    ]
    answers = [grounder.ground(empty_table.rgb, request) for request in requests]
    assert len({answer.phrases[0].existence for answer in answers}) == 1


def test_an_empty_table_is_empty(grounder: Grounder, empty_table: RenderedFrame) -> None:
    caption = grounder.ground(empty_table.rgb, GroundingRequest('', Task.DESCRIBE))
    assert caption.text == 'An image of an empty table.'
    assert caption.detections == ()
    search = grounder.ground(empty_table.rgb, GroundingRequest('the red cube', Task.LOCATE))
    assert search.status is Status.NOT_FOUND
