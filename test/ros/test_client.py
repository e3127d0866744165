# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A client that loses no answers, at a service in another node."""

from __future__ import annotations

from collections.abc import Iterator
import threading

from kosmos_ros_msgs.srv import Ground
import pytest
from rclpy.node import Node
from rclpy.qos import QoSProfile

from kosmos_ros import GroundingClient

TARGET = '/kosmos/grounding'
CALLS = 100


def echo(request: Ground.Request, response: Ground.Response) -> Ground.Response:
    response.success = True
    response.grounding.query = request.query
    return response


@pytest.fixture
def asker(driver) -> Iterator[Node]:
    """Return a node that nobody spins."""
    node = Node('asker', context=driver.context)
    yield node
    node.destroy_node()


@pytest.fixture
def serve(rig) -> Iterator[None]:
    """Have a node that answers with the query, spun in another thread like all of the rig."""
    rig.node('grounding').create_service(
        Ground, f'{TARGET}/ground', echo, qos_profile=QoSProfile(depth=1000)
    )
    spinning = threading.Thread(target=rig.executor.spin, daemon=True)
    spinning.start()
    yield
    rig.executor.shutdown()
    spinning.join()


def test_of_many_calls_at_once_no_answer_is_lost(serve: None, rig, asker: Node) -> None:
    other, client = GroundingClient(rig.node('other')), GroundingClient(asker)
    assert other.wait_until_ready(30.0)
    assert client.wait_until_ready(30.0)
    # Answers to the other client take places of this one's, which nobody spins meanwhile.
    mine = [client.ask(f'{number}') for number in range(CALLS)]
    theirs = [other.ask(f'{number}') for number in range(CALLS)]
    other.ask_and_wait('the last one', 30.0)
    assert all(future.done() for future in theirs)
    assert not any(future.done() for future in mine)
    client.ask_and_wait('the last one', 30.0)
    assert [future.done() for future in mine] == [True] * CALLS
    assert [one.result().grounding.query for one in mine] == [f'{n}' for n in range(CALLS)]


def test_who_spins_the_node_does_not_matter(serve: None, rig, asker: Node) -> None:
    for client in (GroundingClient(rig.node('spun')), GroundingClient(asker)):
        assert client.wait_until_ready(30.0)
        assert client.ask_and_wait('the mug', 30.0).grounding.query == 'the mug'


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(driver) -> None:
    client = GroundingClient(driver, '/nobody')
    assert not client.is_ready()
    assert not client.wait_until_ready(0.1)
    with pytest.raises(TimeoutError, match=r'/nobody/ground did not answer within 0.1 s'):
        client.ask_and_wait('the mug', 0.1)


def test_wrong_fields_are_named(driver) -> None:
    client = GroundingClient(driver)
    with pytest.raises(TypeError, match='got colour'):
        client.ask('the mug', colour='red')
    with pytest.raises(AssertionError, match='camera'):
        client.ask('the mug', camera=7)
