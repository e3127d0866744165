# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The docstring of ``GroundingNode`` lists what the live node serves, publishes and declares.

Spans ``nodes.grounding_node`` and ``ros.endpoints``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
import inspect
import re
from typing import NamedTuple

import pytest
import rclpy
from rclpy.action import get_action_server_names_and_types_by_node
from rclpy.lifecycle import LifecycleNode

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.nodes.grounding_node import GroundingNode

DEPTH = '/wrist/depth'
SET = {
    'autostart': 'false',
    'cameras': '[camera, wrist, gripper]',
    'wrist.depth_topic': DEPTH,
    'gripper.transport': 'compressed',
    'target_frame': 'base',
}
NAMED = re.compile(r'- ``(\S+)`` \(``(\S+)``\): (.*?)(?=\s+- ``|\s+It |\s+Its |\Z)', re.DOTALL)

Names = set[tuple[str, str]]


class Told(NamedTuple):
    """A part of the docstring, as what is to be there and what may be."""

    required: Names
    possible: Names


@pytest.fixture
def node(ros_domain: int) -> Iterator[GroundingNode]:
    """Return an active node with three cameras, one of them with depth."""
    parameters = [word for name, value in SET.items() for word in ('-p', f'{name}:={value}')]
    rclpy.init(args=['--ros-args', *parameters], domain_id=ros_domain)
    node = GroundingNode(lambda settings: ScriptedBackend())
    node.trigger_configure()
    node.trigger_activate()
    assert node.state == 'active'
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


@pytest.fixture
def plain(node: GroundingNode) -> Iterator[LifecycleNode]:
    """Return a node that has what every life-cycle node has, called like the other one."""
    plain = LifecycleNode('plain')
    yield plain
    plain.destroy_node()


def docstring() -> str:
    return inspect.getdoc(GroundingNode) or ''


def told(text: str) -> Told:
    """Read a part of the docstring; of names that belong to cameras, take those of the test."""
    required, possible = set(), set()
    for name, kind, what in NAMED.findall(text):
        names = {
            name.replace('~', '/grounding')
            .replace('NAME.depth_topic', DEPTH)
            .replace('camera_info', 'wrist/camera_info')
            .replace('NAME/image_raw/compressed', 'gripper/image_raw/compressed')
            .replace('NAME/image_raw', 'wrist/image_raw')
            .replace('NAME', camera)
            for camera in ('wrist', 'gripper')
        }
        places = {(f'/{one.lstrip("/")}', kind) for one in names}
        needed = re.search(r'where\s+``(\w+)``\s+is\s+installed', what)
        possible |= places
        if not needed or find_spec(needed[1]):
            required |= places
    assert required
    return Told(required, possible)


def flat(found: list[tuple[str, list[str]]], name: str) -> Names:
    """Return names and types of a node, without those that make up an action."""
    return {
        (topic.replace(f'/{name}/', '/grounding/'), kind)
        for topic, kinds in found
        for kind in kinds
        if '/_action/' not in topic
    }


def own(node: GroundingNode, plain: LifecycleNode, kind: str) -> Names:
    """Return what a node has and the plain one has not."""
    method = f'get_{kind}_names_and_types_by_node'
    return flat(getattr(node, method)('grounding', '/'), 'grounding') - flat(
        getattr(plain, method)('plain', '/'), 'plain'
    )


def test_the_docstring_lists_what_the_node_has(node: GroundingNode, plain: LifecycleNode) -> None:
    served, _, rest = docstring().partition('It publishes:')
    published, _, rest = rest.partition('It subscribes, ')
    subscribed, _, _ = rest.partition('Its parameters, ')
    actions = set(flat(get_action_server_names_and_types_by_node(node, 'grounding', '/'), ''))
    assert actions
    for text, there in (
        (served, own(node, plain, 'service') | actions),
        (published, own(node, plain, 'publisher')),
        (subscribed, own(node, plain, 'subscriber')),
    ):
        required, possible = told(text)
        assert there >= required
        assert there <= possible


def test_the_docstring_lists_each_parameter_once(
    node: GroundingNode, plain: LifecycleNode
) -> None:
    text = docstring().partition('Its parameters, ')[2].partition(':param')[0]
    groups = re.findall(r'^- ([a-z ]+): (.*?)(?=^- |\Z)', text, re.MULTILINE | re.DOTALL)
    listed = [name for _, names in groups for name in re.findall(r'``([\w.]+)``', names)]
    assert len(listed) == len(set(listed))
    declared = set(node.get_parameters_by_prefix(''))
    declared -= set(plain.get_parameters_by_prefix(''))
    own_of_camera = {name.replace('wrist.', 'NAME.') for name in declared if 'wrist.' in name}
    others = {name for name in declared if '.' not in name}
    assert set(listed) == others | own_of_camera
