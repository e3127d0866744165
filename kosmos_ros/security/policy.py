# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The policy file that SROS2 makes enclaves of, for the processes that the launch file starts.

Format: https://design.ros2.org/articles/ros2_access_control_policies.html, version 0.2.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from kosmos_ros.bringup import absolute_name, BringupOptions, ENCLAVES, NodeProcess, processes
from kosmos_ros.security.permissions import (
    any_node,
    GroundingPermissions,
    Permissions,
    tabletop_camera,
)

_SECTIONS = {
    'publish': 'topic',
    'subscribe': 'topic',
    'reply': 'service',
    'request': 'service',
    'execute': 'action',
    'call': 'action',
}


def enclaves(options: BringupOptions, callers: Sequence[str] = ()) -> dict[str, Permissions]:
    """
    Return what each enclave allows, by path.

    :param callers: names of further nodes that ask, with their namespaces.
    :raises ValueError: if the parameter file cannot be read, or a value in it is out of range.
    """
    *simulated, grounding = processes(options, {})
    around = GroundingPermissions(grounding, given_parameters(grounding))
    ours = {
        grounding.name: around.node(),
        **{one.name: tabletop_camera(one) for one in simulated},
        'operator': any_node('/operator') + around.operator(),
        'rviz2': any_node('/rviz2') + around.viewer(),
        'kosmos_watch': any_node('/kosmos_watch') + around.viewer() + around.caller(),
        **{
            name.strip('/'): any_node(absolute_name(name)) + around.caller()
            for name in ('caller', *callers)
        },
    }
    return {f'{ENCLAVES}/{name}': allowed for name, allowed in ours.items()}


def policy(options: BringupOptions, callers: Sequence[str] = ()) -> str:
    """
    Return the policy as XML.

    :raises ValueError: as ``enclaves``.
    """
    root = ElementTree.Element('policy', version='0.2.0')
    parent = ElementTree.SubElement(root, 'enclaves')
    for path, allowed in enclaves(options, callers).items():
        enclave = ElementTree.SubElement(parent, 'enclave', path=path)
        profiles = ElementTree.SubElement(enclave, 'profiles')
        # All names are absolute, so that those of the node matter to nobody.
        profile = ElementTree.SubElement(profiles, 'profile', ns='/', node=path.split('/')[-1])
        for one in fields(allowed):
            if names := getattr(allowed, one.name):
                kind = _SECTIONS[one.name]
                section = ElementTree.SubElement(profile, f'{kind}s', {one.name: 'ALLOW'})
                for name in names:
                    ElementTree.SubElement(section, kind).text = name
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding='unicode', xml_declaration=True) + '\n'


def given_parameters(process: NodeProcess) -> dict[str, Any]:
    """
    Return the parameters that a process is started with, by name, stronger ones over weaker ones.

    :raises ValueError: if a parameter file cannot be read.
    """
    values: dict[str, Any] = {}
    for file in (process.defaults_file, process.params_file):
        if file is not None:
            values |= _parameters_in(file, process.full_name)
    return values | dict(process.parameters)


def _parameters_in(file: Path, node: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding='utf-8'))
        sections = list(_nodes_in(content)) if isinstance(content, dict) else []
    except (OSError, UnicodeError, RecursionError, yaml.YAMLError) as error:
        raise ValueError(f'{file} cannot be read: {error}') from error
    if not sections:
        raise ValueError(f'{file} has no parameters of nodes')
    found = [(pattern, values) for pattern, values in sections if _matches(node, pattern)]
    # As in ROS, the name of the node wins over a pattern.
    found.sort(key=lambda one: '*' not in one[0])
    return {name: value for _, values in found for name, value in _flat(values)}


def _nodes_in(content: Mapping[str, Any], above: str = '') -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in content.items():
        if name == 'ros__parameters' and isinstance(value, dict):
            yield above, value
        elif isinstance(value, dict):
            yield from _nodes_in(value, f'{above}/{str(name).strip("/")}')


def _matches(node: str, pattern: str) -> bool:
    if '**' in pattern:
        return fnmatchcase(node, pattern.replace('**', '*'))
    parts, wanted = node.split('/'), pattern.split('/')
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _flat(values: Mapping[str, Any], above: str = '') -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f'{above}{name}.')
        else:
            yield f'{above}{name}', value
