# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The standing query asks about each new image, not more often than it is allowed to."""

from __future__ import annotations

from dataclasses import replace
import math

import pytest
from sensor_msgs.msg import Image

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest, Status, Task
from kosmos_ros.ros.answering import standing_query as standing
from kosmos_ros.ros.answering.standing_query import StandingQuery
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.executor.failures import RefusedError
from kosmos_ros.ros.worker.job import Job

MUG = GroundingRequest('the mug', max_looks=1)


@pytest.fixture
def clock(steady_clock, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(standing, 'time', steady_clock)
    return steady_clock


class Camera:
    """One that shows a new image when asked to."""

    def __init__(self) -> None:
        self.frames: dict[str, Frame] = {}

    def newest(self, name: str) -> list[Frame]:
        return list(self.frames.values()) if name == '*' else list(self.frames.values())[:1]

    def shoot(self, name: str = '') -> None:
        self.frames[name] = Frame(Image(), 0.0)


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def query(camera: Camera, clock) -> StandingQuery:
    return StandingQuery(camera.newest, lambda question: Job(lambda *_: question, 60.0))


def question_of(job: Job) -> object:
    job.execute(None)
    return job.future.result(0)


def test_nothing_is_asked_before_a_query_is_set(query: StandingQuery, camera: Camera) -> None:
    camera.shoot()
    assert query.next_job() is None
    assert query.seconds_until_due() is None


def test_each_image_is_asked_about_once(query: StandingQuery, camera: Camera) -> None:
    query.set(MUG)
    assert query.next_job() is None
    for _ in range(3):
        camera.shoot()
        question = question_of(query.next_job())
        assert (question.request, question.id) == (resolve(MUG), 'standing')
        assert query.next_job() is None
    assert query.seconds_until_due() is None


@pytest.mark.parametrize(
    ('asked', 'rate_hz', 'looks', 'seconds'),
    [
        (0, 0.0, 1, math.inf),  # as many images as the model keeps up with
        (5, 0.0, 5, math.inf),
        (0, 2.0, 0, 0.4),  # the node's own, while the rate leaves time
        (5, 2.0, 5, 0.4),
    ],
)
def test_further_looks_cost_no_images_unless_asked_for(
    query: StandingQuery,
    camera: Camera,
    asked: int,
    rate_hz: float,
    looks: int,
    seconds: float,
) -> None:
    query.set(replace(MUG, max_looks=asked), rate_hz)
    camera.shoot()
    question = question_of(query.next_job())
    assert question.request == resolve(replace(MUG, max_looks=looks))
    assert question.look_seconds == pytest.approx(seconds)


def test_of_all_cameras_any_new_image_is_asked_about(query: StandingQuery, camera: Camera) -> None:
    assert query.camera() is None
    query.set(MUG, camera='*')
    assert query.camera() == '*'
    for name in ('front', 'wrist', 'wrist', 'front'):
        camera.shoot(name)
        assert question_of(query.next_job()).camera == '*'
        assert query.next_job() is None


def test_an_image_that_comes_back_is_not_asked_about_again(
    query: StandingQuery, camera: Camera
) -> None:
    query.set(MUG)
    camera.shoot()
    good = camera.frames['']
    assert query.next_job()
    camera.shoot()
    assert query.next_job()
    camera.frames[''] = good  # the newest one turned out to be damaged
    assert query.next_job() is None
    camera.shoot()
    assert query.next_job()


def test_the_rate_is_kept_on_average(query: StandingQuery, camera: Camera, clock) -> None:
    query.set(MUG, rate_hz=10.0)
    asked = 0
    for _ in range(1500):  # 100 s of a camera at 15 Hz
        camera.shoot()
        asked += query.next_job() is not None
        clock.now += 1 / 15
    assert asked == pytest.approx(1000, abs=2)


def test_what_was_missed_is_not_caught_up(query: StandingQuery, camera: Camera, clock) -> None:
    query.set(MUG, rate_hz=1.0)
    camera.shoot()
    assert query.next_job()
    assert query.seconds_until_due() == pytest.approx(1.0)
    clock.now += 60.0
    asked = 0
    for _ in range(20):
        camera.shoot()
        asked += query.next_job() is not None
        clock.now += 0.01
    assert asked == 1


def test_a_new_query_asks_about_the_same_image_at_once(
    query: StandingQuery, camera: Camera
) -> None:
    camera.shoot()
    query.set(MUG, rate_hz=0.1)
    assert query.next_job()
    query.set(GroundingRequest('the bowl'), rate_hz=0.1)
    assert question_of(query.next_job()).request.query == 'the bowl'


def test_none_stops_it(query: StandingQuery, camera: Camera) -> None:
    query.set(MUG)
    query.set(None)
    camera.shoot()
    assert query.next_job() is None


@pytest.mark.parametrize(
    ('request_', 'complaint'),
    [
        (GroundingRequest('', Task.ASK), 'ASK needs a question'),
        (GroundingRequest('', Task.IDENTIFY), 'region'),
        (GroundingRequest('x' * 2000), '2000 characters'),
    ],
)
def test_a_query_that_nobody_can_answer_is_refused_and_the_old_one_stays(
    query: StandingQuery, camera: Camera, request_: GroundingRequest, complaint: str
) -> None:
    query.set(MUG)
    with pytest.raises(InvalidRequestError, match=complaint):
        query.set(request_)
    camera.shoot()
    assert question_of(query.next_job()).request == resolve(MUG)


def test_a_stale_image_makes_it_wait(camera: Camera, clock) -> None:
    stale = True

    def make_job(question: object) -> Job:
        if stale:
            raise RefusedError(Status.STALE_IMAGE, 'too old')
        return Job(lambda *_: question, 60.0)

    query = StandingQuery(camera.newest, make_job)
    query.set(MUG)
    camera.shoot()
    assert query.next_job() is None
    stale = False
    camera.shoot()
    assert query.next_job()
