# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.protocols`` and of the figures that come out of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.types import Box, GroundingRequest, Status, Task
from kosmos_ros.evaluation.protocols import OwnProtocol, paper_prompt, PaperProtocol
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.scoring.metrics import score

IMAGE = np.zeros((48, 64, 3), np.uint8)
LEFT, RIGHT = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)
TOP = Box(0.0, 0.0, 1.0, 0.5)


def spelled(*boxes: Box) -> str:
    """Return boxes as the model writes them."""
    between = '</delimiter_of_multi_objects/>'
    cells = between.join(''.join(map(str, cells_from_box(box))) for box in boxes)
    return f'<object>{cells}</object>'


def expression(*truth: Box, kind: Kind = Kind.EXPRESSION, before: str = '') -> Case:
    things = tuple(NamedBox('dog', box) for box in truth)
    return Case(kind, GroundingRequest('the left dog', Task.LOCATE), things, before=before)


def paper(written: str) -> PaperProtocol:
    asker = PaperProtocol(ScriptedBackend(generated=lambda _: written))
    asker.look(IMAGE)
    return asker


def test_the_prompt_is_that_of_the_authors() -> None:
    assert str(paper_prompt(expression(LEFT))) == '<grounding><phrase> the left dog</phrase>'
    assert (
        str(paper_prompt(expression(LEFT, before='A man with')))
        == '<grounding> A man with<phrase> the left dog</phrase>'
    )


def test_words_of_a_caption_cannot_become_tags() -> None:
    prompt = paper_prompt(expression(LEFT, before='an <object> of'))
    assert ' an <object> of' in prompt.parts


@pytest.mark.parametrize(
    ('written', 'right'),
    [
        (spelled(LEFT), 1.0),
        (spelled(LEFT, RIGHT), 1.0),
        (spelled(RIGHT, LEFT), 0.0),  # the first one counts
        (' is a dog', 0.0),  # no box is a miss
        ('<object><patch_index_0000></object>', 0.0),  # nor is half of one a box
        (f' and<phrase> the cat</phrase>{spelled(LEFT)}', 0.0),  # a box of something else
    ],
)
def test_the_first_box_of_an_expression_counts(written: str, right: float) -> None:
    case = expression(LEFT)
    answer = paper(written).ask(case)
    assert score(case, answer)['Acc@0.5'] == (right, 1)
    assert answer.status is (Status.FOUND if answer.detections else Status.NOT_FOUND)
    assert answer.prompt == '<grounding><phrase> the left dog</phrase>'
    assert (answer.image_width, answer.image_height) == (64, 48)


def test_boxes_run_between_the_centres_of_their_cells() -> None:
    (found,) = paper(spelled(LEFT)).ask(expression(LEFT)).detections
    assert found.box == Box(1 / 64, 1 / 64, 31 / 64, 63 / 64)


@pytest.mark.parametrize(
    ('truth', 'written', 'any_box', 'merged'),
    [
        # (R@1, R@5, R@10) by both protocols.
        ((LEFT, RIGHT), spelled(RIGHT), (1, 1, 1), (0, 0, 0)),
        ((LEFT, RIGHT), spelled(TOP, LEFT), (0, 1, 1), (0, 0, 0)),
        ((LEFT, RIGHT), spelled(Box(0, 0, 1, 1)), (0, 0, 0), (1, 1, 1)),
        ((LEFT,), spelled(*([TOP] * 1), RIGHT), (0, 0, 0), (0, 0, 0)),
        ((LEFT,), '', (0, 0, 0), (0, 0, 0)),
        (
            (LEFT,),
            spelled(*(Box(0.9, row / 8, 1.0, (row + 1) / 8) for row in range(6)), LEFT),
            (0, 0, 1),
            (0, 0, 1),
        ),
    ],
)
def test_recalls_of_a_phrase(
    truth: tuple[Box, ...], written: str, any_box: tuple[int, ...], merged: tuple[int, ...]
) -> None:
    case = expression(*truth, kind=Kind.PHRASE)
    figures = score(case, paper(written).ask(case))
    recalls = [figures[f'R@{count}'][0] for count in (1, 5, 10)]
    assert recalls == [pytest.approx(value) for value in any_box]
    recalls = [figures[f'R@{count} merged'][0] for count in (1, 5, 10)]
    assert recalls == [pytest.approx(value) for value in merged]


def test_a_phrase_that_comes_again_adds_its_boxes() -> None:
    written = f'{spelled(RIGHT)} near<phrase> the left dog</phrase>{spelled(LEFT)}'
    answer = paper(written).ask(expression(LEFT))
    assert len(answer.detections) == 2
    assert answer.phrases[0].detections == (0, 1)


def test_an_image_is_encoded_once_by_either_way() -> None:
    backend = ScriptedBackend()
    makers: list[Callable[[ScriptedBackend], OwnProtocol | PaperProtocol]] = [
        PaperProtocol,
        lambda model: OwnProtocol(Grounder(model)),
    ]
    for make in makers:
        asker, before = make(backend), len(backend.calls.encoded)
        for _ in range(2):
            asker.look(IMAGE)
            asker.ask(expression(LEFT))
            asker.ask(expression(RIGHT))
        assert len(backend.calls.encoded) == before + 2


def test_the_paper_has_no_other_questions() -> None:
    with pytest.raises(InvalidRequestError, match="no questions of the kind 'describe'"):
        paper('').ask(Case(Kind.CAPTION, GroundingRequest('brief', Task.DESCRIBE)))


def test_our_way_refuses_what_is_not_there_and_counts_other_places() -> None:
    other = located('', LEFT, RIGHT)
    script = located('the left dog', TOP)
    backend = ScriptedBackend(
        located={
            'the left dog': type(script)(0.9, script.boxes, alternatives=other.boxes),
            'the cat': located('the cat', LEFT, existence=0.1),
        }
    )
    asker = OwnProtocol(Grounder(backend))
    asker.look(IMAGE)
    request = GroundingRequest('the left dog', Task.LOCATE, alternatives=8)
    case = Case(Kind.PHRASE, request, (NamedBox('dog', LEFT),))
    figures = score(case, asker.ask(case))
    assert (figures['R@1'], figures['R@5']) == ((0.0, 1), (1.0, 1))
    refused = Case(
        Kind.EXPRESSION, GroundingRequest('the cat', Task.LOCATE), (NamedBox('cat', LEFT),)
    )
    assert score(refused, asker.ask(refused))['accepted'] == (0.0, 1)


def test_a_look_comes_first() -> None:
    with pytest.raises(RuntimeError, match='look at an image'):
        PaperProtocol(ScriptedBackend()).ask(expression(LEFT))
