# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The boxes of one answer through newer images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.types import ScoredBox
from kosmos_ros.tracking.carried_boxes import CarriedBoxes
from kosmos_ros.tracking.grey import MAX_FRAMES, small_grey


def carried(film: Any, *places: tuple[float, float]) -> CarriedBoxes:
    boxes = [ScoredBox(film.around(*place), 0.9, 'a thing') for place in places]
    ids = [f'id{index}' for index in range(len(places))]
    return CarriedBoxes(1, small_grey(film.picture(*places)), boxes, ids)


def test_boxes_follow_for_a_long_way(film: Any) -> None:
    boxes = carried(film, (60, 60), (250, 180))
    for number in range(2, 32):
        way = 3 * (number - 1)
        image = film.picture((60 + way, 60 + way / 2), (250 - way, 180))
        boxes.advance(number, small_grey(image))
    first, second = boxes.tracks()
    assert [(first.id, first.index), (second.id, second.index)] == [('id0', 0), ('id1', 1)]
    assert iou(first.box, film.around(150, 105)) > 0.85
    assert iou(second.box, film.around(160, 180)) > 0.85


def test_a_box_that_leaves_the_image_is_dropped(film: Any) -> None:
    boxes = carried(film, (280, 120), (100, 120))
    for number in range(2, 22):
        boxes.advance(number, small_grey(film.picture((280 + 4 * (number - 1), 120), (100, 120))))
    assert [track.index for track in boxes.tracks()] == [1]


def test_a_box_at_the_edge_is_clipped(film: Any) -> None:
    boxes = carried(film, (290, 120))
    for number in range(2, 6):
        boxes.advance(number, small_grey(film.picture((290 + 4 * (number - 1), 120))))
    (track,) = boxes.tracks()
    assert track.box.x1 == 1.0
    assert track.box.x0 == pytest.approx((306 - 24) / 320, abs=0.01)


def test_a_box_whose_content_changes_slowly_is_dropped(film: Any) -> None:
    boxes = carried(film, (100, 120))
    before, after = film.picture((100, 120)), film.picture((0, 0), (100, 120))
    # Each step is small enough to be followed; what is seen in the end is another thing.
    alive = []
    for number, share in enumerate(np.linspace(0.0, 1.0, 30), start=2):
        image = ((1 - share) * before + share * after).astype(np.uint8)
        boxes.advance(number, small_grey(image))
        alive.append(len(boxes.tracks()))
    assert alive[5] == 1
    assert alive[-1] == 0


def test_a_lost_box_does_not_come_back(film: Any) -> None:
    boxes = carried(film, (100, 120))
    boxes.advance(2, small_grey(film.empty()))
    boxes.advance(3, small_grey(film.picture((100, 120))))
    assert boxes.tracks() == ()


def test_images_of_another_size_lose_all_boxes(film: Any) -> None:
    boxes = carried(film, (100, 120))
    boxes.advance(2, np.zeros((120, 160), dtype=np.uint8))
    assert boxes.tracks() == ()
    boxes.advance(3, small_grey(film.picture((100, 120))))
    assert boxes.tracks() == ()


def test_earlier_places_are_remembered(film: Any) -> None:
    boxes = carried(film, (100, 120))
    for number in range(2, 6):
        boxes.advance(2 * number, small_grey(film.picture((100 + 5 * number, 120))))
    ((track_id, named),) = boxes.at(7)  # between the images 6 and 8
    assert (track_id, named.label) == ('id0', 'a thing')
    assert named.box.x0 == pytest.approx((115 - 24) / 320, abs=0.01)
    ((_, named),) = boxes.at(0)
    assert named.box == film.around(100, 120)


def test_memory_of_places_is_limited(film: Any) -> None:
    boxes = carried(film)
    for number in range(2, 3 * MAX_FRAMES):
        boxes.advance(number, small_grey(film.empty()))
    assert len(boxes._past) == MAX_FRAMES
