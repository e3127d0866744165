# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Answers and carried boxes on topics; pictures only for those who look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import numpy as np
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray, Detection3D, Detection3DArray
from visualization_msgs.msg import MarkerArray

from kosmos_ros.core.images.views import ArrayPicture, Picture
from kosmos_ros.core.types import Box, Grounding, ScoredBox, Status, Task
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.positions import Space
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.conversions.images import image_from_ros
from kosmos_ros.ros.endpoints import publishers as outputs_module
from kosmos_ros.ros.endpoints.image_annotations import foxglove_messages, ImageAnnotations
from kosmos_ros.ros.endpoints.publishers import Outputs, TracksOutput

ANSWER = Answer(
    grounding=Grounding(
        Task.LOCATE,
        Status.FOUND,
        64,
        48,
        detections=(ScoredBox(Box(0.25, 0.25, 0.75, 0.75), 0.9, 'mug', '0'),),
    ),
    id='q1',
    camera='camera',
    header=Header(frame_id='lens'),
    picture=ArrayPicture(np.full((48, 64, 3), 99, np.uint8)),
    image_age=0.25,
    region=None,
)


def received(rig, outputs: Outputs, kind: type, topic: str) -> object:
    messages: list[object] = []
    node = rig.node(f'listener_{topic}')
    node.create_subscription(kind, f'/grounding/{topic}', messages.append, 10)
    rig.spin_until(lambda: node.count_publishers(f'/grounding/{topic}'))
    rig.spin_until(lambda: outputs.publish(ANSWER) or messages)
    return messages[0]


def test_an_answer_is_published_with_the_header_of_its_image(rig) -> None:
    outputs = Outputs(rig.node('grounding'), NodeSettings)
    grounding = received(rig, outputs, GroundingMessage, 'groundings')
    assert (grounding.id, grounding.header, grounding.image_age.nanosec) == (
        'q1',
        ANSWER.header,
        250_000_000,
    )
    detections = received(rig, outputs, Detection2DArray, 'detections')
    assert detections == grounding.detections
    picture = received(rig, outputs, Image, 'debug_image')
    assert picture.header == ANSWER.header
    assert image_from_ros(picture).shape == (48, 64, 3)
    assert (image_from_ros(picture) != 99).any()
    assert (ANSWER.picture.pixels() == 99).all()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count the pictures that are drawn."""
    drawn: list[object] = []
    draw: Callable[..., object] = outputs_module.draw_grounding
    monkeypatch.setattr(
        outputs_module, 'draw_grounding', lambda *args: drawn.append(args) or draw(*args)
    )
    return drawn


class UnseenPicture(Picture):
    """A picture whose pixels nobody may want."""

    width, height = 64, 48

    def pixels(self) -> None:
        raise AssertionError('nobody looks')


@pytest.mark.parametrize(('draws', 'looks'), [(True, False), (False, True)])
def test_nothing_is_drawn_for_nobody(rig, drawn: list[object], draws: bool, looks: bool) -> None:
    node = rig.node('grounding')
    outputs = Outputs(node, lambda: NodeSettings(debug_image=draws))
    if looks:
        node.create_subscription(Image, '~/debug_image', lambda _: None, 1)
        rig.spin_until(lambda: node.count_subscribers('/grounding/debug_image'))
    outputs.publish(replace(ANSWER, picture=UnseenPicture()))
    assert not drawn


@pytest.mark.parametrize('shows', [True, False])
def test_looks_are_drawn_where_wanted(rig, drawn: list[Any], shows: bool) -> None:
    node = rig.node('grounding')
    outputs = Outputs(node, lambda: NodeSettings(debug_looks=shows))
    node.create_subscription(Image, '~/debug_image', lambda _: None, 1)
    rig.spin_until(lambda: node.count_subscribers('/grounding/debug_image'))
    outputs.publish(ANSWER)
    ((*_, looks),) = drawn
    assert looks is shows


def in_space(status: int) -> Answer:
    """Return the answer with a status of its positions."""
    array = Detection3DArray(header=ANSWER.header, detections=[Detection3D(id='0')])
    if status != GroundingMessage.STATUS_3D_FOUND:
        array.detections = []
    return replace(ANSWER, space=Space(array, status, ''))


def test_positions_are_published_beside_the_answer(rig) -> None:
    outputs = Outputs(rig.node('grounding'), NodeSettings)
    arrays: list[Detection3DArray] = []
    node = rig.node('listener')
    node.create_subscription(Detection3DArray, '/grounding/detections_3d', arrays.append, 10)
    rig.spin_until(lambda: node.count_publishers('/grounding/detections_3d'))
    failed = in_space(GroundingMessage.STATUS_3D_FAILED)
    rig.spin_until(lambda: outputs.publish(failed) or arrays)
    assert (arrays[0].header, arrays[0].detections) == (ANSWER.header, [])


def test_without_depth_nothing_is_said_about_space(rig) -> None:
    outputs = Outputs(rig.node('grounding'), NodeSettings)
    arrays: list[object] = []
    answers: list[object] = []
    node = rig.node('listener')
    node.create_subscription(Detection3DArray, '/grounding/detections_3d', arrays.append, 10)
    node.create_subscription(MarkerArray, '/grounding/markers', arrays.append, 10)
    node.create_subscription(GroundingMessage, '/grounding/groundings', answers.append, 10)
    without = in_space(GroundingMessage.STATUS_3D_NOT_CONFIGURED)
    rig.spin_until(lambda: outputs.publish(without) or len(answers) > 5)
    assert not arrays


def test_markers_are_made_only_for_those_who_look(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(_: object, __: object, camera: str) -> MarkerArray:
        made.append(camera)
        return MarkerArray()

    monkeypatch.setattr(outputs_module, 'markers_of', make)
    outputs = Outputs(rig.node('grounding'), NodeSettings)
    found = in_space(GroundingMessage.STATUS_3D_FOUND)
    outputs.publish(found)
    assert not made
    seen: list[MarkerArray] = []
    rig.node('rviz').create_subscription(MarkerArray, '/grounding/markers', seen.append, 10)
    rig.spin_until(lambda: outputs.publish(found) or seen)
    assert set(made) == {'camera'}


FOXGLOVE = foxglove_messages()


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
    stand.output.publish_answer(replace(ANSWER, camera='front'))
    stand.carries = False
    stand.output.publish_answer(replace(ANSWER, camera='front'))
    rig.spin_until(lambda: annotations)
    (drawn,) = annotations
    assert [text.text for text in drawn.texts] == ['mug 0.90']
