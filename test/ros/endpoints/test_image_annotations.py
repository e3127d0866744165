# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Boxes and labels for Foxglove, over DDS as Foxglove's bridge gets them."""

from __future__ import annotations

import sys
import threading
from typing import Any

from kosmos_ros_msgs.msg import GroundedPhrase
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import pytest
from std_msgs.msg import Header

from kosmos_ros.core.drawing.palette import colors_of_labels
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.ros.conversions.values import detection_to_ros
from kosmos_ros.ros.endpoints.image_annotations import (
    annotations_to_ros,
    foxglove_messages,
    ImageAnnotations,
)

HEADER = Header(frame_id='lens')
HEADER.stamp.sec = 7
MUG = ScoredBox(Box(0.25, 0.5, 0.75, 1.0), 0.876, 'the red mug', '3')
BOX = ScoredBox(Box(0.0, 0.0, 0.5, 0.5), 0.5, 'a box', '4')


@pytest.fixture
def messages() -> Any:
    """Return the messages of Foxglove."""
    found = foxglove_messages()
    if found is None:
        pytest.skip('no foxglove_msgs here')
    return found


def grounding(*boxes: ScoredBox, carried: bool = True) -> GroundingMessage:
    message = GroundingMessage(header=HEADER, carried=carried)
    message.phrases = [GroundedPhrase(text=one.label) for one in boxes]
    message.detections.detections = [detection_to_ros(one, 200, 100, HEADER) for one in boxes]
    return message


def test_each_box_is_an_outline_and_a_label_of_its_colour(messages: Any) -> None:
    drawn = annotations_to_ros([grounding(MUG, BOX)], messages)
    first, second = drawn.points
    assert first.type == messages.PointsAnnotation.LINE_LOOP
    assert [(one.x, one.y) for one in first.points] == [
        (50.0, 50.0),
        (150.0, 50.0),
        (150.0, 100.0),
        (50.0, 100.0),
    ]
    assert [text.text for text in drawn.texts] == ['#3 the red mug 0.88', '#4 a box 0.50']
    colors = colors_of_labels([MUG.label, BOX.label])
    for outline, text, label in zip(
        drawn.points, drawn.texts, (MUG.label, BOX.label), strict=True
    ):
        painted = outline.outline_color
        assert [255 * painted.r, 255 * painted.g, 255 * painted.b] == pytest.approx(colors[label])
        assert (text.background_color.r, painted.a) == (painted.r, 1.0)
        assert outline.timestamp.sec == text.timestamp.sec == 7
    assert first.outline_color != second.outline_color


def test_a_label_is_above_its_box_or_inside_at_the_upper_edge(messages: Any) -> None:
    above, inside = annotations_to_ros([grounding(MUG, BOX)], messages).texts
    assert (above.position.x, above.position.y) == (50.0, 50.0)
    assert inside.position.y == inside.font_size


def test_ids_are_told_of_carried_boxes_only(messages: Any) -> None:
    (text,) = annotations_to_ros([grounding(MUG, carried=False)], messages).texts
    assert text.text == 'the red mug 0.88'


def test_answers_about_one_image_are_drawn_together(messages: Any) -> None:
    drawn = annotations_to_ros([grounding(MUG), grounding(), grounding(BOX)], messages)
    assert len(drawn.points) == len(drawn.texts) == 2


def test_each_camera_has_a_topic_and_only_listeners_get_messages(rig: Any, messages: Any) -> None:
    node = rig.node('grounding')
    annotations = ImageAnnotations(node, ['front', 'wrist'])
    assert not annotations.has_listeners()
    annotations.publish('front', [grounding(MUG)])
    received: dict[str, list[Any]] = {'annotations': [], 'annotations/wrist': []}
    listener = rig.node('listener')
    for topic, got in received.items():
        listener.create_subscription(
            messages.ImageAnnotations, f'/grounding/{topic}', got.append, 10
        )
        assert node.count_publishers(f'/grounding/{topic}') == 1
    rig.spin_until(
        lambda: all(one.get_subscription_count() for one in annotations._publishers.values())
    )
    assert annotations.has_listeners()
    annotations.publish('front', [grounding(MUG)])
    annotations.publish('wrist', [grounding(BOX)])
    annotations.publish('no such camera', [grounding(BOX)])
    rig.spin_until(lambda: all(received.values()))
    texts = [[one.texts[0].text for one in got] for got in received.values()]
    assert texts == [['#3 the red mug 0.88'], ['#4 a box 0.50']]
    topics = [name for name, _ in node.get_topic_names_and_types() if 'annotations' in name]
    closing = threading.Thread(target=annotations.close)
    closing.start()
    closing.join()
    assert not annotations.has_listeners()
    # What counts listeners in the executor's thread at this moment must not find them destroyed.
    assert all(node.count_publishers(name) for name in topics)
    rig.spin_until(lambda: not any(node.count_publishers(name) for name in topics))


def test_without_the_package_there_are_no_topics(rig: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, 'foxglove_msgs.msg', None)
    node = rig.node('grounding')
    annotations = ImageAnnotations(node, ['front'])
    assert not annotations.has_listeners()
    annotations.publish('front', [grounding(MUG)])
    annotations.close()
    assert not node.count_publishers('/grounding/annotations')
