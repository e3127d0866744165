# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Who gets carried boxes, and who those of answers."""

from __future__ import annotations

from typing import Any

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import numpy as np
import pytest
from std_msgs.msg import Header

from kosmos_ros.core.images.views import ArrayPicture
from kosmos_ros.core.types import Box, Grounding, ScoredBox, Status, Task
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.endpoints.image_annotations import foxglove_messages, ImageAnnotations
from kosmos_ros.ros.endpoints.tracks_output import TracksOutput

FOXGLOVE = foxglove_messages()
ANSWER = Answer(
    Grounding(
        Task.LOCATE,
        Status.FOUND,
        64,
        48,
        detections=(ScoredBox(Box(0.25, 0.25, 0.75, 0.75), 0.9, 'mug', '0'),),
    ),
    'q1',
    'front',
    Header(frame_id='lens'),
    ArrayPicture(np.zeros((48, 64, 3), np.uint8)),
    0.25,
    None,
)


class Stand:
    """An output with a switch, and who listens to it."""

    def __init__(self, rig: Any) -> None:
        self.carries = True
        self._rig = rig
        node = rig.node('grounding')
        self._publisher = node.create_publisher(GroundingMessage, '~/tracks', 10)
        self._annotations = ImageAnnotations(node, ['front'])
        self.output = TracksOutput(self._publisher, self._annotations, lambda: self.carries)
        self._listener = rig.node('listener')

    def listen_to_tracks(self) -> list[Any]:
        return self._listen(GroundingMessage, 'tracks', self._publisher.get_subscription_count)

    def listen_to_annotations(self) -> list[Any]:
        if FOXGLOVE is None:
            pytest.skip('no foxglove_msgs here')
        return self._listen(
            FOXGLOVE.ImageAnnotations, 'annotations', self._annotations.has_listeners
        )

    def _listen(self, kind: type, topic: str, is_heard: Any) -> list[Any]:
        received: list[Any] = []
        self._listener.create_subscription(kind, f'/grounding/{topic}', received.append, 10)
        self._rig.spin_until(is_heard)
        return received


@pytest.fixture
def stand(rig: Any) -> Stand:
    """Make an output."""
    return Stand(rig)


def test_boxes_are_wanted_by_those_who_listen_to_tracks(stand: Stand) -> None:
    assert not stand.output.is_wanted()
    stand.listen_to_tracks()
    assert stand.output.is_wanted()
    stand.carries = False
    assert not stand.output.is_wanted()


def test_boxes_are_wanted_by_those_who_look_at_annotations(stand: Stand) -> None:
    stand.listen_to_annotations()
    assert stand.output.is_wanted()


def test_carried_answers_go_to_both(stand: Stand, rig: Any) -> None:
    tracks, annotations = stand.listen_to_tracks(), stand.listen_to_annotations()
    stand.output.publish('front', [GroundingMessage(id='a'), GroundingMessage(id='b')])
    rig.spin_until(lambda: len(tracks) == 2 and annotations)
    assert [message.id for message in tracks] == ['a', 'b']
    assert len(annotations) == 1


def test_answers_themselves_are_drawn_where_boxes_are_not_carried(stand: Stand, rig: Any) -> None:
    annotations = stand.listen_to_annotations()
    stand.output.publish_answer(ANSWER)
    stand.carries = False
    stand.output.publish_answer(ANSWER)
    rig.spin_until(lambda: annotations)
    (drawn,) = annotations
    assert [text.text for text in drawn.texts] == ['mug 0.90']
