# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The images that a question is about.

A question brings its image, or names a camera, or all of them. Of all cameras, those without a
suitable image are refused one by one, and the others answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.images.views import FrameKey, View
from kosmos_ros.core.types import Status
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.question import CameraRefusal, Question
from kosmos_ros.ros.cameras.camera import Camera
from kosmos_ros.ros.cameras.camera_set import CameraSet
from kosmos_ros.ros.cameras.frames import Frame, FrameWish
from kosmos_ros.ros.executor.failures import HeldUpError, RefusedError


@dataclass(frozen=True)
class Source:
    """
    A frame and the camera it is from, None if the question brought it.

    ``rotation`` is how many degrees the frame has to be turned clockwise to be upright.
    """

    camera: Camera | None
    frame: Frame
    rotation: int = 0

    @property
    def camera_name(self) -> str:
        """Name of the camera, empty if there is none."""
        return '' if self.camera is None else self.camera.name

    def key(self) -> FrameKey:
        """Return the identity of the image."""
        frame = self.frame
        return frame.content_key() if self.camera is None else frame.key(self.camera.name)

    def view(self, *, keeps: bool) -> View:
        """
        Return it as a view for the grounder.

        :param keeps: whether encoded images are kept, so that its identity matters.
        """
        return View(self.frame, self.key() if keeps else None, self.rotation)


class ViewFinder:
    """
    Finds the images of questions.

    :param settings: returns the node's current settings.
    """

    def __init__(self, cameras: CameraSet, settings: Callable[[], NodeSettings]) -> None:
        self._cameras = cameras
        self._settings = settings

    def lease(self, question: Question) -> Callable[[], None]:
        """
        Keep the cameras of a question subscribed until the returned function is called.

        :raises InvalidRequestError: if there is no such camera.
        :raises RefusedError: NO_IMAGE or STALE_IMAGE, if no image is worth waiting for either.
        """
        if question.frame is not None:
            return lambda: None
        cameras = self._cameras.resolve(question.camera)
        releases = [camera.lease() for camera in cameras]

        def release() -> None:
            for one in releases:
                one()

        try:
            self._require(question, cameras)
        except BaseException:
            release()
            raise
        return release

    def _require(self, question: Question, cameras: Sequence[Camera]) -> None:
        """Require that there is an image, or that one is worth waiting for."""
        may_come = question.newer_than_ns or any(
            camera.is_waking() or camera.is_recovering() for camera in cameras
        )
        if not may_come:
            wish = self._wish(question)
            self._some([_look(camera.frame, camera, wish, []) for camera in cameras])

    def missing(self, question: Question) -> KosmosError | None:
        """
        Return why a question has to wait for an image, None if it can be answered.

        Of several cameras, those that have fallen silent or deliver damaged images are not waited
        for if another is ready.
        """
        if question.frame is not None:
            return None
        problems = [
            (camera, self._problem(camera, question))
            for camera in self._cameras.resolve(question.camera)
        ]
        waiting = [(camera, problem) for camera, problem in problems if problem]
        is_any_ready = len(waiting) < len(problems)
        for camera, problem in waiting:
            is_unsure = camera.is_recovering()
            may_come = question.newer_than_ns or camera.is_waking() or is_unsure
            is_spared = is_any_ready and (is_unsure or self._is_silent(camera))
            if may_come and not is_spared:
                return problem
        return None

    def source(self, question: Question) -> Source:
        """
        Return the image of a question about one image; of a camera, one that is not damaged.

        :raises RefusedError: NO_IMAGE or STALE_IMAGE.
        :raises HeldUpError: if images are there, but damaged.
        """
        if question.frame is not None:
            return Source(None, question.frame, self._rotation(question.camera))
        (camera,) = self._cameras.resolve(question.camera)
        return Source(camera, camera.sound_frame(self._wish(question)), camera.rotation)

    def sources(self, question: Question) -> tuple[Source | CameraRefusal, ...]:
        """
        Return the image of each camera, or why there is no suitable one.

        :raises RefusedError: NO_IMAGE or STALE_IMAGE, if no camera has one.
        :raises HeldUpError: the same, if one that delivered damaged images may deliver a sound one
            next.
        """
        cameras = self._cameras.resolve(question.camera)
        wish = self._wish(question)
        held_up: list[Camera] = []
        found = [_look(camera.sound_frame, camera, wish, held_up) for camera in cameras]
        try:
            return self._some(found)
        except RefusedError as error:
            if held_up:
                raise HeldUpError(error) from error
            raise

    def _rotation(self, camera: str) -> int:
        """Return the rotation of a question's own image: that of the camera it names, if any."""
        return next((one.rotation for one in self._cameras if one.name == camera), 0)

    def _some(self, found: Sequence[Source | CameraRefusal]) -> tuple[Source | CameraRefusal, ...]:
        """
        Require that one of the cameras has an image.

        :raises RefusedError: otherwise; STALE_IMAGE if that is true of each.
        """
        refusals = [one for one in found if isinstance(one, CameraRefusal)]
        if len(refusals) < len(found):
            return tuple(found)
        statuses = {one.status for one in refusals}
        status = statuses.pop() if len(statuses) == 1 else Status.NO_IMAGE
        raise RefusedError(status, '; '.join(one.message for one in refusals))

    def _problem(self, camera: Camera, question: Question) -> RefusedError | None:
        """Return why a camera has no frame worth trying, None if it has one."""
        wish = FrameWish(newer_than_ns=question.newer_than_ns)
        if camera.is_recovering():
            # Its last frames have been tried: the rest has to do.
            wish = self._wish(question)
        try:
            camera.frame(wish)
        except RefusedError as error:
            return error
        return None

    def _is_silent(self, camera: Camera) -> bool:
        return not camera.publishers() or camera.is_lost(self._settings().max_image_age)

    def _wish(self, question: Question) -> FrameWish:
        max_age = question.max_age or self._settings().max_image_age
        return FrameWish(question.newer_than_ns, question.nearest_to_ns, max_age)


def _look(
    take: Callable[[FrameWish], Frame], camera: Camera, wish: FrameWish, held_up: list[Camera]
) -> Source | CameraRefusal:
    """
    Call a camera's method.

    :param held_up: the camera is added, if its next image may be sound.
    """
    try:
        return Source(camera, take(wish), camera.rotation)
    except HeldUpError as error:
        held_up.append(camera)
        refusal = error.reason
    except RefusedError as error:
        refusal = error
    return CameraRefusal(camera.name, refusal.status, str(refusal))
