# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Annotated pictures of the demo: one for each question, and a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from kosmos_ros.core.drawing.answer import draw_grounding
from kosmos_ros.core.drawing.fonts import Color
from kosmos_ros.core.drawing.truth import (
    draw_truth,
    FAINT_INK,
    INK,
    PAPER,
    RIGHT,
    TRUTH_LEGEND,
    with_caption,
    WRONG,
)
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Task
from kosmos_ros.demo.report import JudgedAnswer

_REGION_LEGEND = 'solid: answer   dashed: the region asked about'

SHEET_COLUMNS = 3
_TILE_WIDTH = 480
_GAP = 12


def draw_answer(image: RgbImage, answer: JudgedAnswer) -> Image.Image:
    """
    Draw an answer and the ground truth on its image, with both in words below it.

    :param image: (H, W, 3) uint8 RGB, the image that the answer is about.
    """
    # The region of IDENTIFY already shows the truth.
    shown = answer.question.task is not Task.IDENTIFY
    truth = [target.box for target in answer.question.targets if target and shown]
    drawn = draw_grounding(draw_truth(image, truth), answer.grounding, answer.question.region)
    return with_caption(Image.fromarray(drawn), tuple(_caption(answer)))


def contact_sheet(pictures: Sequence[Image.Image], columns: int = SHEET_COLUMNS) -> Image.Image:
    """Lay pictures out in rows, each as wide as the others."""
    tiles = [_scaled(picture, _TILE_WIDTH) for picture in pictures]
    columns = min(columns, len(tiles))
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) for row in rows]
    size = (columns * (_TILE_WIDTH + _GAP) + _GAP, sum(heights) + (len(rows) + 1) * _GAP)
    sheet = Image.new('RGB', size, PAPER)
    y = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            sheet.paste(tile, (_GAP + column * (_TILE_WIDTH + _GAP), y))
        y += height + _GAP
    return sheet


def choose_for_sheet(answers: Sequence[JudgedAnswer]) -> tuple[int, ...]:
    """
    Choose what the contact sheet shows: by kind of question alone, not by result.

    :returns: indices into ``answers``: of each of the first three scenes the first LOCATE, then of
        each the first INSTRUCT, and then DESCRIBE, IDENTIFY or ASK in turn; those about something
        present come first. Then what was seen from afar.
    """
    near = [answer.scene for answer in answers if not answer.is_far]
    scenes = list(dict.fromkeys(near))[:SHEET_COLUMNS]
    wanted = [(scene, task) for task in (Task.LOCATE, Task.INSTRUCT) for scene in scenes]
    wanted += zip(scenes, (Task.DESCRIBE, Task.IDENTIFY, Task.ASK), strict=False)
    chosen: list[int] = []
    for scene, task in wanted:
        fitting = (
            index
            for index, answer in enumerate(answers)
            if (answer.scene, answer.question.task) == (scene, task) and not answer.is_far
        )
        # A question about something present shows more.
        chosen += sorted(fitting, key=lambda index: not any(answers[index].question.targets))[:1]
    far = [index for index, answer in enumerate(answers) if answer.is_far]
    return (*chosen, *far[:SHEET_COLUMNS])


def file_name(answer: JudgedAnswer, number: int) -> Path:
    """Return the path of a question's picture, below the demo's output."""
    scene = f'{"far_" if answer.is_far else ""}scene_{answer.scene}'
    return Path(f'{number:02d}_{scene}_{answer.question.task.name.lower()}.png')


def _caption(answer: JudgedAnswer) -> Iterator[tuple[str, Color]]:
    """Yield the texts below a picture, each with its colour."""
    question = answer.question
    yield f'{question.task.name}  {question.wording}', INK
    for verdict in answer.verdicts:
        figures = '' if verdict.iou is None else f', IoU {verdict.iou:.2f}'
        if verdict.centimetres is not None:
            figures += f', 3D {verdict.centimetres:.1f} cm off'
        name = f'{verdict.asked}: ' if question.task is Task.LOCATE else ''
        text = f'{name}{verdict.answer}  ({verdict.verdict}{figures})'
        yield text, RIGHT if verdict.right else WRONG
    if len(answer.grounding.looks) > 1:
        yield f'thin outlines: the {len(answer.grounding.looks)} looks taken', FAINT_INK
    if question.region:
        yield _REGION_LEGEND, FAINT_INK
    elif any(question.targets):
        yield TRUTH_LEGEND, FAINT_INK


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    height = round(picture.height * width / picture.width)
    return picture.resize((width, height), Image.Resampling.LANCZOS)
