# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Annotated pictures of the demo: one for each question, and a contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
import textwrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kosmos_ros.core.drawing import draw_grounding
from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.images import RgbImage
from kosmos_ros.core.types import Task
from kosmos_ros.demo.report import Answered
from kosmos_ros.demo.truth import TruthObject

Color = tuple[int, int, int]

_PAPER, _INK, _FAINT_INK = (250, 250, 248), (28, 28, 30), (110, 110, 116)
_RIGHT, _WRONG = (24, 128, 56), (190, 60, 20)
_TRUTH_LEGEND = 'solid: answer   dashed: ground truth'
_REGION_LEGEND = 'solid: answer   dashed: the region asked about'

SHEET_COLUMNS = 3
_TILE_WIDTH = 480
_GAP = 12


def draw_answer(image: RgbImage, answer: Answered) -> Image.Image:
    """
    Draw an answer and the ground truth on its image, and both in words below it.

    :param image: (H, W, 3) uint8 RGB, the image that the answer is about.
    """
    picture = Image.fromarray(image)
    for target in answer.question.targets:
        # The region of IDENTIFY is the truth already.
        if target and answer.question.task is not Task.IDENTIFY:
            _draw_truth(picture, target)
    drawn = draw_grounding(np.asarray(picture), answer.grounding, answer.question.region)
    return _with_caption(Image.fromarray(drawn), answer)


def contact_sheet(pictures: Sequence[Image.Image], columns: int = SHEET_COLUMNS) -> Image.Image:
    """Lay pictures out in rows, each as wide as the others."""
    tiles = [_scaled(picture, _TILE_WIDTH) for picture in pictures]
    columns = min(columns, len(tiles))
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [max(tile.height for tile in row) for row in rows]
    size = (columns * (_TILE_WIDTH + _GAP) + _GAP, sum(heights) + (len(rows) + 1) * _GAP)
    sheet = Image.new('RGB', size, _PAPER)
    y = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, tile in enumerate(row):
            sheet.paste(tile, (_GAP + column * (_TILE_WIDTH + _GAP), y))
        y += height + _GAP
    return sheet


def choose_for_sheet(answers: Sequence[Answered]) -> tuple[int, ...]:
    """
    Choose what the contact sheet shows: by kind of question alone, not by how it went.

    :returns: indices into ``answers``: of each of the first three scenes the first LOCATE, then
        of each the first INSTRUCT, and then DESCRIBE, IDENTIFY or ASK in turn; those about
        something that is there come before others.
    """
    scenes = list(dict.fromkeys(answer.scene for answer in answers))[:SHEET_COLUMNS]
    wanted = [(scene, task) for task in (Task.LOCATE, Task.INSTRUCT) for scene in scenes]
    wanted += zip(scenes, (Task.DESCRIBE, Task.IDENTIFY, Task.ASK), strict=False)
    chosen: list[int] = []
    for scene, task in wanted:
        fitting = [
            index
            for index, answer in enumerate(answers)
            if (answer.scene, answer.question.task) == (scene, task)
        ]
        # There is more to see of a question about something that is there.
        fitting.sort(key=lambda index: not any(answers[index].question.targets))
        chosen += fitting[:1]
    return tuple(chosen)


def file_name(answer: Answered, number: int) -> Path:
    """Return where the picture of a question goes, below the demo's output."""
    return Path(f'{number:02d}_scene_{answer.scene}_{answer.question.task.name.lower()}.png')


def _draw_truth(picture: Image.Image, target: TruthObject) -> None:
    draw = ImageDraw.Draw(picture)
    x0, y0, x1, y1 = box_to_pixels(target.box, picture.width, picture.height)
    width = max(1, round(picture.width / 640))
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
    for start, end in pairwise(corners):
        for index, dash in enumerate(_dashes(start, end, 5 * width)):
            # Black beside white shows on any background.
            draw.line(dash, fill=(255, 255, 255) if index % 2 else (0, 0, 0), width=width)


def _dashes(
    start: tuple[float, float], end: tuple[float, float], length: float
) -> Iterator[list[tuple[float, float]]]:
    first, last = np.array(start), np.array(end)
    count = max(1, round(float(np.linalg.norm(last - first)) / length))
    stops = [tuple((first + (last - first) * part / count).tolist()) for part in range(count + 1)]
    yield from (list(pair) for pair in pairwise(stops))


def _with_caption(picture: Image.Image, answer: Answered) -> Image.Image:
    unit = max(8.0, picture.width / 40)
    lines = list(_caption(answer, round(picture.width / (0.55 * unit))))
    height = round(unit * (0.8 + 1.35 * len(lines)))
    framed = Image.new('RGB', (picture.width, picture.height + height), _PAPER)
    framed.paste(picture, (0, 0))
    draw = ImageDraw.Draw(framed)
    font = ImageFont.load_default(size=unit)
    for index, (text, color) in enumerate(lines):
        y = picture.height + unit * (0.5 + 1.35 * index)
        draw.text((unit * 0.5, y), text, fill=color, font=font)
    return framed


def _caption(answer: Answered, columns: int) -> Iterator[tuple[str, Color]]:
    """Yield the lines below a picture, each with its colour."""
    question = answer.question
    for line in textwrap.wrap(f'{question.task.name}  {question.wording}', columns):
        yield line, _INK
    for verdict in answer.verdicts:
        figures = '' if verdict.iou is None else f', IoU {verdict.iou:.2f}'
        if verdict.centimetres is not None:
            figures += f', 3D {verdict.centimetres:.1f} cm off'
        name = f'{verdict.asked}: ' if question.task is Task.LOCATE else ''
        text = f'{name}{verdict.answer}  ({verdict.verdict}{figures})'
        for line in textwrap.wrap(text, columns):
            yield line, _RIGHT if verdict.right else _WRONG
    if question.region:
        yield _REGION_LEGEND, _FAINT_INK
    elif any(question.targets):
        yield _TRUTH_LEGEND, _FAINT_INK


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    height = round(picture.height * width / picture.width)
    return picture.resize((width, height), Image.Resampling.LANCZOS)
