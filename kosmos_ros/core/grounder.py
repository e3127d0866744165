# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
One question about one image, answered.

    grounder = Grounder(backend)
    grounding = grounder.ground(image, GroundingRequest('the red cube; the mug'))
"""

from __future__ import annotations

import logging
import time

from kosmos_ros.core.answers import Limits
from kosmos_ros.core.backend import Backend, GeneratedToken, StopCheck, TokenListener
from kosmos_ros.core.geometry import fit_region
from kosmos_ros.core.images import check_image, RgbImage
from kosmos_ros.core.requests import resolve_task
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.task_runs import Job, RUNS
from kosmos_ros.core.tasks import check_query
from kosmos_ros.core.types import Grounding, GroundingRequest

__all__ = ['Grounder', 'GrounderSettings', 'ignore', 'never', 'resolve_task']

_logger = logging.getLogger(__name__)

_DEFAULTS = GrounderSettings()


def never() -> bool:
    """Stop check that lets the work run to its end."""
    return False


def ignore(token: GeneratedToken) -> None:
    """Token listener that does nothing."""


class Grounder:
    """
    Answers requests with one backend; like the backend, it is used by one thread at a time.

    :param backend: the model.
    :param settings: limits.
    """

    def __init__(self, backend: Backend, settings: GrounderSettings = _DEFAULTS) -> None:
        self._backend = backend
        self._settings = settings

    def ground(
        self,
        image: RgbImage,
        request: GroundingRequest,
        should_stop: StopCheck = never,
        on_token: TokenListener = ignore,
    ) -> Grounding:
        """
        Answer a request about an image.

        :param image: (H, W, 3) uint8 RGB.
        :param should_stop: asked between decode steps.
        :param on_token: told each token of tasks that write text, as soon as it is chosen.
        :returns: the answer, with status FOUND, NOT_FOUND or LOW_SCORE; boxes are normalised to
            ``image``.
        :raises InvalidRequestError: if the image, region, query or task cannot be answered.
        :raises GroundingStoppedError: if ``should_stop()`` said so.
        :raises ModelError: if the model fails.
        """
        started = time.monotonic()
        image = check_image(image)
        height, width = image.shape[:2]
        asked = check_query(request.query)
        task, query = resolve_task(request, asked)
        most = request.max_detections or self._settings.max_boxes
        job = Job(
            backend=self._backend,
            settings=self._settings,
            image=image,
            query=query,
            region=fit_region(request.region, width, height) if request.region else None,
            limits=Limits(request.min_score, min(most, self._settings.max_boxes)),
            should_stop=should_stop,
            on_token=on_token,
        )
        outcome = RUNS[task](job)
        if outcome.dropped:
            _logger.warning('left %d malformed entities out of an answer', outcome.dropped)
        return Grounding(
            task=task,
            status=outcome.answer.status,
            image_width=width,
            image_height=height,
            query=asked,
            status_message=outcome.answer.status_message,
            prompt=outcome.prompt,
            text=outcome.answer.text,
            phrases=outcome.answer.phrases,
            detections=outcome.answer.detections,
            model=self._backend.model_name,
            inference_time=time.monotonic() - started,
            dropped=outcome.dropped,
        )
