# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One question about one image, answered.

    grounder = Grounder(backend)
    grounding = grounder.ground(image, GroundingRequest('the red cube; the mug'))
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
import logging
import math
import time

from kosmos_ros.core.errors import InvalidImageError, InvalidRequestError, KosmosError, ModelError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.turning import (
    turn_back,
    turn_detections,
    turn_phrases,
    turn_region,
    turn_size,
)
from kosmos_ros.core.images.views import ArrayPicture, Cutout, FrameKey, Picture, View
from kosmos_ros.core.model.backend import Backend, GeneratedToken, StopCheck, TokenListener
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.model.streaming import ProgressListener, turned_back
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks.plan import Outcome, TaskContext
from kosmos_ros.core.tasks.request import resolve, ResolvedRequest
from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, GroundingRequest, Region, Status

__all__ = ['Grounder', 'GrounderSettings', 'ignore', 'never']

_logger = logging.getLogger(__name__)

_DEFAULTS = GrounderSettings()


def never() -> bool:
    """Never stop: the default of ``should_stop``."""
    return False


def ignore(token: GeneratedToken) -> None:
    """Do nothing: the default of ``on_token``."""


class Grounder:
    """
    Answers requests with one backend; like the backend, it is used by one thread at a time.

    :param frames: encoded images of this backend, shared with other grounders; None: not shared.
    """

    def __init__(
        self,
        backend: Backend,
        settings: GrounderSettings = _DEFAULTS,
        frames: FrameCache | None = None,
    ) -> None:
        self._backend = backend
        self._settings = settings
        if frames is None:
            frames = FrameCache(settings.max_cached_frames, settings.max_cached_looks)
        self.frames = frames
        """The images that need not be encoded again."""
        self._context = partial(TaskContext, backend, settings, self.frames)

    def ground(  # noqa: PLR0913  most are for some callers only
        self,
        image: RgbImage | Picture,
        request: GroundingRequest | ResolvedRequest,
        should_stop: StopCheck = never,
        on_token: TokenListener = ignore,
        source: FrameKey | None = None,
        on_progress: ProgressListener | None = None,
        rotation: int = 0,
        *,
        until: float = math.inf,
    ) -> Grounding:
        """
        Answer a request about an image.

        :param image: (H, W, 3) uint8 RGB, or a picture that makes it when needed.
        :param request: unchecked, or already resolved.
        :param on_token: called with each token of tasks that write text, as soon as it is chosen.
        :param source: identity of the image: in later calls it is neither encoded nor read again.
            None: it is not kept.
        :param on_progress: called after each such token with the answer so far.
        :param rotation: degrees by which the image has to be turned clockwise to be upright (0,
            90, 180 or 270). The model is shown it turned, and sides, as in 'left of', are those of
            the upright image; regions and boxes stay those of ``image``.
        :param until: when the answer is wanted, in seconds of ``time.monotonic``: no further look
            at a part of the image is begun that would not end by then.
        :returns: the answer, with status FOUND, NOT_FOUND or LOW_SCORE; boxes are normalised to
            ``image``.
        :raises InvalidRequestError: if the image, region, query or task cannot be answered.
        :raises GroundingStoppedError: if ``should_stop()`` returned true.
        :raises ModelError: if the model fails.
        """
        started = time.monotonic()
        picture = image if isinstance(image, Picture) else ArrayPicture(image)
        view = View(picture, source, rotation)
        resolved = _resolved(request)
        listener = turned_back(on_progress, rotation)
        limits = resolved.limits(self._settings, until)
        context = self._context(limits, should_stop, on_token, listener)
        outcome = self._run(resolved, context, [Cutout.of(view, resolved.region)])[0]
        return self._grounding(resolved, view, outcome, started)

    def ground_views(
        self,
        views: Sequence[View],
        request: GroundingRequest | ResolvedRequest,
        should_stop: StopCheck = never,
        until: float = math.inf,
    ) -> tuple[Grounding, ...]:
        """
        Answer the same request about several images.

        LOCATE shows the model all of them together, the other tasks one after the other.

        :param views: the images, of any sizes.
        :param until: as in ``ground``.
        :returns: an answer for each view, as ``ground`` gives it; ``inference_time`` is that of
            all. Where a view cannot be used or does not contain the request's region, its status
            is INVALID_REQUEST and the others are answered.
        :raises: as ``ground``, but ``InvalidRequestError`` only for the query or task.
        """
        started = time.monotonic()
        resolved = _resolved(request)
        context = self._context(resolved.limits(self._settings, until), should_stop, ignore)
        usable: dict[int, Cutout] = {}
        answers: dict[int, Grounding] = {}
        for place, view in enumerate(views):
            try:
                usable[place] = Cutout.of(view, resolved.region)
            except InvalidRequestError as error:  # noqa: PERF203  the others are answered
                answers[place] = self._refusal(resolved, view, error)
        outcomes = self._run(resolved, context, list(usable.values())) if usable else ()
        for place, outcome in zip(usable, outcomes, strict=True):
            answers[place] = self._grounding(resolved, views[place], outcome, started)
        return tuple(answers[place] for place in range(len(views)))

    def _run(
        self, request: ResolvedRequest, context: TaskContext, cutouts: Sequence[Cutout]
    ) -> tuple[Outcome, ...]:
        try:
            return request.plan.run(context, cutouts)
        except Exception as error:
            # A model that failed may have left its frames half changed, and one that ran out of
            # memory needs the room.
            if isinstance(error, ModelError) or not isinstance(error, KosmosError):
                self.frames.clear()
            raise

    def _grounding(
        self, request: ResolvedRequest, view: View, outcome: Outcome, started: float
    ) -> Grounding:
        if outcome.dropped:
            _logger.warning('left %d malformed entities out of an answer', outcome.dropped)
        back = turn_back(view.rotation)
        width, height = view.picture.width, view.picture.height
        looks = tuple(
            turn_region(one, *turn_size(width, height, back), back)
            if one
            else Region(0, 0, width, height)
            for one in outcome.looks.regions
        )
        return Grounding(
            task=request.task,
            status=outcome.answer.status,
            image_width=width,
            image_height=height,
            query=request.query,
            status_message=outcome.answer.status_message,
            prompt=outcome.prompt,
            text=outcome.answer.text,
            phrases=turn_phrases(outcome.answer.phrases, back),
            detections=turn_detections(outcome.answer.detections, back),
            model=self._backend.model_name,
            calibrated=self._backend.calibration.covers(TABLE[request.task].scores),
            inference_time=time.monotonic() - started,
            dropped=outcome.dropped,
            looks=looks,
            looks_wanted=outcome.looks.wanted,
        )

    def _refusal(
        self, request: ResolvedRequest, view: View, error: InvalidRequestError
    ) -> Grounding:
        # The size of an image that cannot be used is not known.
        unknown = isinstance(error, InvalidImageError)
        return Grounding(
            task=request.task,
            status=Status.INVALID_REQUEST,
            image_width=0 if unknown else view.picture.width,
            image_height=0 if unknown else view.picture.height,
            query=request.query,
            status_message=str(error),
            model=self._backend.model_name,
        )


def _resolved(request: GroundingRequest | ResolvedRequest) -> ResolvedRequest:
    return request if isinstance(request, ResolvedRequest) else resolve(request)
