# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Pictures of answers: boxes, labels, the region, and a line with the rest of the answer.

Alternatives are dashed in the colour of their phrase, and what the model looked at closer has a
thin white outline.

Sizes follow the picture, so that a label reads the same at 224 pixels and at 4K. Every line has a
dark edge and every text its plate, so that both read on light and on dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import math

import numpy as np
from PIL import Image, ImageDraw

from kosmos_ros.core.drawing.fonts import Color, Lettering
from kosmos_ros.core.drawing.labels import place_label, Rectangle
from kosmos_ros.core.drawing.palette import colors_of, DARK, folded, LIGHT, readable_on
from kosmos_ros.core.geometry import box_to_pixels, fit_region
from kosmos_ros.core.images.images import check_image, RgbImage
from kosmos_ros.core.types import Grounding, Phrase, Region, Role, ScoredBox, Status, Task

_Corners = tuple[int, int, int, int]
"""Left, top, right and bottom pixel."""

_MAX_STATUS_LINES = 3
_STATUS_SHARE = 0.25
"""The part of the height that the status line may cover."""
_THINNEST = 10
"""The shorter side of a small box through the width of its line."""
_LABEL_SHARE = 0.45
"""The part of the width that a label may take."""


@dataclass(frozen=True)
class _Label:
    """A text, where it goes, what it labels, and its colour."""

    text: str
    place: Rectangle
    box: Rectangle
    color: Color


def draw_grounding(
    image: RgbImage, grounding: Grounding, region: Region | None = None, looks: bool = True
) -> RgbImage:
    """
    Draw an answer into a copy of its image.

    :param image: (H, W, 3) uint8 RGB, the image that was asked about.
    :param region: the request's region, shown dashed.
    :param looks: whether thin outlines show where the model looked, if more than once.
    :returns: (H, W, 3) uint8 RGB of the same size.
    :raises InvalidImageError: if it is no such image.
    :raises InvalidRegionError: if the region lies outside the image.
    """
    picture = _Picture(image, colors_of(grounding))
    if looks and len(grounding.looks) > 1:
        picture.draw_looks(grounding.looks)
    lines = picture.reserve_status(status_line(grounding))
    if region is not None:
        picture.draw_region(region)
    picture.draw_alternatives(grounding.phrases)
    picture.draw_boxes(grounding.detections)
    picture.draw_status(lines)
    picture.draw_labels(grounding.detections, grounding.roles)
    return picture.pixels()


def status_line(grounding: Grounding) -> str:
    """Return the text of a picture: an answer in words, and what is missing."""
    parts = []
    if grounding.status is not Status.FOUND:
        parts.append(grounding.status.name)
    if grounding.task not in (Task.LOCATE, Task.IDENTIFY) and grounding.text:
        parts.append(grounding.text)
    if grounding.status_message:
        parts.append(grounding.status_message)
    return ' - '.join(parts)


