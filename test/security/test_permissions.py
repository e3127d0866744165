# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Nobody may do more than what the live nodes do, and nothing that they do is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import rclpy
from rclpy.action import (
    get_action_client_names_and_types_by_node,
    get_action_server_names_and_types_by_node,
)
from rclpy.node import Node

from kosmos_ros.backends.scripted import ScriptedBackend
from kosmos_ros.bringup import BringupOptions, processes
from kosmos_ros.nodes.grounding_node import GroundingNode
from kosmos_ros.nodes.tabletop_camera_node import TabletopCameraNode
from kosmos_ros.security.permissions import GroundingPermissions, Permissions, tabletop_camera
from kosmos_ros.security.policy import given_parameters

PARAMETERS = """\
/**:
  ros__parameters:
    autostart: false
    cameras: [camera, wrist, gripper]
    wrist: {depth_topic: /wrist/depth}
    gripper.transport: compressed
    target_frame: base
"""
OPTIONAL = {'bondpy': 'bond', 'tf2_ros': 'tf', 'foxglove_msgs': 'annotations'}
"""Names that only an installed package brings."""


def grounding_process(folder: Path) -> object:
    file = folder / 'mine.yaml'
    file.write_text(PARAMETERS)
    options = BringupOptions(
        namespace='/robot/eyes', image_topic='/front/image_raw', params_file=file
    )
    (process,) = processes(options, {})
    return process


def start(process: object, domain: int) -> None:
    words = process.command()
    rclpy.init(args=words[words.index('--ros-args') :], domain_id=domain)


@pytest.fixture
def grounding(tmp_path: Path, ros_domain: int) -> Iterator[GroundingNode]:
    """Return the active node with three cameras, as the launch file starts it."""
    start(grounding_process(tmp_path), ros_domain)
    node = GroundingNode(lambda settings: ScriptedBackend())
    node.trigger_configure()
    node.trigger_activate()
    yield node
    node.destroy_node()
    rclpy.try_shutdown()


def live(node: Node) -> Permissions:
    """Return what a node does, by the graph."""
    me = (node.get_name(), node.get_namespace())

    def names(found: list[tuple[str, list[str]]]) -> tuple[str, ...]:
        return tuple(sorted(name for name, _ in found if '/_action/' not in name))

    return Permissions(
        publish=names(node.get_publisher_names_and_types_by_node(*me)),
        subscribe=names(node.get_subscriber_names_and_types_by_node(*me)),
        reply=names(node.get_service_names_and_types_by_node(*me)),
        request=names(node.get_client_names_and_types_by_node(*me)),
        execute=names(get_action_server_names_and_types_by_node(node, *me)),
        call=names(get_action_client_names_and_types_by_node(node, *me)),
    )


def without_optional(allowed: Permissions) -> Permissions:
    missing = [part for package, part in OPTIONAL.items() if find_spec(package) is None]
    return Permissions(
        **{
            kind: tuple(
                name
                for name in names
                if not any(part in name.rpartition('/robot/eyes')[2] for part in missing)
            )
            for kind, names in vars(allowed + Permissions()).items()
        }
    )


def test_the_node_is_allowed_what_it_does_and_no_more(
    grounding: GroundingNode, tmp_path: Path
) -> None:
    process = grounding_process(tmp_path)
    allowed = GroundingPermissions(process, given_parameters(process)).node()
    there = live(grounding)
    assert {'/front/image_raw', '/robot/eyes/gripper/image_raw/compressed'} <= {*there.subscribe}
    assert there.execute == ('/robot/eyes/grounding/ground_action',)
    assert without_optional(allowed) == there


def test_the_simulated_camera_is_allowed_what_it_does_and_no_more(ros_domain: int) -> None:
    process, _ = processes(BringupOptions(camera='sim'), {})
    start(process, ros_domain)
    node = TabletopCameraNode()
    try:
        there, allowed = live(node), tabletop_camera(process)
        # Which of the two it publishes depends on whether it moves.
        moving = {'/tf', '/tf_static'}
        assert {*allowed.publish} - {*there.publish} < moving
        assert allowed + Permissions(publish=there.publish) == allowed
        assert (there.subscribe, there.reply) == (allowed.subscribe, allowed.reply)
    finally:
        node.destroy_node()
        rclpy.try_shutdown()


def test_callers_viewers_and_operators_may_only_use_what_is_there(
    grounding: GroundingNode, tmp_path: Path
) -> None:
    process = grounding_process(tmp_path)
    around = GroundingPermissions(process, given_parameters(process))
    node = around.node()
    for user in (around.caller(), around.viewer(), around.operator()):
        assert {*user.subscribe} <= {
            *node.publish,
            *node.subscribe,
            '/tf',
            '/tf_static',
            '/rosout',
        }
        assert {*user.request} <= {*node.reply}
        assert {*user.call} <= {*node.execute}
        assert (user.publish, user.reply, user.execute) == ((), (), ())
    changing = ('/set_parameters', '/change_state', '/set_standing_query')
    for name in changing:
        assert f'{process.full_name}{name}' in around.operator().request
        assert f'{process.full_name}{name}' not in around.caller().request
    assert around.caller().call
    assert not around.viewer().request
