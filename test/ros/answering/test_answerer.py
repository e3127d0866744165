# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From a question to an answer about the right image, through the dispatcher."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
import gc
import time
from types import SimpleNamespace
import weakref

import numpy as np
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection3DArray

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.errors import InvalidImageError, InvalidRequestError
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import Box, Grounding, GroundingRequest, Region, Status, Task
from kosmos_ros.parameters.camera_settings import CameraSettings
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.answerer import AFTER_LOOKS, Answerer
from kosmos_ros.ros.answering.dispatcher import Dispatcher
from kosmos_ros.ros.answering.positions import Space
from kosmos_ros.ros.answering.question import Answer, CameraRefusal, PartialAnswer, Question, Reply
from kosmos_ros.ros.cameras.camera_set import CameraSet
from kosmos_ros.ros.cameras.depth_source import DepthPair
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.conversions.images import ImageReader
from kosmos_ros.ros.executor.failures import Failures, RefusedError
from kosmos_ros.ros.worker.queue import JobQueue

MUG = resolve(GroundingRequest('the mug'))


def image(sec: int, grey: int = 0) -> Image:
    message = Image(width=4, height=2, step=4, encoding='mono8', data=array('B', [grey] * 8))
    message.header.stamp.sec = sec
    return message


class Office:
    """A dispatcher with two cameras, whose jobs the test does itself, as its worker."""

    def __init__(self, rig) -> None:
        self.rig = rig
        self.settings = NodeSettings(max_image_age=0.0)
        self.backend = ScriptedBackend(
            located={'the mug': located('the mug', Box(0.5, 0.0, 1.0, 1.0), score=0.6)}
        )
        node = rig.node('grounding')
        self.failures = Failures(node.get_logger())
        names = ('front', 'rear')
        self._set = CameraSet(
            node,
            [
                CameraSettings(name, name, depth_topic=f'{name}/depth', info_topic=f'{name}/info')
                for name in names
            ],
            lambda: self.settings,
            lambda *_: None,
            self.failures,
        )
        self._set.start()
        self.cameras = {camera.name: camera for camera in self._set}
        self._publishers = {name: node.create_publisher(Image, name, 10) for name in names}
        self.pairs: list[DepthPair | None] = []
        self.answerer = Answerer(
            self._set, node.get_clock(), lambda: self.settings, self._find_space
        )
        self.published: list[Answer] = []
        self.is_busy = False
        self.queue = JobQueue(1)
        self.dispatcher = Dispatcher(
            self.answerer,
            self,
            self.queue,
            lambda: self.settings,
            self.published.append,
            self.failures,
        )

    def show(self, camera: str, message: Image) -> None:
        received = self.cameras[camera].received
        self.rig.spin_until(self._publishers[camera].get_subscription_count)
        self._publishers[camera].publish(message)
        self.rig.spin_until(lambda: self.cameras[camera].received > received)

    def answer(self, question: Question) -> Answer:
        return self.dispatcher.ask(question).result(0).best

    def _find_space(self, pair: DepthPair | None, grounding: Grounding, header: Header) -> Space:
        self.pairs.append(pair)
        return Space(Detection3DArray(header=header), 1, str(grounding.status.name))

    def require_ready(self) -> None:
        """Take jobs always."""

    def submit(self, job):
        if self.is_busy:
            raise RefusedError(Status.BUSY, 'busy')
        job.execute(self.backend)
        return job.future


@pytest.fixture
def office(rig) -> Office:
    return Office(rig)


def test_an_answer_carries_everything_that_belongs_to_it(office: Office) -> None:
    message = image(sec=7, grey=9)
    office.show('front', message)
    region = Region(0, 0, 4, 2)
    answer = office.answer(Question(replace(MUG, region=region), 'q1'))
    assert (answer.id, answer.camera, answer.region) == ('q1', 'front', region)
    assert answer.header == message.header
    assert answer.grounding.status is Status.FOUND
    np.testing.assert_array_equal(answer.picture.pixels(), np.full((2, 4, 3), 9))
    assert answer.image_age > 1e6  # a stamp of 1970
    assert office.published == [answer]
    assert office.failures.tally == Counter({Status.FOUND: 1})
    assert answer.space.message == 'FOUND'
    assert 'no depth image has come on /front/depth' in office.pairs[0].problem


