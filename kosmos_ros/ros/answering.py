# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From a question to an answer: the right image, the model, and everything that belongs to it.

Nothing here knows how a question came in or where its answer goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
import functools

from rclpy.clock import Clock

from kosmos_ros.core.backend import Backend, StopCheck
from kosmos_ros.core.errors import InvalidImageError, InvalidRequestError, KosmosError
from kosmos_ros.core.frame_cache import FrameCache, FrameKey
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.requests import resolve_task
from kosmos_ros.core.tasks import check_query
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.ros.camera import Camera
from kosmos_ros.ros.failures import RefusedError
from kosmos_ros.ros.frames import Frame
from kosmos_ros.ros.jobs import Job
from kosmos_ros.ros.parameters import NodeSettings
from kosmos_ros.ros.questions import Answer, Question


class Answerer:
    """
    Turns questions into jobs for the worker.

    Images that the model has encoded are kept for the next question about them, as long as the
    worker's thread comes with the same backend.

    :param cameras: by name; the first is the one that questions without a name mean.
    :param clock: of the stamps.
    :param settings: returns the node's settings of the moment.
    """

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        clock: Clock,
        settings: Callable[[], NodeSettings],
    ) -> None:
        self._cameras = cameras
        self._clock = clock
        self._settings = settings
        self._backend: Backend | None = None
        self._frames = FrameCache(0)
        self.frame_use = self._frames.use()
        """Encoded images held, and encodings saved; as the worker's thread left it."""

    def job(self, question: Question) -> Job[Answer]:
        """
        Make the job that answers a question.

        What can be told without the model is told at once.

        :raises InvalidRequestError: if nobody could answer it, or there is no such camera.
        :raises RefusedError: if there is no image that will do, and none is worth waiting for.
        """
        resolve_task(question.request, check_query(question.request.query))
        if question.frame is None and not question.newer_than_ns:
            self._newest_frame(question)
        elif question.frame is None:
            self.camera(question.camera)
        return Job(
            run=functools.partial(self._answer, question),
            timeout=question.timeout or self._settings().request_timeout,
            blocked=functools.partial(self._awaited, question),
        )

    def camera(self, name: str) -> Camera:
        """
        Return a camera, the first one if the name is empty.

        :raises InvalidRequestError: if there is no such camera.
        """
        if not name:
            return next(iter(self._cameras.values()))
        try:
            return self._cameras[name]
        except KeyError:
            known = ', '.join(self._cameras)
            raise InvalidRequestError(f'there is no camera {name[:80]!r}, only {known}') from None

    def _awaited(self, question: Question) -> KosmosError | None:
        """Tell which image a question waits for, None if it can be answered."""
        if question.frame is not None or not question.newer_than_ns:
            return None
        try:
            self.camera(question.camera).frame(question.newer_than_ns, max_age=0.0)
        except RefusedError as error:
            return error
        return None

    def _answer(self, question: Question, backend: Backend, should_stop: StopCheck) -> Answer:
        """Take the image, the newest at this very moment, and ask the model."""
        camera, frame = self._frame(question)
        request = self._with_own_limits(question.request)
        frames = self._frames_of(backend)
        grounder = Grounder(backend, self._settings().grounder_settings(), frames)
        source = _source(camera, frame) if frames.keeps else None
        try:
            grounding = grounder.ground(frame, request, should_stop, source=source)
        except InvalidImageError as error:
            if camera is None:
                raise
            raise camera.unusable(error) from error
        finally:
            self.frame_use = frames.use()
        return Answer(
            grounding=grounding,
            id=question.id,
            camera='' if camera is None else camera.name,
            header=frame.message.header,
            picture=frame,
            image_age=frame.age(self._clock.now().nanoseconds),
            region=request.region,
        )

    def _frames_of(self, backend: Backend) -> FrameCache:
        """Return the encoded images of a backend; those of another one mean nothing to it."""
        if backend is not self._backend:
            self._backend = backend
            self._frames = FrameCache(self._settings().grounder_settings().max_cached_frames)
        return self._frames

    def _frame(self, question: Question) -> tuple[Camera | None, Frame]:
        """Return the image of a question, and the camera it comes from."""
        if question.frame is not None:
            return None, question.frame
        return self._newest_frame(question)

    def _newest_frame(self, question: Question) -> tuple[Camera, Frame]:
        camera = self.camera(question.camera)
        max_age = question.max_age or self._settings().max_image_age
        return camera, camera.frame(question.newer_than_ns, max_age)

    def _with_own_limits(self, request: GroundingRequest) -> GroundingRequest:
        return replace(request, min_score=request.min_score or self._settings().min_score)


def _source(camera: Camera | None, frame: Frame) -> FrameKey:
    return frame.content_key() if camera is None else frame.key(camera.name)
