# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.evaluation.studies.playback``."""

from __future__ import annotations

from dataclasses import replace
import json
import math

import numpy as np
import pytest

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding, Status, Task
from kosmos_ros.evaluation.studies.playback import intervals, play, playback_data, playback_lines
from kosmos_ros.recordings.bags import BagImage

SECOND = 1_000_000_000


def recorded(times: list[float], delay: float = 0.0) -> list[BagImage]:
    """Return images whose only bright row is that of their number."""

    def reader(number: int) -> RgbImage:
        return np.full((2, 2, 3), number, np.uint8)

    return [
        BagImage(
            '/camera',
            number,
            round(time * SECOND),
            round((time + delay) * SECOND),
            lambda number=number: reader(number),
        )
        for number, time in enumerate(times)
    ]


class Model:
    """Takes a known time for each answer and remembers what it saw."""

    def __init__(self, seconds: float) -> None:
        self.seen: list[int] = []
        self._seconds = seconds

    def __call__(self, image: RgbImage) -> Grounding:
        self.seen.append(int(image[0, 0, 0]))
        return Grounding(Task.LOCATE, Status.FOUND, 2, 2, inference_time=self._seconds)


def test_a_fast_model_sees_every_image() -> None:
    model = Model(0.05)
    played = play(recorded([0.0, 0.1, 0.2, 0.3]), model)
    assert model.seen == [0, 1, 2, 3]
    assert played.skipped == 0
    assert played.ages == pytest.approx([0.05] * 4)


def test_a_slow_model_gets_the_newest_image_each_time() -> None:
    # Busy until 0.25 with image 0, then with 2 until 0.5, with 5 until 0.75.
    model = Model(0.25)
    played = play(recorded([0.0, 0.1, 0.2, 0.3, 0.4, 0.5]), model)
    assert model.seen == [0, 2, 4, 5]
    assert (played.answered, played.skipped) == (4, 2)
    assert played.ages == pytest.approx([0.25, 0.3, 0.35, 0.5])


def test_images_that_cannot_be_read_are_counted() -> None:
    def broken() -> RgbImage:
        raise InvalidImageError('broken')

    images = recorded([0.0, 0.1, 0.2])
    images[1] = replace(images[1], read=broken)
    played = play(images, Model(0.01))
    assert (played.answered, played.unreadable, played.skipped) == (2, 1, 0)


def test_gaps_in_the_stamps_are_lost_images() -> None:
    found = intervals([round(t * SECOND) for t in (0.0, 0.1, 0.2, 0.5, 0.6, 0.6, 0.71)])
    assert found.period == pytest.approx(0.1)
    assert found.missing == 2
    assert found.repeated == 1


@pytest.mark.parametrize('stamps', [[], [5], [5, 5, 4]])
def test_stamps_that_tell_nothing(stamps: list[int]) -> None:
    found = intervals(stamps)
    assert math.isnan(found.period)
    assert found.missing == 0


def test_figures_are_printed_and_kept() -> None:
    played = play(recorded([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], delay=0.02), Model(0.25))
    data = json.loads(json.dumps(playback_data(played)))
    assert data['images'] == 6
    assert data['rate'] == pytest.approx(10)
    assert data['recording_delay']['median'] == pytest.approx(0.02)
    assert data['inference'] == {'median': 0.25, '95': 0.25}
    text = '\n'.join(playback_lines(data, 'scripted', '/camera'))
    assert 'scripted on /camera: 6 images in 0.5 s' in text
    assert 'skipped for a newer one                             2' in text
    assert 'answer, ms                                     250.00   250.00' in text


def test_an_empty_topic_has_no_figures() -> None:
    data = playback_data(play([], Model(1.0)))
    assert data['images'] == 0
    assert data['rate'] is None
    assert '-' in playback_lines(data, 'scripted', '/camera')[2]
