# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.types`` and ``core.model.grammar``."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from kosmos_ros.core.errors import InvalidRegionError, InvalidRequestError
from kosmos_ros.core.model.grammar import Cell, GrammarIds, Prompt, Tag
from kosmos_ros.core.types import (
    Box,
    Grounding,
    GroundingRequest,
    Phrase,
    Region,
    ScoredBox,
    Status,
    Task,
)

NAN = float('nan')


@pytest.mark.parametrize(
    'corners',
    [
        (0.5, 0.0, 0.4, 1.0),
        (0.0, 0.5, 1.0, 0.4),
        (-0.1, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, 1.1),
        (NAN, 0.0, 1.0, 1.0),
    ],
)
def test_corners_that_make_no_box_are_refused(corners: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match='a box needs'):
        Box(*corners)


def test_a_box_knows_its_extent() -> None:
    box = Box(0.25, 0.5, 0.75, 0.75)
    assert (box.width, box.height, box.area) == (0.5, 0.25, 0.125)


def test_values_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Box(0, 0, 1, 1).x0 = 0.5  # type: ignore[misc]


@pytest.mark.parametrize('values', [(-1, 0, 1, 1), (0, -1, 1, 1), (0, 0, 0, 1), (0, 0, 1, -5)])
def test_regions_without_pixels_are_refused(values: tuple[int, ...]) -> None:
    with pytest.raises(InvalidRegionError, match='a region needs'):
        Region(*values)


@pytest.mark.parametrize('value', [-0.1, 1.1, NAN, float('inf')])
def test_scores_are_probabilities(value: float) -> None:
    with pytest.raises(ValueError, match='score must be a probability'):
        ScoredBox(Box(0, 0, 1, 1), value)
    with pytest.raises(ValueError, match='existence must be a probability'):
        Phrase('a', 0, 1, existence=value)
    with pytest.raises(InvalidRequestError, match='min_score'):
        GroundingRequest(min_score=value)


def test_a_request_cannot_ask_for_fewer_than_no_boxes() -> None:
    with pytest.raises(InvalidRequestError, match='max_detections'):
        GroundingRequest(max_detections=-1)


@pytest.mark.parametrize('span', [(-1, 2), (3, 2)])
def test_spans_run_forward(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match='a span needs'):
        Phrase('a', *span)


@pytest.mark.parametrize(
    ('phrase', 'message'),
    [
        (Phrase('a cube', 0, 5), 'not at its place'),
        (Phrase('cubes', 2, 7), 'not at its place'),
        (Phrase('a cube', 0, 6, detections=(1,)), 'names none of 1 detections'),
        (Phrase('a cube', 0, 6, detections=(-1,)), 'names none of 1 detections'),
    ],
)
def test_phrases_point_into_their_answer(phrase: Phrase, message: str) -> None:
    values: dict[str, Any] = {'detections': (ScoredBox(Box(0, 0, 1, 1), 0.5),)}
    with pytest.raises(ValueError, match=message):
        Grounding(Task.ASK, Status.FOUND, 9, 9, text='a cube', phrases=(phrase,), **values)


@pytest.mark.parametrize('index', [-1, 1024])
def test_cells_are_on_the_grid(index: int) -> None:
    with pytest.raises(ValueError, match='cell index'):
        Cell(index)


def test_a_prompt_spells_its_parts() -> None:
    assert str(Prompt((Tag.PHRASE, ' a', Cell(7), Tag.DELIMITER))) == (
        '<phrase> a<patch_index_0007></delimiter_of_multi_objects/>'
    )


def test_ids_beyond_the_grid_are_no_cells() -> None:
    ids = GrammarIds(bos=0, eos=2, pad=1, tags={}, first_cell=64013, size=65037)
    assert ids.cell_of(64013) == Cell(0)
    assert ids.cell_of(65036) == Cell(1023)
    assert ids.cell_of(64012) is None
    assert ids.cell_of(65037) is None
