# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.drawing.answer``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kosmos_ros.core.drawing.answer import draw_grounding, status_line
from kosmos_ros.core.drawing.palette import colors_of, PALETTE
from kosmos_ros.core.errors import InvalidRegionError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import (
    Box,
    Grounding,
    Phrase,
    Region,
    Role,
    ScoredBox,
    Status,
    Task,
)

CUBE = ScoredBox(Box(0.25, 0.25, 0.5, 0.5), 0.93, 'the red cube', '0-0')


def answer(
    *detections: ScoredBox,
    status: Status = Status.FOUND,
    message: str = '',
    task: Task = Task.LOCATE,
    text: str = '',
) -> Grounding:
    """Make an answer about a picture of 640x480."""
    return Grounding(
        task, status, 640, 480, status_message=message, text=text, detections=detections
    )


def grey(level: int, width: int = 640, height: int = 480) -> RgbImage:
    """Make a picture of one grey level."""
    return np.full((height, width, 3), level, np.uint8)


def is_color(picture: RgbImage, color: tuple[int, int, int]) -> np.ndarray:
    """Tell which pixels have exactly a colour."""
    return (picture == np.array(color, np.uint8)).all(axis=2)


@pytest.mark.parametrize('level', [0, 128, 255])
def test_the_outline_lies_on_the_box(level: int) -> None:
    picture = draw_grounding(grey(level), answer(CUBE))
    (color,) = colors_of(answer(CUBE)).values()
    colored = is_color(picture, color)
    rows, columns = np.nonzero(colored[125:])  # below the label
    assert (columns.min(), columns.max()) == (161, 318)
    assert rows.max() + 125 == 238
    assert not colored[140:220, 180:300].any()
    # A dark edge on either side tells it from a bright background.
    assert (picture[180, 160] == 0).all()
    assert (picture[180, 319] == 0).all()


def test_a_role_is_written_before_its_object() -> None:
    def label_width(role: Role) -> int:
        phrase = Phrase(CUBE.label, 0, len(CUBE.label), role, 0.9, (0,))
        found = replace(answer(CUBE, text=CUBE.label), phrases=(phrase,))
        (color,) = colors_of(found).values()
        above = is_color(draw_grounding(grey(128), found), color)[:118]
        return int(np.ptp(np.nonzero(above)[1]))

    plain, target = label_width(Role.NONE), label_width(Role.TARGET)
    assert target > plain + 40
    assert label_width(Role.DESTINATION) > target + 20


def test_the_image_itself_is_left_alone() -> None:
    image = grey(255)
    picture = draw_grounding(image, answer(CUBE), Region(10, 10, 50, 50))
    assert (image == 255).all()
    assert picture.shape == image.shape
    assert picture.dtype == np.uint8
    assert picture.flags.writeable


def test_nothing_to_show_changes_nothing() -> None:
    np.testing.assert_array_equal(draw_grounding(grey(77), answer()), grey(77))


def test_the_region_is_dashed_in_black_and_white() -> None:
    picture = draw_grounding(grey(128), answer(), Region(100, 100, 200, 150))
    edge = picture[100, 110:290, 0]
    assert set(np.unique(edge)) == {0, 255}
    changes = np.count_nonzero(np.diff(edge.astype(int)))
    assert changes >= 8
    assert (picture[200, 150:250] == 128).all()


def test_alternatives_are_thin_and_dashed_in_the_colour_of_their_phrase() -> None:
    other = ScoredBox(Box(0.5, 0.5, 0.75, 0.75), 0.2, 'the red cube')
    phrase = Phrase('the red cube', 0, 12, detections=(0,), alternatives=(other,))
    without = answer(CUBE, text='the red cube')
    picture = draw_grounding(grey(128), replace(without, phrases=(phrase,)))
    (color,) = colors_of(without).values()
    (changed,) = np.nonzero((picture != draw_grounding(grey(128), without)).any(axis=(1, 2)))
    assert (changed.min(), changed.max()) == (240, 359)
    edge = picture[240, 330:470]
    dashes = (edge == color).all(axis=1)
    assert dashes.any()
    assert (edge[~dashes] == 0).all()
    assert np.count_nonzero(np.diff(dashes.astype(int))) >= 8
    assert (picture[242:358, 322:478] == 128).all()


@pytest.mark.parametrize('level', [0, 255])
def test_looks_are_outlined_unless_nobody_wants_them(level: int) -> None:
    looks = (Region(0, 0, 640, 480), Region(100, 100, 200, 150))
    looked = replace(answer(), looks=looks)
    without = draw_grounding(grey(level), looked, looks=False)
    np.testing.assert_array_equal(without, grey(level))
    picture = draw_grounding(grey(level), looked)
    for at in ((100, 200), (249, 200), (200, 100), (200, 299)):
        assert (picture[at] == 255).all()  # white on dark
    rows, columns = np.nonzero((picture != level).any(axis=2))  # on light, its dark edge
    assert {rows.min(), rows.max()} <= {99, 100, 249, 250}
    assert {columns.min(), columns.max()} <= {99, 100, 299, 300}
    once = replace(answer(), looks=looks[:1])
    np.testing.assert_array_equal(draw_grounding(grey(level), once), grey(level))


