# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What only the executor's thread may do."""

from __future__ import annotations

import threading

from rclpy.node import Node

from kosmos_ros.ros.executor.between_callbacks import between_callbacks


def test_the_executor_does_it_in_its_own_thread(rig) -> None:
    node = rig.node('owner')
    done = []

    def ask() -> None:
        between_callbacks(node, lambda what: done.append((what, threading.get_ident())), 'it')

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert done == []
    rig.spin_until(lambda: done)
    assert done == [('it', threading.get_ident())]


def test_of_a_node_without_executor_it_is_done_at_once(rig) -> None:
    node = Node('owner', context=rig.context)
    done = []
    between_callbacks(node, done.append, 'it')
    assert done == ['it']
    node.destroy_node()
