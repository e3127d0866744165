# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The standing query: one question, answered again and again on the newest images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
import logging
import math
import threading
import time

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.ros.answering.question import Question, Reply
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.worker.job import Job

STANDING_ID = 'standing'
"""The id of its answers."""

_SHARE = 0.8
"""Of the time between two answers, so much may pass until the last look."""

_logger = logging.getLogger(__name__)


class StandingQuery:
    """
    Idle work for the worker: asks about each new image, at most ``rate_hz`` times a second.

    :param newest: returns the newest frame of each camera that a name means.
    :param make_job: makes the job that answers a question.
    """

    def __init__(
        self,
        newest: Callable[[str], Sequence[Frame]],
        make_job: Callable[[Question], Job[Reply]],
    ) -> None:
        self._newest = newest
        self._make_job = make_job
        self._lock = threading.Lock()
        self._question: Question | None = None
        self._period = 0.0
        self._due = 0.0
        self._asked = 0

    def set(
        self, request: GroundingRequest | None, rate_hz: float = 0.0, camera: str = ''
    ) -> None:
        """
        Replace the query.

        :param request: None for no standing query.
        :param rate_hz: most answers per second; 0: every image the model keeps up with.
        :param camera: name of an existing camera, empty for the first, '*' for all.
        :raises InvalidRequestError: if the query can be answered on no image at all.
        """
        question = None
        if request is not None:
            if not request.max_looks and not rate_hz:
                # What has to keep up with a camera has no time for further looks.
                request = replace(request, max_looks=1)
            patience = _SHARE / rate_hz if rate_hz else math.inf
            question = Question(
                resolve(request), STANDING_ID, camera=camera, look_seconds=patience
            )
        with self._lock:
            self._question = question
            self._period = 1.0 / rate_hz if rate_hz else 0.0
            self._due = time.monotonic()
            self._asked = 0

    def camera(self) -> str | None:
        """Return its camera, None if there is no standing query."""
        question = self._question
        return None if question is None else question.camera

    def next_job(self) -> Job[Reply] | None:
        """Return the job to do now, None while it is not due or no new image has come."""
        with self._lock:
            now = time.monotonic()
            if self._question is None or now < self._due:
                return None
            frames = self._newest(self._question.camera)
            newest = max((frame.serial for frame in frames), default=0)
            if newest <= self._asked:
                # Not lower ones either: an image that turned out to be damaged makes way for one
                # that was asked about before.
                return None
            self._asked = newest
            # Keeps the rate on average, but does not make up for missed turns.
            next_due = self._due + self._period
            self._due = next_due if now < next_due else now + self._period
            try:
                return self._make_job(self._question)
            except KosmosError as error:
                _logger.debug('the standing query has to wait: %s', error)
                return None

    def seconds_until_due(self) -> float | None:
        """Return the seconds until the next turn, None if it depends on a new image."""
        with self._lock:
            wait = self._due - time.monotonic()
            return wait if self._question is not None and wait > 0 else None
