# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One camera: which images it keeps, what it says of them, how it subscribes."""

from __future__ import annotations

from array import array
from dataclasses import replace

from builtin_interfaces.msg import Time
import cv2
import numpy as np
import pytest
from rclpy.qos import QoSDurabilityPolicy, QoSProfile, QoSReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.camera_settings import CameraSettings
from kosmos_ros.ros.cameras import frames as frames_module
from kosmos_ros.ros.cameras.camera import Camera
from kosmos_ros.ros.cameras.camera_use import CameraUse
from kosmos_ros.ros.cameras.frames import Frame, FrameWish
from kosmos_ros.ros.executor.failures import Failures, HeldUpError, RefusedError

ANY = FrameWish()
BEST_EFFORT = QoSReliabilityPolicy.BEST_EFFORT


class Stage:
    """A camera and a publisher in front of it."""

    def __init__(
        self,
        rig,
        transport: str = 'raw',
        reliability: str = 'auto',
        bits: int = 0,
        **use: object,
    ) -> None:
        self.rig = rig
        self.node = rig.node('grounding')
        self.noticed: list[Frame] = []
        settings = CameraSettings('front', 'image', transport, reliability, bits=bits)
        self.failures = Failures(self.node.get_logger())
        self.camera = Camera(self.node, settings, self._notice, self.failures, CameraUse(**use))
        self.camera.start()
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

    def _notice(self, camera: str, frame: Frame) -> None:
        assert camera == 'front'
        self.noticed.append(frame)


@pytest.fixture
def stage(rig) -> Stage:
    return Stage(rig)


