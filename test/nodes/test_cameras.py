# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Several cameras of one node: which image is asked about, and what happens when one is gone.

Spans ``nodes.grounding_node`` and ``ros.cameras``.
"""

from __future__ import annotations

from array import array

from builtin_interfaces.msg import Duration, Time
import cv2
from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
from kosmos_ros_msgs.srv import Ground, SetStandingQuery
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image, RegionOfInterest

WIDTH, HEIGHT = 40, 20


class Lens:
    """A camera that shows one grey, when told to or 20 times a second."""

    def __init__(self, robot, name: str, grey: int) -> None:
        self._node = robot.node
        self.publisher = self._node.create_publisher(Image, f'{name}/image_raw', 10)
        self._image = Image(width=WIDTH, height=HEIGHT, step=WIDTH, encoding='mono8')
        self._image.data = array('B', [grey] * (WIDTH * HEIGHT))
        self._image.header.frame_id = f'{name}_optical_frame'
        self._timer = None

    def film(self) -> None:
        self._timer = self._node.create_timer(0.05, self.shoot)

    def shoot(self, stamp: Time | None = None) -> None:
        self._image.header.stamp = stamp or self._node.get_clock().now().to_msg()
        self.publisher.publish(self._image)

    def break_down(self) -> None:
        self._node.destroy_timer(self._timer)


@pytest.fixture
def front(robot) -> Lens:
    return Lens(robot, 'front', grey=51)


@pytest.fixture
def wrist(robot) -> Lens:
    return Lens(robot, 'wrist', grey=204)


def width_of(grounding: Grounding) -> float:
    return grounding.detections.detections[0].bbox.size_x


def test_each_camera_answers_for_itself_and_all_together(
    start_node, robot, front: Lens, wrist: Lens
) -> None:
    # Otherwise the images that were asked about before would not be encoded again.
    node = start_node(
        'seeing', cameras='[front, wrist]', existence_threshold=0.1, max_cached_frames=0
    )
    robot.listen()
    front.film()
    wrist.film()
    robot.ask_until(Grounding.STATUS_FOUND, camera='front')
    robot.ask_until(Grounding.STATUS_FOUND, camera='wrist')
    for name, camera, width in (
        ('', 'front', 8.0),
        ('front', 'front', 8.0),
        ('wrist', 'wrist', 32.0),
    ):
        response = robot.ask('the cup', camera=name)
        answer = response.grounding
        assert (answer.camera, answer.header.frame_id) == (camera, f'{camera}_optical_frame')
        assert width_of(answer) == pytest.approx(width)
        assert not response.groundings

    response = robot.ask('the cup', camera='*', id='both')
    assert response.success
    assert [one.camera for one in response.groundings] == ['front', 'wrist']
    assert [width_of(one) for one in response.groundings] == pytest.approx([8.0, 32.0])
    assert {one.status for one in response.groundings} == {Grounding.STATUS_FOUND}
    # The brighter image shows the thing more surely.
    assert response.grounding == response.groundings[1]
    for one in response.groundings:
        assert one.header.frame_id == f'{one.camera}_optical_frame'
        assert one.detections.detections[0].header == one.header
        assert one.image_age.sec == 0
        assert one.status_3d == Grounding.STATUS_3D_NOT_CONFIGURED
    node.wait_for_output('encoded 2 together')

    def published() -> bool:
        answers = [one for one in robot.received['groundings'] if one.id == 'both']
        return {one.camera for one in answers} == {'front', 'wrist'}

    robot.wait_until(published)
    refused = robot.ask(camera='rear').grounding
    assert refused.status == Grounding.STATUS_INVALID_REQUEST
    assert "no camera 'rear', only front, wrist; empty means the first" in refused.status_message


def test_a_camera_that_is_gone_spoils_nothing_and_may_return(
    start_node, robot, front: Lens, wrist: Lens
) -> None:
    start_node('seeing', cameras='[front, wrist]', max_image_age=1.0, existence_threshold=0.1)
    nobody = robot.ask_until(Grounding.STATUS_NO_IMAGE, camera='*')
    assert not nobody.success
    for topic in ('/front/image_raw', '/wrist/image_raw'):
        assert f'no image has come on {topic}' in nobody.grounding.status_message
    front.film()
    wrist.film()

    def statuses() -> list[int]:
        return [one.status for one in robot.ask('the cup', camera='*').groundings]

    both = [Grounding.STATUS_FOUND] * 2
    robot.wait_until(lambda: statuses() == both)
    wrist.break_down()
    robot.wait_until(lambda: statuses() == [Grounding.STATUS_FOUND, Grounding.STATUS_STALE_IMAGE])
    half = robot.ask('the cup', camera='*')
    assert (half.success, half.grounding.camera) == (True, 'front')
    assert half.groundings[1].camera == 'wrist'
    assert '1 s are allowed' in half.groundings[1].status_message
    robot.wait_until(lambda: robot.status('camera wrist').level == DiagnosticStatus.STALE)
    assert robot.status('camera front').level == DiagnosticStatus.OK
    # One that has fallen silent is not waited for either.
    newer = robot.ask('the cup', camera='*', newer_than=robot.node.get_clock().now().to_msg())
    assert [one.status for one in newer.groundings] == [
        Grounding.STATUS_FOUND,
        Grounding.STATUS_NO_IMAGE,
    ]
    wrist.film()
    robot.wait_until(lambda: statuses() == both)


def test_the_image_nearest_to_a_stamp_is_taken(start_node, robot, wrist: Lens) -> None:
    start_node('seeing', cameras='[wrist]', max_image_age=0.0, frame_history=3)
    robot.wait_until(wrist.publisher.get_subscription_count)
    for sec in (10, 20, 30, 40):
        wrist.shoot(Time(sec=sec))
        robot.ask_until(Grounding.STATUS_FOUND, newer_than=Time(sec=sec - 1))

    def stamp(**fields: object) -> int:
        return robot.ask(**fields).grounding.header.stamp.sec

    assert stamp() == 40
    assert stamp(nearest_to=Time(sec=24)) == 20
    assert stamp(nearest_to=Time(sec=26)) == 30
    assert stamp(nearest_to=Time(sec=1)) == 20  # that of 10 s is not kept any more
    assert stamp(nearest_to=Time(sec=24), newer_than=Time(sec=20)) == 30
    old = robot.ask(nearest_to=Time(sec=24), max_age=Duration(sec=60)).grounding
    assert old.status == Grounding.STATUS_STALE_IMAGE
    assert 'the image nearest to 24.000 s on /wrist/image_raw is' in old.status_message


def test_a_lazy_camera_is_subscribed_to_while_somebody_needs_it(
    start_node, robot, wrist: Lens
) -> None:
    start_node('seeing', cameras='[front, wrist]', subscription='lazy', lazy_seconds=0.5)
    wrist.film()
    listeners = wrist.publisher.get_subscription_count
    first = robot.ask_until(Grounding.STATUS_FOUND, camera='wrist')
    assert first.grounding.camera == 'wrist'
    robot.wait_until(lambda: not listeners())
    late = robot.ask(camera='front', timeout=Duration(nanosec=300_000_000)).grounding
    assert late.status == Grounding.STATUS_NO_IMAGE
    assert 'no image has come on /front/image_raw (nobody publishes it)' in late.status_message
    assert not listeners()
    request = SetStandingQuery.Request(enabled=True, task=1, query='the cup', camera='wrist')
    assert (
        robot.call(robot.standing, request).message
        == "LOCATE 'the cup' on every new image of wrist"
    )
    robot.wait_until(listeners)
    robot.spin_for(1.5)
    assert listeners()
    robot.call(robot.standing, SetStandingQuery.Request(enabled=False))
    robot.wait_until(lambda: not listeners())
    robot.wait_until(lambda: 'not subscribed' in robot.status('camera wrist').message)
    assert robot.status('camera wrist').level == DiagnosticStatus.OK


def test_a_standing_query_looks_through_all_cameras(
    start_node, robot, front: Lens, wrist: Lens
) -> None:
    start_node('seeing', cameras='[front, wrist]')
    robot.listen()
    front.film()
    wrist.film()
    robot.ask_until(Grounding.STATUS_FOUND, camera='wrist')
    fields = {'enabled': True, 'task': 1, 'query': 'the cup'}
    refused = robot.call(robot.standing, SetStandingQuery.Request(camera='rear', **fields))
    assert (refused.success, "no camera 'rear'" in refused.message) == (False, True)
    assert robot.call(robot.standing, SetStandingQuery.Request(camera='*', **fields)).success

    def answered() -> bool:
        answers = [one for one in robot.received['groundings'] if one.id == 'standing']
        return [one.camera for one in answers[:2]] == ['front', 'wrist'] and len(answers) > 6

    robot.wait_until(answered)
    assert robot.ask(camera='front').success


def test_places_that_a_phrase_may_mean_instead_are_told(start_node, robot, wrist: Lens) -> None:
    start_node('unsure', cameras='[wrist]')
    wrist.film()
    answer = robot.ask_until(Grounding.STATUS_FOUND, 'the cup', alternatives=1).grounding
    assert len(answer.detections.detections) == 1
    (other,) = answer.phrases[0].alternatives
    assert other.bbox.center.position.x == 30.0
    assert other.header == answer.header
    assert not robot.ask('the cup').grounding.phrases[0].alternatives
    too_many = robot.ask('the cup', alternatives=99).grounding
    assert too_many.status == Grounding.STATUS_INVALID_REQUEST
    assert 'alternatives must be within 0..8, got 99' in too_many.status_message


def test_a_call_and_a_request_for_all_are_the_same_for_an_own_image(start_node, robot) -> None:
    start_node('seeing', cameras='[front, wrist]')
    image = Image(width=4, height=4, encoding='mono8', step=4, data=[204] * 16)
    response = robot.ask_until(Grounding.STATUS_FOUND, image=image, camera='*')
    assert (response.grounding.camera, list(response.groundings)) == ('', [])
    assert isinstance(response, Ground.Response)


class TurnedLens(Lens):
    """A black image with one grey corner, which is the upper left one of the upright image."""

    def __init__(self, robot, name: str, grey: int, corner: tuple[int, int]) -> None:
        super().__init__(robot, name, grey)
        self.pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
        self.pixels[corner] = grey
        self._image.data = array('B', self.pixels.tobytes())


class TurnedCompressedLens(TurnedLens):
    """The same, compressed."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.publisher = self._node.create_publisher(
            CompressedImage, f'{arguments[1]}/image_raw/compressed', 10
        )
        self._image = CompressedImage(header=self._image.header, format='png')
        self._image.data = array('B', cv2.imencode('.png', self.pixels)[1].tobytes())