def test_a_region_beyond_the_image_is_clamped_or_refused() -> None:
    beyond = draw_grounding(grey(0), answer(), Region(600, 400, 500, 500))
    within = draw_grounding(grey(0), answer(), Region(600, 400, 40, 80))
    assert np.array_equal(beyond, within)
    assert beyond[380:].any()
    with pytest.raises(InvalidRegionError):
        draw_grounding(grey(0), answer(), Region(640, 0, 5, 5))


def test_a_status_is_written_along_the_lower_edge() -> None:
    missing = answer(status=Status.NOT_FOUND, message="'the cube' not found (existence 0.02)")
    picture = draw_grounding(grey(255), missing)
    changed = (picture != 255).any(axis=(1, 2))
    assert not changed[:440].any()
    assert changed[-10:].all()
    assert is_color(picture[440:], (255, 255, 255)).any()


@pytest.mark.parametrize(
    ('grounding', 'line'),
    [
        (answer(CUBE), ''),
        (answer(CUBE, message="'a cat' not found"), "'a cat' not found"),
        (answer(status=Status.LOW_SCORE, message='best 0.1'), 'LOW_SCORE - best 0.1'),
        (answer(status=Status.STALE_IMAGE), 'STALE_IMAGE'),
        (answer(task=Task.ASK, text='two'), 'two'),
        (answer(CUBE, task=Task.IDENTIFY, text='the red cube'), ''),
        (answer(text='the red cube; a mug'), ''),
    ],
)
def test_what_boxes_cannot_say_is_said_in_words(grounding: Grounding, line: str) -> None:
    assert status_line(grounding) == line


def test_a_phrase_keeps_its_colour() -> None:
    alone = colors_of(answer(CUBE))['the red cube']
    other = ScoredBox(CUBE.box, 0.5, 'zebra')
    shouted = ScoredBox(CUBE.box, 0.5, 'The  RED cube')
    assert colors_of(answer(CUBE, other))['the red cube'] == alone
    assert colors_of(answer(shouted)) == {'the red cube': alone}


def test_phrases_of_one_answer_differ_in_colour() -> None:
    boxes = [ScoredBox(CUBE.box, 0.5, f'object {number}') for number in range(len(PALETTE) + 4)]
    colors = colors_of(answer(*boxes[: len(PALETTE)]))
    assert len(set(colors.values())) == len(PALETTE)
    assert len(colors_of(answer(*boxes))) == len(boxes)


def test_colours_do_not_change_when_an_object_goes() -> None:
    text = 'object 1; object 2; object 3'
    phrases = tuple(Phrase(text[at : at + 8], at, at + 8) for at in (0, 10, 20))
    boxes = [ScoredBox(CUBE.box, 0.5, phrase.text) for phrase in phrases]
    every, last = (
        Grounding(Task.LOCATE, Status.FOUND, 9, 9, text=text, phrases=phrases, detections=tuple(d))
        for d in (boxes, boxes[2:])
    )
    assert colors_of(every) == colors_of(last)


def test_all_colours_stand_out() -> None:
    for color in PALETTE:
        luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
        assert 80 < luma < 240 or max(color) - min(color) > 100


@pytest.mark.parametrize(
    ('width', 'height'),
    [
        (1, 1),
        (1, 700),
        (700, 1),
        (7, 5),
        (30, 30),
        (64, 900),
        (224, 224),
        (1280, 720),
        (3840, 2160),
    ],
)
def test_pictures_of_any_size_are_drawn(width: int, height: int) -> None:
    boxes = [
        CUBE,
        ScoredBox(Box(0, 0, 1, 1), 1.0, 'everything'),
        ScoredBox(Box(1, 1, 1, 1), 0.0, 'a corner'),
        ScoredBox(Box(0.5, 0, 0.5, 1), 0.5),
        ScoredBox(Box(0.9, 0.9, 1, 1), 0.5, 'a long expression that has no room at all ' * 9),
    ]
    grounding = answer(*boxes, status=Status.LOW_SCORE, message='best 0.1 ' * 40)
    picture = draw_grounding(grey(40, width, height), grounding, Region(0, 0, width, height))
    assert picture.shape == (height, width, 3)
    assert (picture != 40).any()


def test_lines_and_letters_grow_with_the_picture() -> None:
    (color,) = colors_of(answer(CUBE)).values()

    def label_height(width: int, height: int) -> int:
        picture = draw_grounding(grey(0, width, height), answer(CUBE))
        column = is_color(picture[: height // 4], color).any(axis=1)
        return int(column.sum())

    assert 2.5 < label_height(2560, 1440) / label_height(853, 480) < 3.5


def test_thirty_labels_are_all_there() -> None:
    random = np.random.default_rng(0)
    boxes = []
    for number in range(30):
        x, y = random.uniform(0, 0.8, 2)
        boxes.append(ScoredBox(Box(x, y, x + 0.1, y + 0.1), 0.5, f'object {number % 10}'))
    picture = draw_grounding(grey(0, 1280, 960), answer(*boxes))
    colors = set(colors_of(answer(*boxes)).values())
    assert len(colors) == 10
    for color in colors:
        # Three plates and outlines of each: far more than outlines alone.
        assert is_color(picture, color).sum() > 3 * 2000
