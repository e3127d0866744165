# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where questions are handed in: it has them answered, publishes the answers and keeps count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
import logging

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.types import Status
from kosmos_ros.ros.answering.question import (
    Answer,
    ignore_partial,
    PartialListener,
    Question,
    Reply,
)
from kosmos_ros.ros.executor.failures import Failures, status_of
from kosmos_ros.ros.worker.job import Job

_logger = logging.getLogger(__name__)


class Desk:
    """
    The one way to an answer, for callers and for the standing query.

    :param make_job: makes the job that answers a question.
    :param submit: queues a job.
    :param publish: publishes an answer; of all cameras, each of them.
    """

    def __init__(
        self,
        make_job: Callable[[Question, PartialListener], Job[Reply]],
        submit: Callable[[Job[Reply]], Future[Reply]],
        publish: Callable[[Answer], None],
        failures: Failures,
    ) -> None:
        self.tally: Counter[Status] = Counter()
        """How many questions ended how."""
        self._make_job = make_job
        self._submit = submit
        self._publish = failures.guard(publish)
        self._failures = failures
        self._complaint = ''

    def ask(
        self, question: Question, on_partial: PartialListener = ignore_partial
    ) -> Future[Reply]:
        """
        Queue a question.

        :param on_partial: told how far the answer is, in the model's thread.
        :raises KosmosError: if it is refused at once.
        """
        job = self._counted_job(question, on_partial)
        try:
            return self._submit(job)
        except KosmosError as error:
            # Nobody will run it: what was set aside for it is to be let go of.
            job.fail(error)
            raise

    def standing_job(self, question: Question) -> Job[Reply]:
        """
        Make the job for a question that nobody waits for.

        :raises KosmosError: if it is refused at once.
        """
        job = self._counted_job(question)
        job.future.add_done_callback(self._failures.guard(self._complain))
        return job

    def _counted_job(
        self, question: Question, on_partial: PartialListener = ignore_partial
    ) -> Job[Reply]:
        try:
            job = self._make_job(question, on_partial)
        except KosmosError as error:
            self.tally[status_of(error)] += 1
            raise
        job.future.add_done_callback(self._failures.guard(self._count))
        job.then(self._publish_all)
        return job

    def _publish_all(self, reply: Reply) -> None:
        for answer in reply.answers():
            self._publish(answer)

    def _count(self, outcome: Future[Reply]) -> None:
        error = outcome.exception()
        if error is not None:
            self.tally[status_of(error)] += 1
            return
        self.tally[outcome.result().best.grounding.status] += 1

    def _complain(self, outcome: Future[Reply]) -> None:
        """Log why there is no answer, but not again for every image."""
        error = outcome.exception()
        status, complaint = self._failures.explain(error) if error else (None, '')
        if complaint not in ('', self._complaint) and status is not Status.CANCELLED:
            _logger.warning('the standing query has no answer: %s', complaint)
        self._complaint = complaint
