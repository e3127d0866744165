# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Ask the running grounding node, and read the answer while it is being written.

    python examples/ask_with_progress.py "describe what you see"
    python examples/ask_with_progress.py            # a detailed description; Ctrl-C cancels it
"""

from __future__ import annotations

import signal
import sys

from kosmos_ros_msgs.action import Ground
import rclpy
from rclpy.action import ActionClient
from rclpy.action.client import ClientGoalHandle
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

ACTION = '/kosmos/grounding/ground_action'


class Asker(Node):
    """Sends one goal and shows its feedback and result."""

    def __init__(self) -> None:
        super().__init__('ask_with_progress')
        self.client = ActionClient(self, Ground, ACTION)
        self.is_interrupted = False
        self.shown = ''
        """The text that was printed so far."""

    def ask(self, goal: Ground.Goal) -> Ground.Result:
        """Return the result of a goal; cancel it on the user's request."""
        accepted = self.client.send_goal_async(goal, self._show)
        rclpy.spin_until_future_complete(self, accepted)
        handle: ClientGoalHandle = accepted.result()
        result = handle.get_result_async()
        is_cancelled = False
        while not result.done():
            rclpy.spin_once(self, timeout_sec=0.1)
            if self.is_interrupted and not is_cancelled:
                handle.cancel_goal_async()
                is_cancelled = True
        return result.result().result

    def _show(self, message: Ground.Impl.FeedbackMessage) -> None:
        """Print what is new: each feedback holds all of the text so far."""
        text = message.feedback.partial_text
        print(text[len(self.shown) :], end='', flush=True)
        self.shown = text


def main() -> None:
    """Ask what the command line says."""
    query = ' '.join(sys.argv[1:])
    # Without this, Ctrl-C would end ROS before the goal could be cancelled.
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    asker = Asker()
    signal.signal(signal.SIGINT, lambda *_: setattr(asker, 'is_interrupted', True))
    if not asker.client.wait_for_server(timeout_sec=10.0):
        sys.exit(f'no grounding node answers at {ACTION}: start one by "make run"')

    goal = Ground.Goal(query=query)
    if not query:
        goal.task, goal.query = Ground.Goal.TASK_DESCRIBE, 'detailed'
    grounding = asker.ask(goal).grounding
    # Tasks that only locate write no text, and answer at once.
    print('' if asker.shown else grounding.text)
    if grounding.status_message:
        print(grounding.status_message)
    for detection in grounding.detections.detections:
        best = detection.results[0].hypothesis
        print(f'  {best.class_id}: score {best.score:.2f}')
    asker.client.destroy()
    asker.destroy_node()
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
