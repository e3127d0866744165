# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asking a grounding node from a node of one's own, without losing answers."""

from __future__ import annotations

import threading
import time
from typing import Any

from kosmos_ros_msgs.srv import Ground
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.task import Future

_QOS = QoSProfile(depth=1000)


class GroundingClient:
    """
    Calls the service ``ground`` of a grounding node.

        client = GroundingClient(node)
        future = client.ask('the red mug', camera='wrist')

    Every answer comes as long as fewer than 1000 wait to be taken. A client with the default of
    rclpy keeps 10 and loses others without a word: those of all clients of the service count.

    :param node: of the caller; somebody has to spin it.
    :param target: name of the grounding node, with its namespace.
    """

    def __init__(self, node: Node, target: str = '/kosmos/grounding') -> None:
        self._node = node
        self._client = node.create_client(Ground, f'{target}/ground', qos_profile=_QOS)

    @property
    def service_name(self) -> str:
        """Resolved name of the service."""
        return str(self._client.srv_name)

    def is_ready(self) -> bool:
        """Tell whether the node is there."""
        return bool(self._client.service_is_ready())

    def wait_until_ready(self, timeout: float) -> bool:
        """
        Wait for the node to be there.

        :param timeout: seconds.
        :returns: whether it is.
        """
        if not self._client.wait_for_service(timeout_sec=timeout):
            return False
        # The node may not know this side yet: it then waits 0.1 s and drops its answer.
        time.sleep(0.1)
        return True

    def ask(self, query: str = '', **fields: Any) -> Future:
        """
        Ask, and do not wait.

        :param fields: further fields of ``kosmos_ros_msgs/srv/Ground``.
        :returns: a future of rclpy, whose result is a ``Ground.Response``.
        :raises TypeError: if the request has no such field.
        :raises AssertionError: if a field is of another type.
        """
        known = Ground.Request.get_fields_and_field_types()
        if unknown := [name for name in fields if name not in known]:
            raise TypeError(f'a request has {", ".join(known)}, got {", ".join(unknown)}')
        # Else rclpy ignores values of other types, unless an environment variable is set.
        return self._client.call_async(Ground.Request(query=query, check_fields=True, **fields))

    def ask_and_wait(
        self, query: str = '', timeout: float = 60.0, **fields: Any
    ) -> Ground.Response:
        """
        Ask, and wait for the answer.

        A node that nobody spins is spun meanwhile. Not for use within a callback of the node,
        which would keep the answer from coming.

        :param timeout: seconds.
        :raises TimeoutError: if no answer came in time; one that comes later is dropped.
        """
        future = self.ask(query, **fields)
        self._wait(future, timeout)
        if not future.done():
            self._client.remove_pending_request(future)
            raise TimeoutError(f'{self.service_name} did not answer within {timeout:g} s')
        return future.result()

    def _wait(self, future: Future, timeout: float) -> None:
        if self._node.executor is not None:
            done = threading.Event()
            future.add_done_callback(lambda _: done.set())
            done.wait(timeout)
            return
        executor = SingleThreadedExecutor(context=self._node.context)
        executor.add_node(self._node)
        try:
            executor.spin_until_future_complete(future, timeout_sec=timeout)
        finally:
            executor.remove_node(self._node)
            executor.shutdown()

    def close(self) -> None:
        """Leave the service."""
        self._node.destroy_client(self._client)