def middle_and_size(grounding: Grounding) -> tuple[float, ...]:
    box = grounding.detections.detections[0].bbox
    return box.center.position.x, box.center.position.y, box.size_x, box.size_y


def test_cameras_that_are_not_upright_are_seen_upright(start_node, robot) -> None:
    down = TurnedLens(robot, 'front', 51, (-1, -1))
    aside = TurnedCompressedLens(robot, 'wrist', 204, (-1, 0))
    start_node(
        'seeing',
        cameras='[front, wrist]',
        existence_threshold=0.1,
        max_looks=1,  # at all of an image, even if it is a strip
        **{
            'front.rotation': 180,
            'front.depth_topic': 'front/depth',
            'front.rectified': 'true',
            'wrist.rotation': 90,
            'wrist.transport': 'compressed',
        },
    )
    robot.listen()
    down.film()
    aside.film()
    robot.ask_until(Grounding.STATUS_FOUND, camera='front')
    robot.ask_until(Grounding.STATUS_FOUND, camera='wrist')
    # The left fifth, seen from behind, and the left four fifths, which are at the bottom.
    expected = [(36.0, 10.0, 8.0, 20.0), (20.0, 12.0, 40.0, 16.0)]
    both = robot.ask('the cup', camera='*').groundings
    assert [middle_and_size(one) for one in both] == [pytest.approx(one) for one in expected]
    assert middle_and_size(robot.ask('the cup').grounding) == pytest.approx(expected[0])
    right_half = RegionOfInterest(x_offset=20, width=20, height=20)
    answer = robot.ask('the cup', region=right_half).grounding
    assert middle_and_size(answer) == pytest.approx((38.0, 10.0, 4.0, 20.0))
    # An image that comes with its request is that of the camera it names, or upright.
    for camera, found in (('front', Grounding.STATUS_FOUND), ('', Grounding.STATUS_NOT_FOUND)):
        own = Image(width=WIDTH, height=HEIGHT, step=WIDTH, encoding='mono8')
        own.data = array('B', down.pixels.tobytes())
        assert robot.ask('the cup', camera=camera, image=own).grounding.status == found
    fields = {'enabled': True, 'task': 1, 'query': 'the cup', 'camera': 'wrist'}
    assert robot.call(robot.standing, SetStandingQuery.Request(**fields)).success

    def standing() -> Grounding | None:
        answers = [one for one in robot.received['groundings'] if one.id == 'standing']
        return answers[0] if answers else None

    assert middle_and_size(robot.wait_until(standing)) == pytest.approx(expected[1])
    robot.wait_until(lambda: robot.status('camera front').values)
    told = {entry.key: entry.value for entry in robot.status('camera front').values}
    assert (told['rotation'], told['rectified']) == ('180', 'true, as the parameter says')
