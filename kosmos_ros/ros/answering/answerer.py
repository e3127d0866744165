# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From a question to an answer: the right image, the model, positions in space.

Independent of how a question came in and where its answer goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, ExitStack
from dataclasses import replace
import functools
import math
import time
import weakref

from rclpy.clock import Clock
from std_msgs.msg import Header

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.model.backend import Backend, StopCheck
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.model.streaming import Progress
from kosmos_ros.core.types import Grounding, Status
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.positions import Space
from kosmos_ros.ros.answering.question import (
    Answer,
    CameraRefusal,
    ignore_partial,
    PartialAnswer,
    PartialListener,
    Question,
    Reply,
)
from kosmos_ros.ros.answering.sources import Source, ViewFinder
from kosmos_ros.ros.cameras.camera_set import CameraSet
from kosmos_ros.ros.cameras.camera_stamps import is_simulated
from kosmos_ros.ros.cameras.depth_source import DepthPair
from kosmos_ros.ros.conversions.images import Converters, ImageReader, IN_PROCESS
from kosmos_ros.ros.worker.job import Job

FindSpace = Callable[['DepthPair | None', Grounding, Header], Space]
"""Finds where in space the detections of an answer are."""

AFTER_LOOKS = 0.1
"""How many seconds before its deadline an answer's last look has to end."""

DEPTH_PATIENCE = 0.2
"""How many seconds after an image its depth may come: a quick model is there before it."""


