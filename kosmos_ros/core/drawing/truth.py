# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ground truth in pictures of answers: dashed boxes, and captions."""

from __future__ import annotations

from collections.abc import Sequence
import textwrap

import numpy as np
from PIL import Image, ImageDraw

from kosmos_ros.core.drawing.answer import draw_dashed
from kosmos_ros.core.drawing.fonts import Color, font_for
from kosmos_ros.core.drawing.palette import LIGHT
from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.images.images import check_image, RgbImage
from kosmos_ros.core.types import Box

PAPER: Color = (250, 250, 248)
INK: Color = (28, 28, 30)
FAINT_INK: Color = (110, 110, 116)
RIGHT: Color = (24, 128, 56)
WRONG: Color = (190, 60, 20)

TRUTH_LEGEND = 'solid: answer   dashed: ground truth'


def draw_truth(image: RgbImage, boxes: Sequence[Box]) -> RgbImage:
    """
    Draw normalised boxes, dashed to show on any background, into a copy of an image.

    :param image: (H, W, 3) uint8 RGB, as the result, else ``InvalidImageError``.
    """
    picture = Image.fromarray(check_image(image))
    draw = ImageDraw.Draw(picture)
    width = max(1, round(picture.width / 640))
    for box in boxes:
        draw_dashed(draw, box_to_pixels(box, picture.width, picture.height), LIGHT, width)
    return np.array(picture)


def with_caption(picture: Image.Image, lines: Sequence[tuple[str, Color]]) -> Image.Image:
    """Return a picture with texts below it, each in its colour and in as many lines as needed."""
    unit = max(8.0, picture.width / 40)
    columns = round(picture.width / (0.55 * unit))
    wrapped = [(part, color) for text, color in lines for part in textwrap.wrap(text, columns)]
    height = round(unit * (0.8 + 1.35 * len(wrapped)))
    framed = Image.new('RGB', (picture.width, picture.height + height), PAPER)
    framed.paste(picture, (0, 0))
    draw = ImageDraw.Draw(framed)
    for index, (text, color) in enumerate(wrapped):
        y = picture.height + unit * (0.5 + 1.35 * index)
        draw.text((unit * 0.5, y), text, fill=color, font=font_for(text, round(unit)))
    return framed