FAR = Image(
    width=1280, height=720, step=1280, encoding='mono8', data=array('B', bytes(1280 * 720))
)
FAR_MUG = located('the mug', Box(0.5, 0.5, 0.52, 0.52), score=0.6)


@pytest.mark.parametrize(
    ('limits', 'is_cut_short'),
    [
        ({'look_seconds': 0.0}, True),
        ({'timeout': 0.5 * AFTER_LOOKS}, True),
        ({'timeout': 3600.0}, False),
    ],
)
def test_no_look_is_begun_that_would_end_too_late(
    office: Office, limits: dict[str, float], is_cut_short: bool
) -> None:
    office.backend = ScriptedBackend({'the mug': FAR_MUG})
    question = Question(MUG, 'q', frame=Frame(FAR, time.monotonic()), **limits)
    job = office.answerer.job(question)
    job.start_clock(SimpleNamespace(set=lambda *_: lambda: None))  # an alarm that never rings
    job.execute(office.backend)
    found = job.future.result(0).best.grounding
    assert found.status is Status.FOUND
    assert (len(found.looks) == 1) is is_cut_short
    assert (found.looks_wanted > len(found.looks)) is is_cut_short


def test_a_job_lets_go_of_its_image_without_garbage_collection(office: Office) -> None:
    job = office.answerer.job(Question(MUG, 'q', frame=Frame(FAR, time.monotonic())))
    job.execute(office.backend)
    left = weakref.ref(job)
    gc.disable()
    try:
        del job
        assert left() is None
    finally:
        gc.enable()


def test_looks_are_limited_by_the_request_or_the_node(office: Office) -> None:
    office.backend = ScriptedBackend({'the mug': FAR_MUG})

    def looks(max_looks: int) -> int:
        request = replace(MUG, max_looks=max_looks)
        question = Question(request, 'q', frame=Frame(FAR, time.monotonic()))
        return len(office.answer(question).grounding.looks)

    assert looks(1) == 1
    assert looks(0) > 1
    office.settings = NodeSettings(max_image_age=0.0, max_looks=1)
    assert looks(0) == 1
    assert looks(8) > 1


def test_cameras_are_asked_by_name(office: Office) -> None:
    office.show('rear', image(sec=3))
    assert office.answer(Question(MUG, 'q', camera='rear')).camera == 'rear'
    with pytest.raises(RefusedError, match='no image has come on /front'):
        office.answer(Question(MUG, 'q'))
    for newer_than_ns in (0, 1):
        with pytest.raises(InvalidRequestError, match="no camera 'top', only front, rear"):
            office.answer(Question(MUG, 'q', camera='top', newer_than_ns=newer_than_ns))
    assert office.failures.tally == {
        Status.FOUND: 1,
        Status.NO_IMAGE: 1,
        Status.INVALID_REQUEST: 2,
    }


def test_the_image_is_chosen_when_the_model_is_free(office: Office) -> None:
    office.show('front', image(sec=3))
    job = office.dispatcher.standing_job(Question(MUG, 'q'))
    office.show('front', image(sec=4))
    job.execute(office.backend)
    assert job.future.result(0).best.header.stamp.sec == 4


def test_a_job_waits_for_a_newer_image(office: Office) -> None:
    job = office.dispatcher.standing_job(Question(MUG, 'q', newer_than_ns=3 * 10**9))
    assert not job.is_ready()
    office.show('front', image(sec=3))
    assert not job.is_ready()
    office.show('front', image(sec=4))
    assert job.is_ready()
    job.execute(office.backend)
    assert job.future.result(0).best.header.stamp.sec == 4


