# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The process around a node: how it starts or refuses to, runs, and is told to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import threading

import rclpy
from rclpy.executors import Executor
from rclpy.logging import get_logger, LoggingSeverity
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from kosmos_ros.ending import end_by

EXIT_BAD_PARAMETERS = 2

_POLL_SECONDS = 0.1


def enter_ros(args: Sequence[str] | None) -> threading.Event:
    """
    Start ROS.

    :param args: the command line, ``sys.argv`` by default.
    :returns: the event that SIGINT and SIGTERM set; soon after them the process ends in any case.
        rclpy's own handlers would close the context during a callback, before waiting callers
        could be answered.
    :raises ValueError: if the command line has arguments for ROS that it does not understand.
    """
    stop = threading.Event()
    end_by(lambda _: stop.set(), status=0)
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:
        why = str(error).partition(', at /')[0]  # a line of rcl's source
        raise ValueError(f'ROS cannot start with these arguments: {why}') from error
    return stop


def spin_until(stop: threading.Event, spin_once: Callable[[float], None]) -> None:
    """Run callbacks until the end is requested; ``spin_once`` takes the seconds to wait."""
    while rclpy.ok() and not stop.is_set():
        spin_once(_POLL_SECONDS)


def refuse(name: str, error: Exception, status: int) -> int:
    """Say why a node does not start, leave ROS and return the exit status."""
    get_logger(name).fatal(str(error))
    rclpy.try_shutdown()
    return status


def leave_ros(node: Node, executor: Executor) -> None:
    """
    Destroy a node and leave ROS.

    Threads that still hold the node can do nothing with it any more.
    """
    context = node.context
    executor.shutdown(timeout_sec=0.0)
    node.destroy_node()
    node.get_logger().set_level(LoggingSeverity.FATAL)
    # rclpy does not destroy the state machine of a life-cycle node, and that keeps the node on the
    # network: if the process ends at once, others take it for alive until its lease expires after
    # 20 s.
    vars(node).clear()
    context.try_shutdown()
