# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Parameters of type double that are set as ``5`` instead of ``5.0``.

ROS has two types of numbers and converts neither, so a missing ``.0`` in a parameter file, a
launch file or ``ros2 param set`` would end a node or be refused.
"""

from __future__ import annotations

from typing import Any

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node
from rclpy.parameter import Parameter


def declare(node: Node, name: str, default: Any, descriptor: ParameterDescriptor) -> Parameter:
    """
    Declare a parameter with its type; if that is a double, an integer given at start will do.

    :raises ParameterException: if it was given a value of another type or out of its range.
    """
    if isinstance(default, float):
        given = node.declare_parameter(name, default, ParameterDescriptor(dynamic_typing=True))
        node.undeclare_parameter(name)
        if given.type_ == Parameter.Type.INTEGER:
            value = float(given.value)
            return node.declare_parameter(name, value, descriptor, ignore_override=True)
    return node.declare_parameter(name, default, descriptor)


def accept_integers(node: Node) -> None:
    """Accept integers at run time where a double is declared; Humble cannot."""

    def as_declared(parameters: list[Parameter]) -> list[Parameter]:
        return [_as_declared(node, one) for one in parameters]

    if hasattr(node, 'add_pre_set_parameters_callback'):
        node.add_pre_set_parameters_callback(as_declared)


def _as_declared(node: Node, given: Parameter) -> Parameter:
    if given.type_ != Parameter.Type.INTEGER or not node.has_parameter(given.name):
        return given
    if node.describe_parameter(given.name).type != Parameter.Type.DOUBLE.value:
        return given
    return Parameter(given.name, value=float(given.value))
