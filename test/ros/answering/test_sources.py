# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which images a question is about, and for which ones it waits."""

from __future__ import annotations

from array import array
import time

from builtin_interfaces.msg import Time
import pytest
from sensor_msgs.msg import Image

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest, Status
from kosmos_ros.parameters.camera_settings import CameraSettings
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.question import CameraRefusal, Question
from kosmos_ros.ros.answering.sources import Source, ViewFinder
from kosmos_ros.ros.cameras.camera_set import CameraSet
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.executor.failures import Failures, HeldUpError, RefusedError

MUG = resolve(GroundingRequest('the mug'))


class Stage:
    """Two cameras, front and rear, and their publishers."""

    def __init__(self, rig, **settings: object) -> None:
        self.rig = rig
        self.settings = NodeSettings(**{'max_image_age': 0.0, **settings})
        node = rig.node('grounding')
        self.cameras = CameraSet(
            node,
            [CameraSettings(name, name) for name in ('front', 'rear')],
            lambda: self.settings,
            lambda *_: None,
            Failures(node.get_logger()),
        )
        self.cameras.start()
        self._others = rig.node('cameras')
        self._publishers: dict[str, object] = {}
        self.finder = ViewFinder(self.cameras, lambda: self.settings)

    def plug(self, *names: str) -> None:
        for name in names:
            self._publishers[name] = self._others.create_publisher(Image, name, 10)
            (camera,) = self.cameras.resolve(name)
            self.rig.spin_until(camera.publishers)

    def unplug(self, name: str) -> None:
        self._others.destroy_publisher(self._publishers.pop(name))
        (camera,) = self.cameras.resolve(name)
        self.rig.spin_until(lambda: not camera.publishers())

    def show(self, name: str, sec: int, **fields: object) -> None:
        (camera,) = self.cameras.resolve(name)
        message = Image(width=2, height=1, step=2, encoding='mono8', data=array('B', [1, 2]))
        for field, value in fields.items():
            setattr(message, field, value)
        message.header.stamp = Time(sec=sec)
        before = camera.received
        self.rig.spin_until(self._publishers[name].get_subscription_count)
        self._publishers[name].publish(message)
        self.rig.spin_until(lambda: camera.received > before)

    def found(self, question: Question) -> list[str]:
        """Return the stamp of each camera's image, or the status of its refusal."""
        return [
            str(one.frame.message.header.stamp.sec) if isinstance(one, Source) else one.status.name
            for one in self.finder.sources(question)
        ]


@pytest.fixture
def stage(rig) -> Stage:
    return Stage(rig)


def ask(camera: str = '*', **fields: object) -> Question:
    return Question(MUG, 'q', camera=camera, **fields)


def test_of_all_cameras_each_has_an_image_or_a_reason(stage: Stage) -> None:
    stage.plug('rear')
    stage.show('rear', sec=7)
    stage.finder.lease(ask())
    front, rear = stage.finder.sources(ask())
    assert isinstance(front, CameraRefusal)
    assert (front.camera, front.status) == ('front', Status.NO_IMAGE)
    assert front.message == 'no image has come on /front (nobody publishes it)'
    assert isinstance(rear, Source)
    assert (rear.camera_name, rear.key().camera) == ('rear', 'rear')
    assert stage.found(ask(max_age=1e10)) == ['NO_IMAGE', '7']


def test_without_any_image_all_are_refused(stage: Stage) -> None:
    for look in (stage.finder.lease, stage.finder.sources):
        with pytest.raises(RefusedError, match=r'on /front .*; no .* on /rear') as error:
            look(ask())
        assert error.value.status is Status.NO_IMAGE
    stage.plug('front', 'rear')
    stage.show('front', sec=1)
    with pytest.raises(RefusedError) as error:
        stage.finder.sources(ask(max_age=1.0))
    assert error.value.status is Status.NO_IMAGE
    stage.show('rear', sec=1)
    with pytest.raises(RefusedError) as error:
        stage.finder.sources(ask(max_age=1.0))
    assert error.value.status is Status.STALE_IMAGE


def test_newer_images_are_awaited_from_all_that_still_send(stage: Stage) -> None:
    stage.plug('front', 'rear')
    question = ask(newer_than_ns=5_000_000_000)
    stage.finder.lease(question)
    stage.show('front', sec=6)
    assert 'on /rear' in str(stage.finder.missing(question))
    stage.show('rear', sec=5)
    assert 'later than 5.000 s has come on /rear' in str(stage.finder.missing(question))
    stage.show('rear', sec=6)
    assert stage.finder.missing(question) is None
    assert stage.found(question) == ['6', '6']


