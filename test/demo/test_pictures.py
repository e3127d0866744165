# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Pictures show answer and truth; the contact sheet is chosen without regard to success."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.core.types import Grounding, Region, Status, Task
from kosmos_ros.demo.pictures import choose_for_sheet, contact_sheet, draw_answer, file_name
from kosmos_ros.demo.questions import DemoQuestion
from kosmos_ros.demo.report import JudgedAnswer
from kosmos_ros.demo.truth import TruthObject
from kosmos_ros.demo.verdicts import Verdict


def answered(
    scene: int, question: DemoQuestion, right: bool = True, is_far: bool = False
) -> JudgedAnswer:
    grounding = Grounding(question.task, Status.NOT_FOUND, 640, 480)
    verdict = Verdict(question.query, 'words ' * 30, right, 'right' if right else 'missed')
    return JudgedAnswer(scene, question, grounding, (verdict,), 10.0, 1.0, is_far=is_far)


@pytest.mark.parametrize('size', [(640, 480), (224, 224), (1920, 1080)])
def test_the_truth_is_dashed_and_words_go_below(mug: TruthObject, size: tuple[int, int]) -> None:
    width, height = size
    image = np.full((height, width, 3), 128, np.uint8)
    question = DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,))
    picture = draw_answer(image, answered(1, question))
    assert picture.width == width
    assert picture.height > height
    pixels = np.asarray(picture)
    # The middle of the left edge of the mug's box, and the box's inside.
    edge = pixels[round(0.25 * height) : round(0.45 * height), round(0.1 * width)]
    assert {tuple(pixel) for pixel in edge.tolist()} >= {(0, 0, 0), (255, 255, 255)}
    assert (pixels[round(0.3 * height), round(0.2 * width)] == 128).all()


def test_words_are_green_when_right_and_not_when_wrong(mug: TruthObject) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    question = DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,))
    right, wrong = (
        np.asarray(draw_answer(image, answered(1, question, good)))[480:].astype(int)
        for good in (True, False)
    )
    assert (right[..., 1] - right[..., 0] > 60).any()
    assert not (wrong[..., 1] - wrong[..., 0] > 60).any()


def test_the_sheet_takes_the_first_of_each_kind(mug: TruthObject) -> None:
    locate = DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,))
    absent = DemoQuestion(Task.LOCATE, 'the pink ring', targets=(None,))
    kinds = (Task.ASK, Task.IDENTIFY, Task.DESCRIBE, Task.INSTRUCT)
    others = [DemoQuestion(task, '') for task in kinds]
    answers = [
        answered(scene, question, right=scene % 2 == 0)
        for scene in (7, 8, 9, 10)
        for question in (absent, locate, locate, *others)
    ]
    answers += [answered(7, question, is_far=True) for question in (locate, absent)]
    *chosen, far, absent_far = [answers[index] for index in choose_for_sheet(answers)]
    assert (far, absent_far) == tuple(answers[-2:])
    assert [(one.scene, one.question.task) for one in chosen] == [
        *((scene, Task.LOCATE) for scene in (7, 8, 9)),
        *((scene, Task.INSTRUCT) for scene in (7, 8, 9)),
        *zip((7, 8, 9), (Task.DESCRIBE, Task.IDENTIFY, Task.ASK), strict=True),
    ]
    assert all(any(one.question.targets) for one in chosen if one.question.task is Task.LOCATE)


@pytest.mark.parametrize('count', [1, 2, 3, 6, 7])
def test_the_sheet_holds_every_picture_whole(count: int) -> None:
    pictures = [Image.new('RGB', (640, 480 + 10 * index), (255, 0, 0)) for index in range(count)]
    sheet = np.asarray(contact_sheet(pictures))
    red = (sheet == (255, 0, 0)).all(axis=-1).sum()
    expected = sum(480 * round(picture.height * 480 / 640) for picture in pictures)
    assert red == expected


def test_file_names_sort_in_the_order_of_asking() -> None:
    question = DemoQuestion(Task.ASK, 'What?')
    names = [str(file_name(answered(3, question), number)) for number in (2, 10)]
    assert names == ['02_scene_3_ask.png', '10_scene_3_ask.png']
    assert str(file_name(answered(3, question, is_far=True), 11)) == '11_far_scene_3_ask.png'


def test_a_picture_says_how_many_looks_were_taken(mug: TruthObject) -> None:
    image = np.full((480, 640, 3), 128, np.uint8)
    once = answered(1, DemoQuestion(Task.LOCATE, 'the red mug', targets=(mug,)))
    parts = (Region(0, 0, 640, 480), Region(100, 50, 200, 200))
    more = replace(once, grounding=replace(once.grounding, looks=parts))
    assert draw_answer(image, more).height > draw_answer(image, once).height
