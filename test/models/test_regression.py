# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The embedded model keeps what its card promises.

200 scenes that neither training nor card know are asked about as ``kosmos-ros eval`` does. What is
allowed below the card's figures, and what never, is in ``scripts/card``.

Spans ``models.tabletop`` and ``evaluation``.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from functools import partial
from pathlib import Path
import shutil
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE
from kosmos_ros.cli import make_parser
from kosmos_ros.commands.runs.eval import make_asker, open_data_set
from kosmos_ros.commands.runs.eval_jobs import answers, Work
from kosmos_ros.evaluation.questions.cases import Kind
from kosmos_ros.evaluation.report.figures import About, data
from kosmos_ros.evaluation.runner import records
from kosmos_ros.evaluation.scoring.records import Record, record_from_data
from kosmos_ros.evaluation.summary import Summary
from scripts.card.results import load, STANDARD_PART
from scripts.card.targets import KINDS, misses, TARGETS

# Scenes are asked about in two processes; a machine that does other things too takes its time.
pytestmark = pytest.mark.timeout(900)

SCENES, FIRST_SEED = 200, 50_000
ASKED = tuple(KINDS | {Kind.INSTRUCT_ABSENT})
WEIGHTS = 'model.safetensors'
NOISE = 0.4


def arguments_of(scenes: int, model: str = 'tabletop') -> Namespace:
    """Return what ``kosmos-ros eval`` would be told, of one look at each image as for the card."""
    told = ['--scenes', str(scenes), '--seed', str(FIRST_SEED), '--model', model]
    told += ['--max-looks', '1']
    return make_parser().parse_args(['eval', *told])


def figures_of(answered: Iterable[Record]) -> dict[str, Any]:
    """Return what ``kosmos-ros eval`` would save."""
    return data(Summary(answered), About('tabletop', 'tabletop-standard', SCENES))


def asked_in_turn(arguments: Namespace) -> list[Record]:
    """Ask about all scenes in this process."""
    with open_data_set(arguments) as data_set:
        asker, study = make_asker(arguments, studied=False)
        return list(records(asker, data_set, kinds=ASKED, study=study))


@pytest.fixture(scope='module')
def card() -> dict[str, Any]:
    results = load(find_checkpoint('tabletop'))
    assert results is not None
    return results['parts'][STANDARD_PART]


@pytest.fixture(scope='module')
def answered() -> list[Record]:
    """Ask about all scenes in two processes, one for each core."""
    arguments = arguments_of(SCENES)
    work = Work(arguments, open_data_set, partial(make_asker, studied=False), ASKED)
    items = [item.id for item in open_data_set(arguments)]
    return [
        record_from_data(key, entry) for item in answers(work, items, 2) for key, entry in item
    ]


@pytest.fixture(scope='module')
def seen(answered: list[Record]) -> dict[str, Any]:
    return figures_of(answered)


def test_it_is_as_good_as_its_card_says(card: dict[str, Any], seen: dict[str, Any]) -> None:
    assert list(misses(card, seen)) == []


def test_enough_was_asked_to_tell(seen: dict[str, Any]) -> None:
    assert min(target.read(seen).count for target in TARGETS) >= 40
    assert seen['images'] == SCENES


def test_what_an_instruction_names_and_is_not_there_is_told(seen: dict[str, Any]) -> None:
    absent = seen['figures'][Kind.INSTRUCT_ABSENT.value]['refused']
    assert absent['of'] > 100
    assert absent['value'] > 0.9


def test_several_processes_answer_as_one_does(answered: list[Record]) -> None:
    alone = asked_in_turn(arguments_of(1))
    assert len(alone) > 8
    for one, other in zip(alone, answered[: len(alone)], strict=True):
        assert (one.key, one.case) == (other.key, other.case)
        assert (one.answer.status, one.answer.text) == (other.answer.status, other.answer.text)
        assert len(one.answer.detections) == len(other.answer.detections)


def test_a_worse_model_does_not_pass(card: dict[str, Any], tmp_path: Path) -> None:
    """Noise of two fifths of the weights' spread; a few scenes show it."""
    shutil.copytree(find_checkpoint('tabletop'), tmp_path / 'noisy')
    for kept in (CHECKSUMS, SELF_CHECK_FILE):
        (tmp_path / 'noisy' / kept).unlink()
    rng = np.random.default_rng(0)
    weights = {
        name: (values + NOISE * values.std() * rng.standard_normal(values.shape)).astype(
            values.dtype
        )
        for name, values in load_file(tmp_path / 'noisy' / WEIGHTS).items()
    }
    save_file(weights, tmp_path / 'noisy' / WEIGHTS, {'format': 'pt'})
    worse = figures_of(asked_in_turn(arguments_of(8, str(tmp_path / 'noisy'))))
    missed = ' '.join(misses(card, worse))
    for figure in ('LOCATE, one object: IoU at least 0.5', 'IDENTIFY', 'DESCRIBE', 'INSTRUCT'):
        assert figure in missed
