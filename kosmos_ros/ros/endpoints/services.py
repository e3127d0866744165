# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The services, as thin adapters: read the request, call one object, write the response.

``~/ground`` takes as long as the model does, so its callback is a coroutine: the executor, also a
single-threaded one, goes on with other callbacks until the worker has the answer. A thousand
callers at once cost no threads: as many as fit into the worker's queue wait, the others get BUSY
at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kosmos_ros_msgs.srv import Ground, SetStandingQuery
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node
from rclpy.qos import QoSProfile

from kosmos_ros.core.texts import quoted
from kosmos_ros.core.types import GroundingRequest
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS
from kosmos_ros.ros.answering.question import (
    answer_to_ros,
    each_to_ros,
    Question,
    question_from_ros,
    refusal_to_ros,
    Reply,
    standing_from_ros,
)
from kosmos_ros.ros.endpoints.call_log import CallLog
from kosmos_ros.ros.endpoints.client_watch import clients_of, ClientWatch
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.executor.waiting import outcome_of

SERVICE_QOS = QoSProfile(depth=1000)
"""Reliable, and deep: of 1000 calls at once, the default of 10 would silently lose most."""


_FURTHER_CALLS = 15
"""Taken together with a call; few enough for cameras and timers to have their turn."""


class GroundService:
    """
    Offers ``~/ground``.

    :param ask: queues a question; its errors, and those of the future, become statuses.
    """

    def __init__(
        self, node: Node, ask: Callable[[Question], Future[Reply]], failures: Failures
    ) -> None:
        self._node = node
        self._ask = ask
        self._failures = failures
        self._log = CallLog(node.get_logger())
        name = node.resolve_service_name('~/ground')
        self.client_watch = ClientWatch(lambda: clients_of(node, name))
        """Those who wait for calls."""
        self._service = node.create_service(
            Ground,
            '~/ground',
            self._respond_to_all,
            qos_profile=SERVICE_QOS,
            # While one call waits for its answer, others must be accepted.
            callback_group=ReentrantCallbackGroup(),
        )

    async def _respond_to_all(
        self, request: Ground.Request, response: Ground.Response
    ) -> Ground.Response:
        self._failures.guard(self._take_further)()
        return await self._respond(request, response)

    def _take_further(self) -> None:
        """
        Take calls that have come as well.

        The executor takes one, and then looks at all that the node has before it takes the next:
        most of the time until one of many at once hears BUSY.
        """
        taken: list[tuple[Ground.Request, Any]] = []
        try:
            with self._service.handle:
                while len(taken) < _FURTHER_CALLS:
                    request, header = self._service.handle.service_take_request(Ground.Request)
                    if header is None:
                        break
                    taken.append((request, header))
        finally:  # one that cannot be taken must not keep those before it from their answers
            # The executor begins with the newest task.
            for call in reversed(taken):
                self._node.executor.create_task(self._respond_to_further, *call)

    async def _respond_to_further(self, request: Ground.Request, header: Any) -> None:
        self._service.send_response(await self._respond(request, Ground.Response()), header)

    async def _respond(
        self, request: Ground.Request, response: Ground.Response
    ) -> Ground.Response:
        try:
            question = self._failures.counted(lambda: question_from_ros(request))
            reply = await self._reply(question)
        except Exception as error:  # noqa: BLE001  explained to the caller, and recorded
            status, message = self._failures.explain(error)
            response.grounding = refusal_to_ros(request, status, message)
            self._log.refused(request.query, status, message)
            return response
        response.success = True
        response.grounding = answer_to_ros(reply.best)
        response.groundings = each_to_ros(reply)
        self._log.answered(reply)
        return response

    async def _reply(self, question: Question) -> Reply:
        outcome = self._ask(question)
        self.client_watch.awaits(outcome)
        return await outcome_of(outcome, self._node.executor)


class StandingQueryService:
    """
    Offers ``~/set_standing_query``.

    :param set_query: sets the request (None for none), its rate in answers per second and the
        camera.
    """

    def __init__(
        self,
        node: Node,
        set_query: Callable[[GroundingRequest | None, float, str], None],
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
            self._set_query(None, 0.0, '')
            return 'stopped' + _ignored(request)
        query, rate_hz, camera = standing_from_ros(request)
        self._set_query(query, rate_hz, camera)
        rate = f'at most {rate_hz:g} times a second' if rate_hz else 'on every new image'
        through = {'': '', ALL_CAMERAS: ' of all cameras'}.get(camera, f' of {camera}')
        return f'{query.task.name} {quoted(query.query)} {rate}{through}'


def _ignored(request: SetStandingQuery.Request) -> str:
    """Say which fields of a request that stops the query are set but ignored."""
    unset = SetStandingQuery.Request(enabled=request.enabled)
    names = request.get_fields_and_field_types()
    given = [name for name in names if getattr(request, name) != getattr(unset, name)]
    if not given:
        return ''
    return (
        f'; {", ".join(given)} {"was" if len(given) == 1 else "were"} ignored because enabled is '
        'false: a standing query needs enabled: true'
    )
