# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The services, as thin adapters: read the request, call one object, write the response.

``~/ground`` takes as long as the model does, so its callback is a coroutine: the executor, also a
single-threaded one, goes on with other callbacks until the worker has the answer. A thousand
callers at once cost no threads: as many as the worker's queue holds are waited for, the others
hear BUSY at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import QoSProfile
import rclpy.task

from kosmos_ros.core.types import Grounding, GroundingRequest, Status
from kosmos_ros.ros.failures import Failures
from kosmos_ros.ros.questions import (
    Answer,
    answer_to_ros,
    Question,
    question_from_ros,
    refusal_to_ros,
    standing_from_ros,
)

SERVICE_QOS = QoSProfile(depth=1000)
"""Reliable, and deep: of 1000 calls at once, the default of 10 would silently lose most."""


class GroundService:
    """
    Offers ``~/ground``.

    :param ask: queues a question; its errors, and those of the future, become statuses.
    """

    def __init__(
        self, node: Node, ask: Callable[[Question], Future[Answer]], failures: Failures
    ) -> None:
        self._node = node
        self._ask = ask
        self._failures = failures
        self._logger = node.get_logger()
        node.create_service(
            Ground,
            '~/ground',
            self._respond,
            qos_profile=SERVICE_QOS,
            # While one call waits for its answer, others have to get in.
            callback_group=ReentrantCallbackGroup(),
        )

    async def _respond(
        self, request: Ground.Request, response: Ground.Response
    ) -> Ground.Response:
        try:
            answer = await self._outcome(self._ask(question_from_ros(request)))
        except Exception as error:  # noqa: BLE001  explained to the caller, and recorded
            status, message = self._failures.explain(error)
            response.grounding = refusal_to_ros(request, status, message)
            self._log_refusal(status, f'{_quoted(request.query)}: {status.name}, {message}')
            return response
        response.success = True
        response.grounding = answer_to_ros(answer)
        self._logger.info(_summary(answer.grounding, answer.image_age))
        return response

    def _log_refusal(self, status: Status, message: str) -> None:
        if status is Status.BUSY:
            self._logger.warning(message, throttle_duration_sec=1.0)
        else:
            self._logger.warning(message)

    async def _outcome(self, outcome: Future[Answer]) -> Answer:
        """Wait for the worker without keeping the executor from its other callbacks."""
        executor = self._node.executor
        done = rclpy.task.Future(executor=executor)

        def finish(_: Future[Answer]) -> None:
            done.set_result(None)
            # A future alone does not wake a sleeping executor.
            executor.wake()

        outcome.add_done_callback(finish)
        await done
        return outcome.result()


class StandingQueryService:
    """
    Offers ``~/set_standing_query``.

    :param set_query: sets the request and its rate in answers per second, or None for none.
    """

    def __init__(
        self,
        node: Node,
        set_query: Callable[[GroundingRequest | None, float], None],
        failures: Failures,
    ) -> None:
        self._set_query = set_query
        self._failures = failures
        self._logger = node.get_logger()
        node.create_service(SetStandingQuery, '~/set_standing_query', self._respond)

    def _respond(
        self, request: SetStandingQuery.Request, response: SetStandingQuery.Response
    ) -> SetStandingQuery.Response:
        try:
            response.message = self._set(request)
            response.success = True
        except Exception as error:  # noqa: BLE001  explained to the caller, and recorded
            _, response.message = self._failures.explain(error)
        self._logger.info(f'standing query: {response.message}')
        return response

    def _set(self, request: SetStandingQuery.Request) -> str:
        if not request.enabled:
            self._set_query(None, 0.0)
            return 'stopped'
        query, rate_hz = standing_from_ros(request)
        self._set_query(query, rate_hz)
        rate = f'at most {rate_hz:g} times a second' if rate_hz else 'on every new image'
        return f'{query.task.name} {_quoted(query.query)} {rate}'


def _quoted(query: str) -> str:
    return repr(query if len(query) <= 80 else f'{query[:77]}...')


def _summary(grounding: Grounding, image_age: float) -> str:
    boxes = len(grounding.detections)
    return (
        f'{grounding.task.name} {_quoted(grounding.query)}: {grounding.status.name}, '
        f'{boxes} {"box" if boxes == 1 else "boxes"} in {grounding.inference_time * 1000:.0f} ms, '
        f'image {image_age:.2f} s old'
    )
