# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A life-cycle node whose transitions may take long and may fail.

rclpy runs a transition in the callback that requests it, so that loading a model would block
everything else; it swallows what a transition raises silently; and a request for a transition that
the state does not allow raises out of ``spin()`` and is never answered. Here transitions run one
after the other in a thread of their own while the executor goes on, each error is logged, and
every request gets its response.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from kosmos_ros.core.errors import KosmosError
from kosmos_ros.core.texts import MAX_NAME, shortened
from kosmos_ros.core.types import Status
from kosmos_ros.ros.executor.failures import Failures, RefusedError
from kosmos_ros.ros.executor.waiting import outcome_of

UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = 'unconfigured', 'inactive', 'active', 'finalized'
"""Labels of the states that last."""

CONFIGURING = 'configuring'
"""Label of a state that passes."""

_CLEANUP = (Transition.TRANSITION_CLEANUP, 'cleanup')
_SHUTDOWN = (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, 'shutdown')

_SUCCESS = TransitionCallbackReturn.SUCCESS


class ManagedNode(LifecycleNode, ABC):
    """
    Base of a node with a life cycle: subclasses say what each transition does.

    A transition that raises a ``KosmosError`` fails and leaves the node as it was; any other
    error goes through ``clean_up`` to unconfigured, or to finalized if that fails too.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.failures = Failures(self.get_logger())
        """Errors that nobody foresaw; whoever spins the node reports to them too."""
        self.transition_problem = ''
        """Why the latest transition did not succeed, empty if it did."""
        self._is_ending = False
        self._transitions = ThreadPoolExecutor(1, thread_name_prefix='transition')
        self._perform_change = self._service_change_state.callback
        self._service_change_state.callback = self._change_state
        # While a request waits for its transition, nothing else in the node's own group runs, and
        # another request may end it.
        group = ReentrantCallbackGroup()
        group.add_entity(self._service_change_state)
        self._service_change_state.callback_group = group

    def destroy_node(self) -> None:
        """Leave ROS."""
        super().destroy_node()
        # rclpy leaves the state machine to the garbage collector; until then others would still
        # see the node, with the topic of its transitions.
        self._state_machine.destroy_when_not_in_use()

    @property
    def state(self) -> str:
        """Label of the state: unconfigured, configuring, inactive, ..."""
        return str(self._state_machine.current_state[1])

    @property
    def is_ending(self) -> bool:
        """Whether no further transition may begin, and one in progress should stop."""
        return self._is_ending

    @abstractmethod
    def configure(self) -> None:
        """Make everything that costs memory or time."""

    @abstractmethod
    def interrupt(self) -> None:
        """Have ``configure`` fail soon, which is in progress in another thread."""

    @abstractmethod
    def activate(self) -> None:
        """Begin to work."""

    @abstractmethod
    def deactivate(self) -> None:
        """Stop working; ``activate`` may follow."""

    @abstractmethod
    def clean_up(self) -> None:
        """Free what ``configure`` made, even if incomplete."""

    def start_up(self) -> None:
        """Configure and activate, in the thread of the transitions."""
        self._transitions.submit(self.failures.guard(self._start_up))

    def end_transitions(self) -> None:
        """Begin no further transition."""
        self._is_ending = True
        self._transitions.shutdown(wait=False)

    def not_ready(self) -> RefusedError:
        """Return why the node is not ready in this state, and what helps."""
        name, state = self.get_fully_qualified_name(), self.state
        if state == UNCONFIGURED and self.transition_problem:
            return RefusedError(
                Status.MODEL_ERROR,
                f'the node is unconfigured: {self.transition_problem}. When that is mended: '
                f'ros2 lifecycle set {name} configure, then activate',
            )
        help_with = {
            UNCONFIGURED: f'ros2 lifecycle set {name} configure, then activate',
            INACTIVE: f'ros2 lifecycle set {name} activate',
            FINALIZED: 'start its process anew',
        }.get(state, 'try again in a moment')
        return RefusedError(Status.NOT_READY, f'the node is {state}: {help_with}')

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Load what is needed."""
        return self._perform(self.configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Begin to work."""
        return self._perform(self.activate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Stop working."""
        return self._perform(self.deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free what is held."""
        return self._perform(self.clean_up)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free what is held, for good."""
        return self._perform(self.clean_up)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:  # noqa: ARG002
        """Free what is held, so that ``configure`` can begin anew."""
        problem = self.transition_problem
        result = self._perform(self.clean_up)
        self.transition_problem = problem
        return result if result is _SUCCESS else TransitionCallbackReturn.FAILURE

    def _perform(self, work: Callable[[], None]) -> TransitionCallbackReturn:
        while_in = self.state
        self.transition_problem = ''
        try:
            work()
        except KosmosError as error:
            self.transition_problem = shortened(str(error))
            self.get_logger().error(f'{while_in} failed: {self.transition_problem}')
            return TransitionCallbackReturn.FAILURE
        except Exception as error:  # noqa: BLE001  recorded with its trace
            _, self.transition_problem = self.failures.explain(error)
            return TransitionCallbackReturn.ERROR
        return _SUCCESS

    def _start_up(self) -> None:
        if self._is_ending:
            return
        if self.state == UNCONFIGURED and self.trigger_configure() is not _SUCCESS:
            return
        if self.state == INACTIVE:
            self.trigger_activate()

    async def _change_state(
        self, request: ChangeState.Request, response: ChangeState.Response
    ) -> ChangeState.Response:
        try:
            if self.state == CONFIGURING and _is_one_of(request, _CLEANUP, _SHUTDOWN):
                self.interrupt()
                if _is_one_of(request, _CLEANUP):
                    # From the state that a failed ``configure`` leads to, it is not allowed.
                    outcome = self._transitions.submit(self._confirm, response)
                    return await outcome_of(outcome, self.executor)
            outcome = self._transitions.submit(self._change, request, response)
        except RuntimeError:  # of a closed pool: the process is about to end
            response.success = False
            return response
        return await outcome_of(outcome, self.executor)

    def _confirm(self, response: ChangeState.Response) -> ChangeState.Response:
        response.success = self.state == UNCONFIGURED
        return response

    def _change(
        self, request: ChangeState.Request, response: ChangeState.Response
    ) -> ChangeState.Response:
        if self._is_ending:
            response.success = False
            return response
        before = self.state
        try:
            self._perform_change(request, response)
        except rclpy_implementation.RCLError:
            response.success = False
            wanted = request.transition
            label = shortened(wanted.label, MAX_NAME) or wanted.id
            self.get_logger().warning(
                f'there is no transition {label} from {before}; {self.state} as before'
            )
        return response


def _is_one_of(request: ChangeState.Request, *transitions: tuple[int, str]) -> bool:
    """Tell whether a transition is asked for, by its label, or by its number where it has none."""
    asked = request.transition
    return any(
        asked.label == label if asked.label else asked.id == id_ for id_, label in transitions
    )