def test_a_stale_image_is_refused_by_the_limit_of_the_question_or_the_node(office: Office) -> None:
    office.show('front', image(sec=3))
    office.answer(Question(MUG, 'q'))
    with pytest.raises(RefusedError, match='5 s are allowed'):
        office.answer(Question(MUG, 'q', max_age=5.0))
    office.settings = NodeSettings(max_image_age=7.0)
    with pytest.raises(RefusedError, match='7 s are allowed'):
        office.answer(Question(MUG, 'q'))
    assert office.failures.tally[Status.STALE_IMAGE] == 2


def test_the_image_of_a_question_is_used_as_it_is(office: Office) -> None:
    message = image(sec=0, grey=5)
    message.header = Header(frame_id='file')
    answer = office.answer(Question(MUG, 'q', frame=Frame(message, time.monotonic())))
    assert (answer.camera, answer.header.frame_id) == ('', 'file')
    assert office.pairs == [None]
    assert 0 <= answer.image_age < 60


class TestEncodedImages:
    """One encoding of each image, counted, however many questions there are about it."""

    def ask(self, office: Office, region: Region | None = None, **where: object) -> Answer:
        return office.answer(Question(replace(MUG, region=region), 'q', **where))

    def test_questions_about_one_image_take_one_encoding(self, office: Office) -> None:
        office.show('front', image(sec=3, grey=1))
        for _ in range(5):
            assert self.ask(office).grounding.status is Status.FOUND
        assert len(office.backend.calls.encoded) == 1
        office.show('front', image(sec=4, grey=2))
        self.ask(office)
        assert len(office.backend.calls.encoded) == 2
        use = office.answerer.frame_use
        assert (use.held, use.encoded, use.reused) == (2, 2, 4)
        assert use.nbytes == 2 * 24

    def test_regions_are_kept_too(self, office: Office) -> None:
        office.show('front', image(sec=3))
        for region in (None, Region(0, 0, 2, 2), None, Region(0, 0, 2, 2)):
            self.ask(office, region)
        assert office.backend.calls.encoded == [(2, 4, 3), (2, 2, 3)]

    def test_equal_and_reset_stamps_are_other_images(self, office: Office) -> None:
        greys = []
        for stamp, grey in ((0, 1), (0, 2), (90, 3), (80, 4), (90, 5)):
            office.show('front', image(stamp, grey))
            self.ask(office)
            greys.append(int(self.ask(office).picture.pixels()[0, 0, 0]))
        assert len(office.backend.calls.encoded) == 5
        assert greys == [1, 2, 3, 4, 5]

    def test_cameras_do_not_share_images(self, office: Office) -> None:
        for name in ('front', 'rear'):
            office.show(name, image(sec=3))
            self.ask(office, camera=name)
        assert len(office.backend.calls.encoded) == 2

    def test_an_image_that_is_brought_again_is_known(self, office: Office) -> None:
        for grey, stamp in ((5, 1), (5, 2), (6, 1), (5, 1)):
            self.ask(office, frame=Frame(image(stamp, grey), time.monotonic()))
        assert len(office.backend.calls.encoded) == 2

    def test_the_encoding_is_part_of_the_content(self, office: Office) -> None:
        rgb = Image(width=1, height=1, step=3, encoding='rgb8', data=array('B', [1, 2, 3]))
        bgr = Image(width=1, height=1, step=3, encoding='bgr8', data=array('B', [1, 2, 3]))
        for message in (rgb, bgr):
            self.ask(office, frame=Frame(message, time.monotonic()))
        assert len(office.backend.calls.encoded) == 2

    def test_another_model_never_sees_them(self, office: Office) -> None:
        office.show('front', image(sec=3))
        for _ in range(2):
            office.backend = ScriptedBackend()
            self.ask(office)
            assert len(office.backend.calls.encoded) == 1

    def test_the_model_sees_the_memory_of_the_message(self, office: Office) -> None:
        message = Image(width=2, height=2, step=8, encoding='rgb8', data=array('B', range(16)))
        office.show('front', message)
        seen = []
        encode = office.backend.encode
        office.backend.encode = lambda images: seen.extend(images) or encode(images)
        answer = self.ask(office)
        received = np.frombuffer(office.cameras['front'].newest().message.data, np.uint8)
        assert seen[0].tolist() == [[[0, 1, 2], [3, 4, 5]], [[8, 9, 10], [11, 12, 13]]]
        for pixels in (seen[0], answer.picture.pixels()):
            assert np.shares_memory(pixels, received)

    def test_pixels_of_a_known_image_are_not_made(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        converted = []
        convert = ImageReader.__call__
        monkeypatch.setattr(
            ImageReader, '__call__', lambda *args: converted.append(args) or convert(*args)
        )
        message = image(sec=3)
        for _ in range(3):
            self.ask(office, frame=Frame(message, time.monotonic()))
        assert len(converted) == 1
        office.show('front', message)
        for _ in range(3):
            self.ask(office).picture.pixels()
        assert len(converted) == 2


def test_limits_of_the_node_count_where_a_request_has_none(office: Office) -> None:
    office.show('front', image(sec=3))
    office.settings = NodeSettings(max_image_age=0.0, min_score=0.9)
    assert office.answer(Question(MUG, 'q')).grounding.status is Status.LOW_SCORE
    lower = replace(MUG, min_score=0.5)
    assert office.answer(Question(lower, 'q')).grounding.status is Status.FOUND


def test_limits_of_the_queue_are_those_of_the_moment(office: Office) -> None:
    office.show('front', image(sec=3))
    office.settings = NodeSettings(
        max_image_age=0.0, queue_size=3, busy_policy=BusyPolicy.REPLACE_OLDEST.value
    )
    office.answer(Question(MUG, 'q'))
    assert (office.queue.size, office.queue.policy) == (3, BusyPolicy.REPLACE_OLDEST)


def test_an_unexpected_error_is_counted_and_nothing_is_published(office: Office) -> None:
    office.show('front', image(sec=3))
    office.backend = ScriptedBackend(errors=[ValueError('nan in the logits')])
    with pytest.raises(ValueError, match='nan'):
        office.answer(Question(MUG, 'q'))
    assert office.failures.tally == {Status.MODEL_ERROR: 1}
    assert not office.published


def test_the_standing_query_complains_once_of_the_same_error(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.show('front', image(sec=3))
    outside = Question(replace(MUG, region=Region(9, 9, 5, 5)), 'standing')

    def ask(question: Question) -> None:
        office.dispatcher.standing_job(question).execute(office.backend)

    ask(outside)
    ask(outside)
    assert len(caplog.records) == 1
    assert 'the standing query has no answer: ' in caplog.messages[0]
    ask(Question(MUG, 'standing'))
    ask(outside)
    assert len(caplog.records) == 2
    assert office.failures.tally == {Status.INVALID_REQUEST: 3, Status.FOUND: 1}
    office.backend = ScriptedBackend(errors=[ValueError('nan in the logits')])
    ask(Question(MUG, 'standing'))
    assert office.failures.latest == 'ValueError: nan in the logits'


def test_a_malformed_image_of_a_question_is_an_invalid_request(office: Office) -> None:
    message = image(sec=0)
    message.step = 1
    with pytest.raises(InvalidImageError):
        office.answer(Question(MUG, 'q', frame=Frame(message, time.monotonic())))
    assert office.failures.tally == {Status.INVALID_REQUEST: 1}


class TestAllCameras:
    """One question about the images of all cameras."""

    def ask(self, office: Office, **fields: object) -> Reply:
        request = resolve(GroundingRequest(**{'query': 'the mug', **fields}))
        return office.dispatcher.ask(Question(request, 'q', camera='*')).result(0)

    def test_the_model_looks_at_them_together(self, office: Office) -> None:
        office.show('front', image(sec=3))
        office.show('rear', image(sec=4))
        together = []
        encode = office.backend.encode
        office.backend.encode = lambda images: together.append(len(images)) or encode(images)
        reply = self.ask(office)
        assert together == [2]
        assert office.backend.calls.located == [('the mug', 'the mug')]
        front, rear = reply.each
        assert [(one.camera, one.header.stamp.sec) for one in (front, rear)] == [
            ('front', 3),
            ('rear', 4),
        ]
        assert reply.best is front  # of equals, the first
        assert office.published == [front, rear]
        assert office.failures.tally == {Status.FOUND: 1}
        assert [one.space.message for one in (front, rear)] == ['FOUND', 'FOUND']
        assert ['/front' in office.pairs[0].problem, '/rear' in office.pairs[1].problem] == [
            True
        ] * 2

    def test_words_are_written_about_one_after_the_other(self, office: Office) -> None:
        office.backend = ScriptedBackend(generated={'<grounding> An image of': ' a table.'})
        office.show('front', image(sec=3))
        office.show('rear', image(sec=4))
        reply = self.ask(office, query='', task=Task.DESCRIBE)
        assert [one.grounding.text for one in reply.each] == ['An image of a table.'] * 2

    def test_the_best_answer_is_one_that_found_it(self, office: Office) -> None:
        def locate(queries: object, *_: object) -> tuple[Located, ...]:
            return tuple(
                located('the mug', Box(0.0, 0.0, 1.0, 1.0), existence=existence)
                for _, existence in zip(queries, (0.4, 0.7), strict=True)
            )

        office.backend.locate = locate
        office.show('front', image(sec=3))
        office.show('rear', image(sec=4))
        reply = self.ask(office)
        assert [one.grounding.status for one in reply.each] == [Status.NOT_FOUND, Status.FOUND]
        assert reply.best.camera == 'rear'

    def test_a_region_that_is_outside_of_one_image_spoils_no_other(self, office: Office) -> None:
        wide = Image(width=40, height=2, step=40, encoding='mono8', data=array('B', [7] * 80))
        office.show('front', image(sec=3))
        office.show('rear', wide)
        front, rear = self.ask(office, region=Region(20, 0, 4, 2)).each
        assert isinstance(front, CameraRefusal)
        assert (front.camera, front.status) == ('front', Status.INVALID_REQUEST)
        assert rear.grounding.status is Status.FOUND
        with pytest.raises(InvalidRequestError, match='region'):
            self.ask(office, region=Region(90, 0, 4, 2))

    def test_without_any_image_there_is_no_answer(self, office: Office) -> None:
        with pytest.raises(RefusedError, match='/front; no image has come on /rear'):
            self.ask(office)
        office.show('rear', image(sec=4))
        front, rear = self.ask(office).each
        assert (front.camera, front.status) == ('front', Status.NO_IMAGE)
        assert (rear.camera, office.published) == ('rear', [rear])


def test_progress_is_told_with_the_image_that_it_is_about(office: Office) -> None:
    office.backend = ScriptedBackend(generated={'<grounding> An image of': ' a small table.'})
    office.show('front', image(sec=3))
    heard: list[PartialAnswer] = []
    office.dispatcher.ask(Question(resolve(GroundingRequest()), 'q'), heard.append)
    assert heard[-1].progress.text.endswith('a small table.')
    assert (heard[0].header.stamp.sec, heard[0].width, heard[0].height) == (3, 4, 2)


def test_a_refused_question_leaves_nothing_behind(office: Office) -> None:
    office.show('front', image(sec=3))
    office.is_busy = True
    leased: list[str] = []
    for camera in office.cameras.values():

        def lease(name: str = camera.name) -> Callable[[], None]:
            leased.append(name)
            return lambda: leased.remove(name)

        camera.lease = lease
    with pytest.raises(RefusedError, match='busy'):
        office.dispatcher.ask(Question(MUG, 'q'))
    with pytest.raises(RefusedError):
        office.dispatcher.ask(Question(MUG, 'q', max_age=1.0))
    with pytest.raises(RefusedError):
        office.dispatcher.ask(Question(MUG, 'q', camera='rear'))
    assert leased == []
    assert leased == []
    assert office.failures.tally == {Status.BUSY: 1, Status.STALE_IMAGE: 1, Status.NO_IMAGE: 1}