class Answerer:
    """
    Turns questions into jobs for the worker.

    Encoded images are kept for the next question about them, as long as the worker's thread uses
    the same backend.

    :param clock: of the stamps.
    :param settings: returns the node's current settings.
    :param find_space: called in the worker's thread with each answer.
    :param converters: make RGB of images that questions bring.
    """

    def __init__(
        self,
        cameras: CameraSet,
        clock: Clock,
        settings: Callable[[], NodeSettings],
        find_space: FindSpace,
        converters: Converters = IN_PROCESS,
    ) -> None:
        self._views = ViewFinder(cameras, settings)
        self._clock = clock
        self._settings = settings
        self._find_space = find_space
        self._read = ImageReader(converters=converters)
        self._backend: Backend | None = None
        self._frames = FrameCache(0)
        self.frame_use = self._frames.use()
        """Encoded images held, and encodings saved; as the worker's thread left it."""

    def job(self, question: Question, on_partial: PartialListener = ignore_partial) -> Job[Reply]:
        """
        Make the job that answers a question.

        What is known without the model is reported at once.

        :param on_partial: called in the worker's thread with the answer so far to a question about
            one image.
        :raises InvalidRequestError: if there is no such camera.
        :raises RefusedError: if there is no suitable image, and none is worth waiting for.
        """
        if question.frame is not None:
            question = replace(question, frame=replace(question.frame, read=self._read))
        release = self._views.lease(question)

        def reply(backend: Backend, should_stop: StopCheck) -> Reply:
            # A job that its own work held would keep the image until garbage is collected.
            this = running()
            deadline = math.inf if this is None else this.deadline
            until = min(deadline - AFTER_LOOKS, time.monotonic() + question.look_seconds)
            return self._reply(question, on_partial, until, backend, should_stop)

        job: Job[Reply] = Job(
            run=reply,
            timeout=question.timeout or self._settings().request_timeout,
            blocked=functools.partial(self._views.missing, question),
            nbytes=0 if question.frame is None else len(question.frame.message.data),
        )
        running = weakref.ref(job)
        job.future.add_done_callback(lambda _: release())
        return job

    def _reply(
        self,
        question: Question,
        on_partial: PartialListener,
        until: float,
        backend: Backend,
        should_stop: StopCheck,
    ) -> Reply:
        """Take the current images and ask the model, with no look that would end too late."""
        now = self._settings()
        request = question.request
        request = replace(request, min_score=request.min_score or now.min_score)
        question = replace(question, request=request)
        settings = now.grounder_settings()
        frames = self._frames_of(backend, settings)
        grounder = Grounder(backend, settings, frames)
        try:
            if question.camera == ALL_CAMERAS and question.frame is None:
                return self._ask_all(grounder, question, should_stop, until)
            return Reply(self._ask_one(grounder, question, should_stop, on_partial, until))
        finally:
            self.frame_use = frames.use()

    def _ask_one(
        self,
        grounder: Grounder,
        question: Question,
        should_stop: StopCheck,
        on_partial: PartialListener,
        until: float,
    ) -> Answer:
        source = self._views.source(question)
        frame = source.frame
        view = source.view(keeps=grounder.frames.is_enabled)

        def tell(progress: Progress) -> None:
            header = frame.message.header
            on_partial(PartialAnswer(progress, header, frame.width, frame.height))

        with _holding_depth([source]):
            grounding = grounder.ground(
                frame,
                question.request,
                should_stop,
                source=view.source,
                on_progress=tell,
                rotation=view.rotation,
                until=until,
            )
            return self._answer(question, source, grounding)

    def _ask_all(
        self, grounder: Grounder, question: Question, should_stop: StopCheck, until: float
    ) -> Reply:
        """Show the model the images of all cameras together."""
        found = self._views.sources(question)
        sources = [one for one in found if isinstance(one, Source)]
        views = [one.view(keeps=grounder.frames.is_enabled) for one in sources]
        with _holding_depth(sources):
            asked = question.request
            groundings = iter(grounder.ground_views(views, asked, should_stop, until))
            each = tuple(
                one
                if isinstance(one, CameraRefusal)
                else self._answer_or_refusal(question, one, next(groundings))
                for one in found
            )
        answers = [one for one in each if isinstance(one, Answer)]
        if not answers:
            refusals = [one for one in each if isinstance(one, CameraRefusal)]
            raise InvalidRequestError('; '.join(one.message for one in refusals))
        return Reply(max(answers, key=_merit), each)

    def _answer_or_refusal(
        self, question: Question, source: Source, grounding: Grounding
    ) -> Answer | CameraRefusal:
        if grounding.status is Status.INVALID_REQUEST:
            message = grounding.status_message
            return CameraRefusal(source.camera_name, grounding.status, message)
        return self._answer(question, source, grounding)

    def _answer(self, question: Question, source: Source, grounding: Grounding) -> Answer:
        frame, camera = source.frame, source.camera
        patience = max(0.0, DEPTH_PATIENCE - frame.since_arrival())
        depth = None if camera is None else camera.depth_near(frame.stamp_ns, patience)
        header = frame.message.header
        space = self._find_space(depth, grounding, header)
        return Answer(
            grounding=grounding,
            id=question.id,
            camera=source.camera_name,
            header=header,
            picture=frame,
            # Found out last, so that it is true when the answer is handed out.
            image_age=frame.age(
                self._clock.now().nanoseconds, simulated=is_simulated(self._clock)
            ),
            region=question.request.region,
            space=space,
        )

    def clear(self) -> None:
        """Forget the encoded images, as when the clock was set back."""
        # The worker's thread makes a new cache for a backend unknown here.
        self._backend = None

    def _frames_of(self, backend: Backend, settings: GrounderSettings) -> FrameCache:
        """Return the encoded images of a backend; those of another one are useless to it."""
        if backend is not self._backend:
            self._backend = backend
            self._frames = FrameCache(settings.max_cached_frames, settings.max_cached_looks)
        return self._frames


@contextmanager
def _holding_depth(sources: Sequence[Source]) -> Iterator[None]:
    """Keep the depth images of images while the model works on these."""
    with ExitStack() as stack:
        for one in sources:
            if one.camera is not None:
                stack.enter_context(one.camera.holding_depth(one.frame.stamp_ns))
        yield


def _merit(answer: Answer) -> tuple[bool, float, float]:
    """Rank an answer among those of several cameras: by status, then score."""
    grounding = answer.grounding
    existence = max((phrase.existence for phrase in grounding.phrases), default=0.0)
    score = max((one.score for one in grounding.detections), default=0.0)
    return grounding.status is Status.FOUND, existence, score
