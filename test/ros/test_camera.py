# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One camera: which images it keeps, what it says of them, how it subscribes."""

from __future__ import annotations

from array import array
from types import SimpleNamespace

from builtin_interfaces.msg import Time
import pytest
from rclpy.qos import QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.types import Status
from kosmos_ros.ros.camera import Camera, choose_reliability
from kosmos_ros.ros.camera_parameters import CameraSettings
from kosmos_ros.ros.failures import Failures, RefusedError

RELIABLE = QoSReliabilityPolicy.RELIABLE
BEST_EFFORT = QoSReliabilityPolicy.BEST_EFFORT


@pytest.mark.parametrize(
    ('setting', 'offered', 'chosen'),
    [
        ('auto', [], RELIABLE),
        ('auto', [RELIABLE], RELIABLE),
        ('auto', [RELIABLE, BEST_EFFORT], BEST_EFFORT),
        ('auto', [BEST_EFFORT], BEST_EFFORT),
        ('reliable', [BEST_EFFORT], RELIABLE),
        ('best_effort', [RELIABLE], BEST_EFFORT),
    ],
)
def test_reliability_follows_the_publishers(setting: str, offered: list, chosen: object) -> None:
    publishers = [
        SimpleNamespace(qos_profile=QoSProfile(depth=1, reliability=one)) for one in offered
    ]
    assert choose_reliability(setting, publishers) == chosen


class Stage:
    """A camera and a publisher in front of it."""

    def __init__(self, rig, transport: str = 'raw', reliability: str = 'auto') -> None:
        self.rig = rig
        self.node = rig.node('grounding')
        self.noticed = 0
        settings = CameraSettings('front', 'image', transport, reliability)
        self.failures = Failures(self.node.get_logger())
        self.camera = Camera(self.node, settings, self._notice, self.failures)
        self.kind = Image if transport == 'raw' else CompressedImage
        self.publisher = self.publish_with()

    def publish_with(self, **qos: object):
        return self.node.create_publisher(
            self.kind, self.camera.topic, QoSProfile(depth=10, **qos)
        )

    def show(self, message: Image | CompressedImage) -> None:
        """Publish a message and wait until the camera has it."""
        before = self.camera.received
        self.rig.spin_until(self.publisher.get_subscription_count)
        self.publisher.publish(message)
        self.rig.spin_until(lambda: self.camera.received > before)

    def _notice(self) -> None:
        self.noticed += 1


@pytest.fixture
def stage(rig) -> Stage:
    return Stage(rig)


def image(sec: int = 0, **fields: object) -> Image:
    message = Image(width=2, height=1, step=6, encoding='rgb8', data=array('B', range(6)))
    message.header.stamp = Time(sec=sec)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def now(stage: Stage) -> int:
    return stage.node.get_clock().now().to_msg().sec


def refusal(stage: Stage, newer_than_ns: int = 0, max_age: float = 0.0) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        stage.camera.frame(newer_than_ns, max_age)
    return error.value


def test_before_the_first_image_there_is_none(stage: Stage) -> None:
    error = refusal(stage)
    assert error.status is Status.NO_IMAGE
    assert str(error) == 'no image has come on /image'
    assert stage.camera.age() is None
    assert not stage.camera.is_lost(1.0)


def test_the_newest_image_is_kept_and_noticed(stage: Stage) -> None:
    stage.show(image(sec=now(stage)))
    newest = image(sec=now(stage) + 1)
    stage.show(newest)
    frame = stage.camera.frame(0, max_age=1000.0)
    assert frame.message == newest
    assert stage.noticed == 2
    assert frame.pixels().tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_repetitions_are_counted_and_not_noticed(stage: Stage) -> None:
    stage.show(image(sec=5))
    stage.show(image(sec=5))
    assert (stage.camera.received, stage.camera.repeated, stage.noticed) == (2, 1, 1)


def test_an_image_has_to_be_newer_than_asked_for(stage: Stage) -> None:
    stage.show(image(sec=5))
    assert stage.camera.frame(5 * 10**9 - 1, 0.0)
    error = refusal(stage, newer_than_ns=5 * 10**9)
    assert error.status is Status.NO_IMAGE
    assert str(error) == (
        'no image stamped later than 5.000 s has come on /image; the newest is stamped 5.000 s'
    )


def test_an_old_image_is_stale(stage: Stage) -> None:
    stage.show(image(sec=now(stage) - 100))
    error = refusal(stage, max_age=50.0)
    assert error.status is Status.STALE_IMAGE
    assert '50 s are allowed' in str(error)
    assert 'use_sim_time' in str(error)
    assert stage.camera.is_lost(50.0)
    assert not stage.camera.is_lost(0.0)
    assert stage.camera.frame(0, max_age=0.0)


def test_without_publishers_a_refusal_says_so(stage: Stage) -> None:
    stage.node.destroy_publisher(stage.publisher)
    stage.rig.spin_until(lambda: not stage.camera.publishers())
    assert 'nobody publishes it' in str(refusal(stage))


def test_a_malformed_image_is_counted_and_explained(stage: Stage) -> None:
    stage.show(image(sec=5, encoding='pink'))
    assert (stage.camera.malformed, stage.noticed, stage.failures.unexpected) == (1, 0, 0)
    assert "encoding 'pink'" in stage.camera.problem()
    assert "cannot be used: the encoding 'pink'" in str(refusal(stage))
    stage.show(image(sec=5))
    assert stage.camera.problem() == ''
    assert stage.camera.frame(0, 0.0)


def test_compressed_images_are_decoded_when_they_are_needed(rig) -> None:
    stage = Stage(rig, transport='compressed')
    assert stage.camera.topic == '/image/compressed'
    stage.show(CompressedImage(format='jpeg', data=array('B', b'no picture')))
    frame = stage.camera.frame(0, 0.0)
    with pytest.raises(InvalidImageError, match='not an image') as error:
        frame.pixels()
    assert stage.camera.malformed == 0
    refused = stage.camera.unusable(error.value)
    assert 'the newest image on /image/compressed cannot be used: ' in str(refused)
    assert refused.status is Status.NO_IMAGE
    assert stage.camera.malformed == 1


def test_the_subscription_follows_a_best_effort_publisher(rig) -> None:
    stage = Stage(rig)
    stage.node.destroy_publisher(stage.publisher)
    stage.publisher = stage.publish_with(reliability=BEST_EFFORT)
    assert not stage.publisher.get_subscription_count()
    rig.spin_until(lambda: stage.camera.watch(0.0) or stage.publisher.get_subscription_count())
    stage.show(image(sec=5))
    assert stage.noticed == 1


def test_an_error_in_a_listener_stays_inside(rig) -> None:
    node = rig.node('grounding')
    failures = Failures(node.get_logger())
    camera = Camera(node, CameraSettings('front', 'image'), lambda: 1 / 0, failures)
    publisher = node.create_publisher(Image, 'image', 1)
    rig.spin_until(publisher.get_subscription_count)
    publisher.publish(image())
    rig.spin_until(lambda: failures.unexpected)
    assert camera.frame(0, 0.0)
