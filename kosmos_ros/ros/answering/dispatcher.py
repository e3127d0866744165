# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The only way to an answer: questions come in, are answered, published and counted here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
import logging

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import BusyPolicy
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.answering.answerer import Answerer
from kosmos_ros.ros.answering.question import (
    Answer,
    ignore_partial,
    PartialListener,
    Question,
    Reply,
)
from kosmos_ros.ros.executor.failures import Failures, status_of
from kosmos_ros.ros.worker.job import Job
from kosmos_ros.ros.worker.queue import JobQueue
from kosmos_ros.ros.worker.worker import Worker

_logger = logging.getLogger(__name__)


class Dispatcher:
    """
    Has questions of callers and the standing query answered.

    :param answerer: makes the job that answers a question.
    :param worker: does the jobs of callers.
    :param queue: the worker's.
    :param settings: returns the node's current settings.
    :param publish: publishes an answer; of all cameras, each of them.
    """

    def __init__(
        self,
        answerer: Answerer,
        worker: Worker,
        queue: JobQueue,
        settings: Callable[[], NodeSettings],
        publish: Callable[[Answer], None],
        failures: Failures,
    ) -> None:
        self._answerer = answerer
        self._worker = worker
        self._queue = queue
        self._settings = settings
        self._publish = failures.guard(publish)
        self._failures = failures
        self._complaint = ''

    def ask(
        self, question: Question, on_partial: PartialListener = ignore_partial
    ) -> Future[Reply]:
        """
        Queue a question.

        :param on_partial: called in the model's thread with the answer so far.
        :raises KosmosError: if it is refused at once.
        """
        # A node that is not active has no images either, but that is not the reason to report.
        self._worker.require_ready()
        now = self._settings()
        self._queue.size, self._queue.policy = now.queue_size, BusyPolicy(now.busy_policy)
        job = self._counted_job(question, on_partial)
        try:
            return self._worker.submit(job)
        except KosmosError as error:
            # It will not run: release what was reserved for it.
            job.fail(error)
            raise

    def standing_job(self, question: Question) -> Job[Reply]:
        """
        Make the job for a question that nobody waits for.

        :raises KosmosError: if it is refused at once.
        """
        job = self._counted_job(question, ignore_partial)
        job.future.add_done_callback(self._failures.guard(self._complain))
        return job

    def _counted_job(self, question: Question, on_partial: PartialListener) -> Job[Reply]:
        job = self._failures.counted(lambda: self._answerer.job(question, on_partial))
        job.future.add_done_callback(self._failures.guard(self._count))
        job.then(self._publish_all)
        return job

    def _publish_all(self, reply: Reply) -> None:
        for answer in reply.answers():
            self._publish(answer)

    def _count(self, outcome: Future[Reply]) -> None:
        error = outcome.exception()
        status = status_of(error) if error else outcome.result().best.grounding.status
        self._failures.tally[status] += 1

    def _complain(self, outcome: Future[Reply]) -> None:
        """Log why there is no answer, once rather than for every image."""
        error = outcome.exception()
        status, complaint = self._failures.explain(error) if error else (None, '')
        if complaint not in ('', self._complaint) and status is not Status.CANCELLED:
            _logger.warning('the standing query has no answer: %s', complaint)
        self._complaint = complaint