class _Picture:
    """A picture that is being drawn; coordinates are its pixels."""

    def __init__(self, image: RgbImage, colors: dict[str, Color]) -> None:
        self._image = Image.fromarray(check_image(image))
        self._draw = ImageDraw.Draw(self._image)
        self._colors = colors
        self._width, self._height = self._image.size
        # Lengths follow the geometric mean of the sides, with a floor for legibility.
        side = math.sqrt(self._width * self._height)
        self._line, self._padding = max(2, round(side / 200)), max(2, round(side / 220))
        self._lettering = Lettering(max(11, round(side / 36)))
        self._status_top = self._height

    def pixels(self) -> RgbImage:
        """Return the picture as an array of its own."""
        return np.array(self._image)

    def reserve_status(self, text: str) -> list[str]:
        """Darken the lower edge for a text, and return its lines."""
        step = self._lettering.line_height
        most = min(_MAX_STATUS_LINES, int(self._height * _STATUS_SHARE // step))
        lines = self._lettering.wrapped(text, self._width - 4 * self._padding, most)
        if lines:
            self._status_top = self._height - len(lines) * step - self._padding
            area = (0, self._status_top, self._width, self._height)
            below = self._image.crop(area)
            dark = Image.blend(below, Image.new('RGB', below.size, DARK), 0.75)
            self._image.paste(dark, area)
        return lines

    def draw_status(self, lines: list[str]) -> None:
        """Write the lines that ``reserve_status`` made room for."""
        top = self._status_top + self._padding / 2
        for number, line in enumerate(lines):
            at = (2 * self._padding, top + number * self._lettering.line_height)
            self._lettering.draw(self._draw, at, line, LIGHT)

    def draw_region(self, region: Region) -> None:
        """Draw a region as a black line with white dashes."""
        fitted = fit_region(region, self._width, self._height)
        right, bottom = fitted.x + fitted.width - 1, fitted.y + fitted.height - 1
        draw_dashed(self._draw, (fitted.x, fitted.y, right, bottom), LIGHT, self._line)

    def draw_looks(self, looks: Sequence[Region]) -> None:
        """Draw the outlines of looks, thin and light, of all but the whole image."""
        width = max(1, self._line // 4)
        parts = [one for one in looks if (one.width, one.height) != (self._width, self._height)]
        for grown, color in ((1, DARK), (0, LIGHT)):
            for look in parts:
                corners = (
                    look.x - grown,
                    look.y - grown,
                    look.x + look.width - 1 + grown,
                    look.y + look.height - 1 + grown,
                )
                self._draw.rectangle(corners, outline=color, width=width)

    def draw_alternatives(self, phrases: Sequence[Phrase]) -> None:
        """Draw the outlines of alternatives, thin and dashed."""
        for phrase in phrases:
            for other in phrase.alternatives:
                draw_dashed(self._draw, self._corners(other), self._color(other), width=1)

    def draw_boxes(self, detections: tuple[ScoredBox, ...]) -> None:
        """Draw the outlines of all boxes, the first on top."""
        for detection in reversed(detections):
            x0, y0, x1, y1 = self._corners(detection)
            # What is small is not to be hidden by its box.
            line = max(1, min(self._line, min(x1 - x0, y1 - y0) // _THINNEST))
            self._draw.rectangle((x0, y0, x1, y1), outline=DARK, width=line + 2)
            if x1 - x0 > 2 and y1 - y0 > 2:
                inner = (x0 + 1, y0 + 1, x1 - 1, y1 - 1)
                self._draw.rectangle(inner, outline=self._color(detection), width=line)

    def draw_labels(self, detections: tuple[ScoredBox, ...], roles: Sequence[Role]) -> None:
        """Write role, phrase and score of each box, where they cover nothing else if possible."""
        canvas = Rectangle(0, 0, self._width, self._status_top)
        height = self._lettering.line_height
        boxes = [
            Rectangle(*box_to_pixels(detection.box, self._width, self._height))
            for detection in detections
        ]
        labels: list[_Label] = []
        for box, detection, role in zip(boxes, detections, roles, strict=True):
            text = self._label_text(detection, role)
            size = (self._lettering.length(text) + 2 * self._padding, height)
            if text and height <= self._status_top:
                taken = [label.place for label in labels]
                place = place_label(size, box, canvas, taken, boxes)
                labels.append(_Label(text, place, box, self._color(detection)))
        for label in labels:
            self._draw_leader(label)
        for label in labels:
            self._draw_label(label)

    def _label_text(self, detection: ScoredBox, role: Role) -> str:
        score = f'{detection.score:.2f}'
        if not detection.label.strip():
            return self._lettering.fitted(score, self._width)
        room = max(self._width * _LABEL_SHARE, 8.0 * self._lettering.size)
        words = f'{role.name.lower()}: {detection.label}' if role else detection.label
        return self._lettering.fitted(words, min(room, self._width), f' {score}')

    def _color(self, detection: ScoredBox) -> Color:
        return self._colors[folded(detection.label)]

    def _draw_label(self, label: _Label) -> None:
        place = label.place
        corners = (round(place.x0), round(place.y0), round(place.x1) - 1, round(place.y1) - 1)
        self._draw.rectangle(corners, fill=label.color, outline=DARK)
        at = (place.x0 + self._padding, place.y0)
        self._lettering.draw(self._draw, at, label.text, readable_on(label.color))

    def _draw_leader(self, label: _Label) -> None:
        """Join a label to its box where it found no room beside it."""
        if label.place.gap(label.box) > self._padding:
            place, box = label.place, label.box
            x, y = (place.x0 + place.x1) / 2, (place.y0 + place.y1) / 2
            ends = [(x, y), (min(max(x, box.x0), box.x1), min(max(y, box.y0), box.y1))]
            self._draw.line(ends, fill=DARK, width=self._line + 2)
            self._draw.line(ends, fill=label.color, width=self._line)

    def _corners(self, detection: ScoredBox) -> _Corners:
        """Return the outermost pixels of a box."""
        x0, y0, x1, y1 = box_to_pixels(detection.box, self._width, self._height)
        left, top = round(x0), round(y0)
        return left, top, max(left, round(x1) - 1), max(top, round(y1) - 1)


def draw_dashed(
    draw: ImageDraw.ImageDraw, corners: Sequence[float], color: Color, width: int
) -> None:
    """Draw a rectangle of corners x0, y0, x1, y1 in pixels as a dark line with dashes on it."""
    x0, y0, x1, y1 = corners
    for start, end in pairwise([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]):
        draw.line([start, end], fill=DARK, width=width)
        length, dash = math.dist(start, end), 4.0 * width
        for first in np.arange(0.0, length, 2 * dash).tolist():
            shares = np.array([[first], [min(length, first + dash)]]) / length
            points = start + shares * np.subtract(end, start)
            draw.line([(x, y) for x, y in points.tolist()], fill=color, width=width)