def image(sec: int = 0, **fields: object) -> Image:
    message = Image(width=2, height=1, step=6, encoding='rgb8', data=array('B', range(6)))
    message.header.stamp = Time(sec=sec)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def jpeg(sec: int, size: int | None = None) -> CompressedImage:
    """Make an image, of which no more than ``size`` bytes came."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    data = cv2.imencode('.jpg', pixels)[1].tobytes()[:size]
    message = CompressedImage(format='rgb8; jpeg compressed bgr8', data=array('B', data))
    message.header.stamp = Time(sec=sec)
    return message


def now(stage: Stage) -> int:
    return stage.node.get_clock().now().to_msg().sec


def refusal(stage: Stage, **wish: object) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        stage.camera.frame(FrameWish(**wish))
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
    frame = stage.camera.frame(FrameWish(max_age=1000.0))
    assert frame.message == newest
    assert stage.noticed[1] is frame
    assert frame.pixels().tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_repetitions_are_counted_and_not_noticed(stage: Stage) -> None:
    stage.show(image(sec=5))
    stage.show(image(sec=5))
    assert (stage.camera.received, stage.camera.repeated, len(stage.noticed)) == (2, 1, 1)


def test_an_image_has_to_be_newer_than_asked_for(stage: Stage) -> None:
    sec = now(stage)
    stage.show(image(sec=sec))
    assert stage.camera.frame(FrameWish(newer_than_ns=sec * 10**9 - 1))
    error = refusal(stage, newer_than_ns=sec * 10**9)
    assert error.status is Status.NO_IMAGE
    assert str(error) == (
        f'no image stamped later than {sec}.000 s has come on /image; '
        f'the newest is stamped {sec}.000 s'
    )


def test_an_old_image_is_stale(stage: Stage) -> None:
    stage.show(image(sec=now(stage) - 100))
    error = refusal(stage, max_age=50.0)
    assert error.status is Status.STALE_IMAGE
    assert '50 s are allowed' in str(error)
    assert 'use_sim_time' in str(error)
    assert stage.camera.is_lost(50.0)
    assert not stage.camera.is_lost(0.0)
    assert stage.camera.frame(ANY)


@pytest.mark.parametrize(
    ('stamps', 'problem'),
    [
        ((5, 6), 'uptime'),
        ((-5,), 'uptime'),
        ((2**31 - 1,), 'ahead of the time of this node'),
        ((0, 0), ''),
    ],
)
def test_stamps_that_are_no_times_are_named(
    stage: Stage, stamps: tuple[int, ...], problem: str
) -> None:
    for sec in stamps:
        stage.show(image(sec=sec))
    assert problem in stage.camera.stamp_problem()
    assert bool(problem) == bool(stage.camera.stamp_problem())
    assert problem in str(refusal(stage, newer_than_ns=2**31 * 10**9))
    if 0 < stamps[-1] < 10:
        assert problem in str(refusal(stage, max_age=50.0))


def test_what_comes_again_and_again_is_said_to(stage: Stage) -> None:
    for _ in range(3):
        stage.show(image(sec=now(stage) - 100) if not stage.noticed else stage.noticed[0].message)
    assert 'it came 3 times, the same image' in str(refusal(stage, max_age=50.0))
    assert len(stage.noticed) == 1


def test_another_image_counts_though_its_stamp_is_the_same(stage: Stage) -> None:
    stage.show(image(sec=5))
    stage.show(image(sec=5, data=array('B', [9] * 6)))
    assert stage.camera.repeated == 0
    assert stage.camera.frame(ANY) is stage.noticed[1]
    assert stage.noticed[1].pixels().max() == 9


def test_without_publishers_a_refusal_says_so(stage: Stage) -> None:
    stage.node.destroy_publisher(stage.publisher)
    stage.rig.spin_until(lambda: not stage.camera.publishers())
    assert 'nobody publishes it' in str(refusal(stage))


def test_a_malformed_image_is_counted_and_explained(stage: Stage) -> None:
    stage.show(image(sec=5, encoding='pink'))
    assert (stage.camera.malformed, stage.noticed, stage.failures.unexpected) == (1, [], 0)
    assert "encoding 'pink'" in stage.camera.problem()
    assert "cannot be used: the encoding 'pink'" in str(refusal(stage))
    stage.show(image(sec=5))
    assert stage.camera.problem() == ''
    assert stage.camera.frame(ANY)


def test_compressed_images_are_decoded_when_they_are_needed(rig) -> None:
    stage = Stage(rig, transport='compressed')
    assert stage.camera.topic == '/image/compressed'
    stage.show(jpeg(sec=5, size=300))
    assert stage.camera.frame(ANY)
    assert (stage.camera.malformed, stage.camera.is_recovering()) == (0, False)
    with pytest.raises(HeldUpError, match=r'cannot be used: .* damaged image') as error:
        stage.camera.sound_frame(ANY)
    assert error.value.reason.status is Status.NO_IMAGE
    assert (stage.camera.malformed, stage.camera.is_recovering()) == (1, True)
    assert 'damaged image' in stage.camera.problem()
    stage.show(jpeg(sec=6))
    assert stage.camera.sound_frame(ANY).message.header.stamp.sec == 6
    assert (stage.camera.malformed, stage.camera.is_recovering()) == (1, False)


def test_a_damaged_image_makes_way_for_the_one_before(rig) -> None:
    stage = Stage(rig, transport='compressed', history=3)
    for sec, size in ((5, None), (6, 300), (7, 400)):
        stage.show(jpeg(sec, size))
    good = stage.camera.sound_frame(ANY)
    assert good.message.header.stamp.sec == 5
    assert stage.camera.sound_frame(ANY) is good
    assert (stage.camera.malformed, stage.camera.newest()) == (2, good)
    for wish in (FrameWish(newer_than_ns=5 * 10**9), FrameWish(max_age=1.0)):
        with pytest.raises(HeldUpError, match='cannot be used: '):
            stage.camera.sound_frame(wish)


@pytest.mark.parametrize('kind', ['h264', 'bgr8; avif compressed bgr8'])
def test_images_of_a_kind_that_is_not_read_are_no_hope(rig, kind: str) -> None:
    stage = Stage(rig, transport='compressed')
    stage.show(CompressedImage(format=kind, data=array('B', b'packet')))
    with pytest.raises(RefusedError, match=r'cannot be used: .* is not read') as error:
        stage.camera.sound_frame(ANY)
    assert not isinstance(error.value, HeldUpError)
    assert (stage.camera.malformed, stage.camera.is_recovering()) == (1, False)


def test_sixteen_bits_are_as_bright_in_all_images_of_a_camera(stage: Stage) -> None:
    def grey(sec: int, value: int) -> int:
        data = array('B', value.to_bytes(2, 'little') * 2)
        stage.show(image(sec=sec, encoding='mono16', step=4, data=data))
        return int(stage.camera.frame(ANY).pixels()[0, 0, 0])

    assert [grey(1, 900), grey(2, 4000), grey(3, 900)] == [224, 249, 56]
    assert stage.camera.bits == 12
    stage.camera.clear()
    assert (stage.camera.bits, grey(4, 900)) == (0, 224)
    stage.camera.stop()
    assert stage.camera.bits == 0


def test_the_bits_of_a_camera_can_be_set(rig) -> None:
    stage = Stage(rig, bits=12)
    data = array('B', (900).to_bytes(2, 'little') * 2)
    stage.show(image(encoding='mono16', step=4, data=data))
    assert stage.camera.frame(ANY).pixels()[0, 0, 0] == 56
    assert stage.camera.bits == 12


def test_the_subscription_follows_a_best_effort_publisher(rig) -> None:
    stage = Stage(rig)
    stage.node.destroy_publisher(stage.publisher)
    stage.publisher = stage.publish_with(reliability=BEST_EFFORT)
    assert not stage.publisher.get_subscription_count()
    rig.spin_until(lambda: stage.camera.adapt() or stage.publisher.get_subscription_count())
    stage.show(image(sec=5))
    assert len(stage.noticed) == 1


def test_a_latched_image_that_came_before_is_seen_and_seen_anew_when_time_is_set_back(
    rig, steady_clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames_module, 'time', steady_clock)
    stage = Stage(rig)
    stage.camera.stop()
    stage.node.destroy_publisher(stage.publisher)
    stage.publisher = stage.publish_with(durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)
    stage.publisher.publish(image(sec=now(stage)))
    stage.camera.start()
    rig.spin_until(lambda: stage.camera.adapt() or stage.camera.newest())
    stage.camera.clear()
    assert stage.camera.newest() is None
    steady_clock.now += 100.0
    rig.spin_until(stage.camera.newest)
    assert stage.camera.stamp_problem() == ''


@pytest.mark.parametrize(
    ('remappings', 'given', 'topic'),
    [
        ([], '', '/camera_info'),
        (['image:=/eye/image_raw'], '', '/eye/camera_info'),
        (['image:=/eye/image_raw', '/eye/camera_info:=/model'], '', '/model'),
        (['image:=/eye/image_raw', 'camera_info:=/model'], '', '/model'),
        (['image:=/eye/image_raw'], 'info', '/info'),
        (['image:=/eye/image_raw', 'info:=/model'], 'info', '/model'),
    ],
)
def test_the_camera_model_is_beside_the_images_wherever_these_are(
    rig, remappings: list[str], given: str, topic: str
) -> None:
    arguments = [part for one in remappings for part in ('-r', one)]
    node = rig.node('grounding', cli_args=['--ros-args', *arguments] if arguments else None)
    settings = CameraSettings('front', 'image', depth_topic='depth', info_topic=given)
    camera = Camera(node, settings, lambda *_: None, Failures(node.get_logger()))
    camera.start()
    infos = node.get_subscriptions_info_by_topic(topic)
    assert [one.topic_type for one in infos] == ['sensor_msgs/msg/CameraInfo']


def test_an_error_in_a_listener_stays_inside(rig) -> None:
    node = rig.node('grounding')
    failures = Failures(node.get_logger())
    camera = Camera(node, CameraSettings('front', 'image'), lambda *_: 1 / 0, failures)
    camera.start()
    publisher = node.create_publisher(Image, 'image', 1)
    rig.spin_until(publisher.get_subscription_count)
    publisher.publish(image())
    rig.spin_until(lambda: failures.unexpected)
    assert camera.frame(ANY)


def test_of_the_frames_kept_the_nearest_is_taken(rig) -> None:
    stage = Stage(rig, history=3)
    for sec in (1, 2, 3, 4):
        stage.show(image(sec=sec))

    def stamp(**wish: object) -> int:
        return stage.camera.frame(FrameWish(**wish)).message.header.stamp.sec

    assert stamp() == 4
    assert stamp(nearest_to_ns=int(2.4e9)) == 2
    assert stamp(nearest_to_ns=int(0.9e9)) == 2  # the first one is gone
    assert stamp(nearest_to_ns=int(9e9)) == 4
    assert stamp(nearest_to_ns=int(2.4e9), newer_than_ns=int(2.5e9)) == 3
    error = refusal(stage, nearest_to_ns=int(2.4e9), max_age=60.0)
    assert error.status is Status.STALE_IMAGE
    assert 'the image nearest to 2.400 s on /image is' in str(error)


def test_start_and_stop_may_come_twice_and_what_was_seen_is_forgotten(stage: Stage) -> None:
    stage.camera.start()
    stage.show(image(sec=5))
    stage.camera.stop()
    stage.camera.stop()
    assert not stage.camera.is_subscribed
    assert refusal(stage).status is Status.NO_IMAGE
    stage.rig.spin_until(lambda: not stage.publisher.get_subscription_count())
    stage.camera.start()
    stage.show(image(sec=3))
    assert stage.camera.frame(ANY).message.header.stamp.sec == 3


def test_a_lazy_camera_looks_while_it_is_needed(rig) -> None:
    stage = Stage(rig, is_lazy=True, lazy_seconds=lambda: 0.0)
    assert not stage.camera.is_subscribed
    release = stage.camera.lease()
    assert (stage.camera.is_subscribed, stage.camera.is_waking()) == (True, True)
    stage.show(image(sec=5))
    assert not stage.camera.is_waking()
    stage.camera.rest()
    assert stage.camera.is_subscribed
    release()
    stage.camera.rest()
    assert not stage.camera.is_subscribed
    assert refusal(stage).status is Status.NO_IMAGE
    stage.camera.need()
    assert stage.camera.is_subscribed


def test_a_lazy_camera_waits_for_nothing_better_than_what_is_not_read(rig) -> None:
    stage = Stage(rig, is_lazy=True, lazy_seconds=lambda: 0.0)
    stage.camera.lease()()
    stage.show(image(encoding='pink'))
    assert (stage.camera.is_waking(), stage.camera.is_recovering()) == (False, False)
    stage.camera.rest()
    assert (stage.camera.is_subscribed, stage.camera.problem()) == (False, '')
    stage.camera.need()
    assert stage.camera.is_waking()


def test_a_lazy_camera_does_not_look_before_it_is_started(rig) -> None:
    stage = Stage(rig, is_lazy=True)
    stage.camera.stop()
    stage.camera.need()
    assert not stage.camera.is_subscribed


def test_a_camera_rests_a_while_after_its_last_use_only(rig) -> None:
    stage = Stage(rig, is_lazy=True, lazy_seconds=lambda: 3600.0)
    stage.camera.need()
    stage.camera.rest()
    assert stage.camera.is_subscribed


def test_whether_images_are_rectified_is_told_by_the_names_that_topics_really_have(rig) -> None:
    arguments = ['--ros-args', '-r', 'image:=/front/image_rect', '-r', 'depth:=/front/depth']
    node = rig.node('grounding', cli_args=arguments)
    failures = Failures(node.get_logger())
    settings = CameraSettings('front', 'image', depth_topic='depth', info_topic='info')
    camera = Camera(node, settings, lambda *_: None, failures)
    assert camera.rectification == (True, 'by the name of /front/image_rect', '')
    assert camera.depth_near(0).rectified
    raw = replace(settings, rectified='false')
    assert not Camera(node, raw, lambda *_: None, failures).depth_near(0).rectified
    raw = replace(settings, topic='/front/image_raw', depth_topic='/front/depth/image_rect')
    pair = Camera(node, raw, lambda *_: None, failures).depth_near(0)
    assert (pair.rectified, 'set to true or false' in pair.doubt) == (True, True)
    assert Camera(node, CameraSettings('front', 'image'), print, failures).rectification is None
