# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Carried answers as messages."""

from __future__ import annotations

from array import array
import time

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import numpy as np
import pytest
from sensor_msgs.msg import Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.types import Box, Grounding, Phrase, Region, ScoredBox, Status, Task
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.answering.standing_query import STANDING_ID
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.tracks.camera_tracks import CameraTracks, moved
from kosmos_ros.tracking.carried_boxes import Track

WIDTH, HEIGHT = 160, 120
LEFT, RIGHT = Box(0.1, 0.3, 0.4, 0.7), Box(0.6, 0.3, 0.9, 0.7)
GROUND = np.random.default_rng(1).integers(0, 255, (HEIGHT // 4, WIDTH // 4), dtype=np.uint8)


def frame(milliseconds: int, shift: int = 0) -> Frame:
    """Make a frame of a textured wall that is shifted to the right by pixels."""
    pixels = np.roll(np.kron(GROUND, np.ones((4, 4), dtype=np.uint8)), shift, axis=1)
    data = np.repeat(pixels[..., None], 3, axis=2)
    message = Image(width=WIDTH, height=HEIGHT, step=3 * WIDTH, encoding='rgb8')
    message.header.frame_id = 'lens'
    message.header.stamp.nanosec = 1_000_000 * milliseconds
    message.data = array('B', data.tobytes())
    return Frame(message, time.monotonic())


def answer(about: Frame, name: str = STANDING_ID, **fields: object) -> Answer:
    grounding = Grounding(
        Task.LOCATE,
        Status.FOUND,
        WIDTH,
        HEIGHT,
        text='a cup; a box',
        phrases=(
            Phrase('a cup', 0, 5, existence=0.9, detections=(0,)),
            Phrase('a box', 7, 12, existence=0.8, detections=(1,)),
        ),
        detections=(ScoredBox(LEFT, 0.9, 'a cup', '0'), ScoredBox(RIGHT, 0.8, 'a box', '1')),
        inference_time=0.5,
    )
    values = {'grounding': grounding, 'id': name, 'camera': 'front', **fields}
    return Answer(header=about.message.header, picture=about, image_age=0.1, region=None, **values)


def look(tracks: CameraTracks, seen: Frame) -> list[GroundingMessage]:
    tracks.see(seen)
    return list(tracks.messages(seen, 'front', seen.stamp_ns + 70_000_000))


def lefts(message: GroundingMessage) -> list[float]:
    return [
        one.bbox.center.position.x - one.bbox.size_x / 2 for one in message.detections.detections
    ]


def test_boxes_are_those_of_the_newest_image_and_the_answer_that_of_an_earlier_one() -> None:
    tracks = CameraTracks()
    about = frame(100)
    assert look(tracks, about) == []
    assert look(tracks, frame(150, shift=2)) == []
    tracks.answer(answer(about))
    (message,) = look(tracks, frame(200, shift=4))
    assert message.carried
    assert message.answered_stamp == about.message.header.stamp
    assert message.header.stamp.nanosec == 200_000_000
    assert message.header.frame_id == message.detections.header.frame_id == 'lens'
    assert {one.header.stamp.nanosec for one in message.detections.detections} == {200_000_000}
    assert lefts(message) == pytest.approx([0.1 * WIDTH + 4, 0.6 * WIDTH + 4], abs=0.5)
    assert (message.id, message.camera, message.status) == (STANDING_ID, 'front', 1)
    assert message.image_age.nanosec == pytest.approx(70_000_000, abs=1_000_000)
    assert message.inference_time.nanosec == 500_000_000
    assert [list(phrase.detections) for phrase in message.phrases] == [[0], [1]]
    scores = [one.results[0].hypothesis.score for one in message.detections.detections]
    assert scores == [0.9, 0.8]
    assert (message.status_3d, message.detections_3d.detections) == (0, [])


def test_the_answered_image_itself_is_not_carried_to() -> None:
    tracks = CameraTracks()
    about = frame(100)
    tracks.answer(answer(about))
    (message,) = look(tracks, about)
    assert not message.carried
    assert message.answered_stamp == message.header.stamp
    assert lefts(message) == pytest.approx([0.1 * WIDTH, 0.6 * WIDTH])


def test_ids_stay_over_answers() -> None:
    tracks = CameraTracks()
    ids = []
    for number in range(3):
        about = frame(100 * number + 100, shift=3 * number)
        tracks.see(about)
        tracks.answer(answer(about))
        message = look(tracks, frame(100 * number + 150, shift=3 * number + 1))[0]
        ids.append([one.id for one in message.detections.detections])
        tracks.answer(answer(about, name='q7'))  # carried beside it, as other objects
    assert ids == [['1', '2']] * 3
    messages = look(tracks, frame(900, shift=8))
    assert [message.id for message in messages] == [STANDING_ID, 'q7']
    assert [one.id for one in messages[1].detections.detections] == ['3', '4']


def test_that_nothing_is_left_is_said_once() -> None:
    tracks = CameraTracks()
    tracks.answer(answer(frame(100)))
    assert tracks.is_busy is False  # until there is an image to carry to
    look(tracks, frame(150))
    assert tracks.is_busy
    blank = frame(200)
    blank.message.data = array('B', bytes(3 * WIDTH * HEIGHT))
    (message,) = look(tracks, blank)
    assert message.detections.detections == []
    assert [list(phrase.detections) for phrase in message.phrases] == [[], []]
    assert message.status_message == '2 of 2 boxes are lost'
    assert not tracks.is_busy
    assert look(tracks, frame(250)) == []


def test_when_time_is_set_back_everything_is_forgotten() -> None:
    tracks = CameraTracks()
    before = frame(900)
    tracks.answer(answer(before))
    assert len(look(tracks, frame(950))) == 1
    assert look(tracks, frame(100)) == []
    tracks.answer(answer(before))  # was still being computed
    assert look(tracks, frame(150)) == []
    tracks.answer(answer(frame(160)))
    assert len(look(tracks, frame(200))) == 1


def test_an_image_that_cannot_be_read_is_the_callers_business() -> None:
    tracks = CameraTracks()
    about = frame(100)
    tracks.answer(answer(about))
    broken = frame(150)
    broken.message.encoding = 'no such'
    with pytest.raises(InvalidImageError, match='no such'):
        tracks.see(broken)
    assert len(look(tracks, frame(200))) == 1


@pytest.mark.parametrize(
    ('tracks', 'ids', 'phrases', 'message'),
    [
        ((Track('7', 0, LEFT), Track('8', 1, RIGHT)), ['7', '8'], [(0,), (1,)], 'a word'),
        ((Track('8', 1, RIGHT),), ['8'], [(), (0,)], 'a word; 1 of 2 boxes are lost'),
        ((), [], [(), ()], 'a word; 2 of 2 boxes are lost'),
    ],
)
def test_phrases_point_at_what_is_left(
    tracks: tuple[Track, ...], ids: list[str], phrases: list[tuple[int, ...]], message: str
) -> None:
    grounding = Grounding(
        Task.LOCATE,
        Status.FOUND,
        WIDTH,
        HEIGHT,
        status_message='a word',
        text='a cup; a box',
        phrases=(
            Phrase('a cup', 0, 5, detections=(0,), alternatives=(ScoredBox(RIGHT, 0.1),)),
            Phrase('a box', 7, 12, detections=(1,)),
        ),
        detections=(ScoredBox(LEFT, 0.9), ScoredBox(LEFT, 0.8)),
        looks=(Region(0, 0, WIDTH, HEIGHT),),
        looks_wanted=2,
    )
    result = moved(grounding, tracks)
    assert [one.id for one in result.detections] == ids
    assert [phrase.detections for phrase in result.phrases] == phrases
    assert all(phrase.alternatives == () for phrase in result.phrases)
    assert result.status_message == message
    assert (result.looks, result.looks_wanted) == ((), 0)