def test_who_has_fallen_silent_is_not_waited_for(stage: Stage) -> None:
    stage.plug('front', 'rear')
    question = ask(newer_than_ns=5_000_000_000)
    assert stage.finder.missing(question)
    stage.show('front', sec=6)
    assert stage.finder.missing(question)
    stage.unplug('rear')
    assert stage.finder.missing(question) is None
    assert stage.found(question) == ['6', 'NO_IMAGE']
    # If nobody else has an image, it may as well come back.
    stage.unplug('front')
    assert stage.finder.missing(ask(newer_than_ns=7_000_000_000))


def test_a_better_image_is_awaited_where_the_newest_are_damaged(stage: Stage) -> None:
    stage.plug('front')
    question = Question(MUG, 'q')
    stage.show('front', sec=1, step=1)
    stage.finder.lease(question)
    assert 'got step=1' in str(stage.finder.missing(question))
    with pytest.raises(HeldUpError, match='got step=1'):
        stage.finder.source(question)
    stage.show('front', sec=2)
    assert stage.finder.missing(question) is None
    assert stage.finder.source(question).frame.stamp_ns == 2_000_000_000


def test_a_damaged_image_makes_way_for_one_that_is_young_enough(stage: Stage) -> None:
    stage.plug('front')
    stage.show('front', sec=1)
    stage.show('front', sec=2, step=1)
    assert stage.finder.source(Question(MUG, 'q')).frame.stamp_ns == 1_000_000_000
    for wish in ({'max_age': 1.0}, {'newer_than_ns': 1_000_000_000}):
        question = Question(MUG, 'q', **wish)
        stage.finder.lease(question)
        assert stage.finder.missing(question)
        with pytest.raises(HeldUpError):
            stage.finder.source(question)


def test_of_a_kind_that_is_not_read_no_better_image_is_awaited(stage: Stage) -> None:
    stage.plug('front')
    stage.show('front', sec=1, encoding='pink')
    question = Question(MUG, 'q')
    with pytest.raises(RefusedError, match="the encoding 'pink'"):
        stage.finder.lease(question)
    assert stage.finder.missing(question) is None
    with pytest.raises(RefusedError, match="the encoding 'pink'"):
        stage.finder.source(question)


def test_damaged_images_of_one_camera_are_not_waited_for_if_another_is_ready(
    stage: Stage,
) -> None:
    stage.plug('front', 'rear')
    stage.show('front', sec=1, step=1)
    assert stage.finder.missing(ask())
    with pytest.raises(HeldUpError, match=r'got step=1.*no image has come on /rear'):
        stage.finder.sources(ask())
    stage.show('rear', sec=2)
    assert stage.finder.missing(ask()) is None
    assert stage.found(ask()) == ['NO_IMAGE', '2']


def test_a_lazy_camera_wakes_for_a_question(rig) -> None:
    stage = Stage(rig, subscription='lazy', lazy_seconds=0.0)
    front, rear = stage.cameras
    release = stage.finder.lease(ask('rear'))
    assert (front.is_subscribed, rear.is_subscribed) == (False, True)
    assert 'no image has come on /rear' in str(stage.finder.missing(ask('rear')))
    stage.plug('rear')
    stage.show('rear', sec=3)
    assert stage.finder.missing(ask('rear')) is None
    stage.cameras.watch(0.0)
    assert rear.is_subscribed
    release()
    stage.cameras.watch(0.0)
    assert not rear.is_subscribed


def test_an_image_of_its_own_needs_no_camera(stage: Stage) -> None:
    question = ask('', frame=Frame(Image(width=1), time.monotonic()))
    stage.finder.lease(question)()
    assert stage.finder.missing(question) is None
    assert stage.finder.source(question).camera is None


def test_names_are_looked_up(stage: Stage) -> None:
    cameras = stage.cameras
    assert [one.name for one in cameras.resolve('')] == ['front']
    assert [one.name for one in cameras.resolve('rear')] == ['rear']
    assert [one.name for one in cameras.resolve('*')] == ['front', 'rear']
    with pytest.raises(InvalidRequestError, match="no camera 'top', only front, rear"):
        cameras.resolve('top')
    assert cameras.newest('*') == ()


def test_a_clock_that_is_set_back_makes_them_forget(stage: Stage) -> None:
    stage.plug('front')
    stage.show('front', sec=1000)
    stage.cameras.clear()
    assert stage.cameras.newest('front') == ()


def test_cameras_that_are_needed_are_kept_looking(rig) -> None:
    stage = Stage(rig, subscription='lazy', lazy_seconds=0.0)
    wanted: list[str | None] = ['rear']
    stage.cameras.keep_needed(lambda: wanted[0])
    front, rear = stage.cameras
    stage.cameras.watch(0.0)
    assert not front.is_subscribed
    stage.settings = NodeSettings(subscription='lazy', lazy_seconds=60.0)
    stage.cameras.watch(0.0)
    assert rear.is_subscribed
    wanted[0] = None
    stage.settings = NodeSettings(subscription='lazy', lazy_seconds=0.0)
    stage.cameras.watch(0.0)
    assert not rear.is_subscribed
