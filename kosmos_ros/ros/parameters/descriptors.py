# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Declarations and values of parameters, as rclpy takes and gives them."""

from __future__ import annotations

from array import array
from dataclasses import Field
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor

from kosmos_ros.parameters.spec import ANY, AT_START, choices_of, UNCONFIGURED

_WHEN = {
    ANY: 'At any time.',
    UNCONFIGURED: 'Can be set while the node is unconfigured.',
    AT_START: 'Can be set at start only.',
}


def descriptor_of(spec: Field[Any]) -> ParameterDescriptor:
    """Describe a parameter as ``ros2 param describe`` shows it."""
    when = spec.metadata['when']
    description = spec.metadata['description']
    descriptor = ParameterDescriptor(
        description=description if when == ANY else f'{description} {_WHEN[when]}',
        read_only=when == AT_START,
        dynamic_typing='true' in spec.metadata['choices'],
    )
    if spec.metadata['choices']:
        descriptor.additional_constraints = f'one of {choices_of(spec)}'
    if spec.metadata['within']:
        low, high = spec.metadata['within']
        if isinstance(spec.default, int):
            descriptor.integer_range = [IntegerRange(from_value=low, to_value=high)]
        else:
            descriptor.floating_point_range = [FloatingPointRange(from_value=low, to_value=high)]
    return descriptor


def value_to_ros(value: Any) -> Any:
    """Return a field's value as rclpy takes it."""
    return list(value) if isinstance(value, tuple) else value


def value_from_ros(value: Any) -> Any:
    """Return what rclpy gives as a field's value."""
    return tuple(value) if isinstance(value, (array, list)) else value
