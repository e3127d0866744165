# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The action ``~/ground_action``, as a thin adapter: read the goal, call one object, end the goal.

Every goal is accepted, as a rejection could not say why: what cannot be answered is aborted at
once, with the reason in its result. How goals end:

=========  ===============================================================
SUCCEEDED  an answer was computed: FOUND, NOT_FOUND, LOW_SCORE
CANCELED   its client cancelled it: CANCELLED
ABORTED    everything else, CANCELLED by a newer goal or the node's end too
=========  ===============================================================
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
import time

from kosmos_ros_msgs.action import Ground
from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.node import Node

from kosmos_ros.core.types import Status
from kosmos_ros.parameters.choices import ActionPolicy
from kosmos_ros.ros.answering.question import (
    answer_to_ros,
    each_to_ros,
    partial_to_ros,
    PartialListener,
    Question,
    question_from_ros,
    refusal_to_ros,
    Reply,
)
from kosmos_ros.ros.endpoints.call_log import CallLog
from kosmos_ros.ros.endpoints.client_watch import clients_of, ClientWatch
from kosmos_ros.ros.endpoints.feedback import FeedbackStream
from kosmos_ros.ros.endpoints.services import SERVICE_QOS
from kosmos_ros.ros.executor.failures import Failures, RefusedError
from kosmos_ros.ros.worker.job import settle

RESULT_SECONDS = 60
"""How long a result is kept for its client; rclpy's 15 minutes let results of goals pile up."""

_NAME = '~/ground_action'
_BLINK = 0.001


class GroundAction:
    """
    Offers ``~/ground_action``.

    :param ask: queues a question; its errors, and those of the future, become statuses.
    :param policy: returns the current policy.
    """

    def __init__(
        self,
        node: Node,
        ask: Callable[[Question, PartialListener], Future[Reply]],
        policy: Callable[[], ActionPolicy],
        failures: Failures,
    ) -> None:
        self._node = node
        self._ask = ask
        self._policy = policy
        self._failures = failures
        self._log = CallLog(node.get_logger())
        self._active: dict[bytes, Future[Reply]] = {}
        self._cancelled: set[bytes] = set()
        name = f'{node.resolve_service_name(_NAME)}/_action/send_goal'
        self.client_watch = ClientWatch(lambda: clients_of(node, name))
        """Those who wait for goals."""
        self._server = ActionServer(
            node,
            Ground,
            _NAME,
            self._execute,
            cancel_callback=self._cancel,
            callback_group=ReentrantCallbackGroup(),
            goal_service_qos_profile=SERVICE_QOS,
            result_service_qos_profile=SERVICE_QOS,
            cancel_service_qos_profile=SERVICE_QOS,
            result_timeout=RESULT_SECONDS,
        )

    def destroy(self) -> None:
        """Stop offering the action."""
        self._server.destroy()

    async def _execute(self, goal: ServerGoalHandle) -> Ground.Result:
        request = goal.request
        try:
            reply = await self._reply(goal)
        except Exception as error:  # noqa: BLE001  explained to the caller, and recorded
            status, message = self._failures.explain(error)
            self._log.refused(request.query, status, message)
            self._end_without_answer(goal)
            return Ground.Result(grounding=refusal_to_ros(request, status, message))
        self._log.answered(reply)
        self._cancelled.discard(_key(goal))
        goal.succeed()
        return Ground.Result(grounding=answer_to_ros(reply.best), groundings=each_to_ros(reply))

    async def _reply(self, goal: ServerGoalHandle) -> Reply:
        """Answer a goal, with feedback until the answer is there."""
        # A goal that nobody could answer must not end others.
        question = self._failures.counted(lambda: question_from_ros(goal.request))
        self._require_place(goal)
        stream = FeedbackStream(
            lambda partial: goal.publish_feedback(partial_to_ros(partial)), self._node.executor
        )
        outcome = self._ask(question, stream.put)
        self._active[_key(goal)] = outcome
        self.client_watch.awaits(outcome)
        outcome.add_done_callback(lambda _: stream.end())
        try:
            await stream.run()
        finally:
            del self._active[_key(goal)]
        return outcome.result()

    def _require_place(self, goal: ServerGoalHandle) -> None:
        """
        Apply the policy.

        :raises RefusedError: BUSY; or CANCELLED, if the goal was cancelled before it began.
        """
        if _key(goal) in self._cancelled:
            raise _cancelled_by_client()
        policy = self._policy()
        if policy is ActionPolicy.REJECT and self._active:
            raise RefusedError(
                Status.BUSY, 'another goal is active, and action_policy is reject; try later'
            )
        if policy is ActionPolicy.PREEMPT:
            for outcome in list(self._active.values()):
                settle(outcome, RefusedError(Status.CANCELLED, 'pre-empted by a newer goal'))

    def _cancel(self, goal: ServerGoalHandle) -> CancelResponse:
        self._cancelled.add(_key(goal))
        outcome = self._active.get(_key(goal))
        if outcome is not None:
            settle(outcome, _cancelled_by_client())
        return CancelResponse.ACCEPT

    def _end_without_answer(self, goal: ServerGoalHandle) -> None:
        if _key(goal) not in self._cancelled:
            goal.abort()
            return
        self._cancelled.discard(_key(goal))
        # rclpy changes the goal's state after the callback that accepts a cancellation, which may
        # be running in another thread of the executor.
        while goal.is_active and not goal.is_cancel_requested:
            time.sleep(_BLINK)
        goal.canceled()


def _key(goal: ServerGoalHandle) -> bytes:
    return bytes(goal.goal_id.uuid)


def _cancelled_by_client() -> RefusedError:
    return RefusedError(Status.CANCELLED, 'cancelled by the client')
