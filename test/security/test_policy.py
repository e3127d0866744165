# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The policy as a file, and the parameters that it follows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from kosmos_ros.bringup import BringupOptions, NodeProcess, processes
from kosmos_ros.security.policy import enclaves, given_parameters, policy


def test_the_file_says_what_the_enclaves_allow() -> None:
    options = BringupOptions(camera='sim')
    root = ElementTree.fromstring(policy(options, ['/arm/pick']).encode())  # noqa: S314 (our own)
    assert (root.tag, root.get('version')) == ('policy', '0.2.0')
    allowed = enclaves(options, ['/arm/pick'])
    found = root.findall('enclaves/enclave')
    assert [one.get('path') for one in found] == list(allowed)
    assert {'/kosmos_ros/grounding', '/kosmos_ros/tabletop_camera', '/kosmos_ros/arm/pick'} < {
        *allowed
    }
    for enclave in found:
        permissions = allowed[enclave.get('path')]
        for word, tag in (('publish', 'topic'), ('reply', 'service'), ('call', 'action')):
            names = enclave.findall(f"profiles/profile/{tag}s[@{word}='ALLOW']/{tag}")
            assert [one.text for one in names] == list(getattr(permissions, word))


def test_a_node_of_the_users_serves_its_own_parameters_and_nobody_elses() -> None:
    served = enclaves(BringupOptions(), ['/arm/pick'])['/kosmos_ros/arm/pick'].reply
    assert served
    assert all(name.startswith('/arm/pick/') for name in served)


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('/**:\n  ros__parameters: {threads: 2}', {'threads': 2}),
        ('/kosmos/grounding:\n  ros__parameters: {threads: 2}', {'threads': 2}),
        ('kosmos:\n  grounding:\n    ros__parameters: {threads: 2}', {'threads': 2}),
        ('/*/grounding:\n  ros__parameters: {threads: 2}', {'threads': 2}),
        ('/*:\n  ros__parameters: {threads: 2}', {}),
        ('/other/grounding:\n  ros__parameters: {threads: 2}', {}),
        ('/**:\n  ros__parameters: {front: {rotation: 90}}', {'front.rotation': 90}),
        (
            'kosmos/grounding:\n  ros__parameters: {threads: 2}\n'
            '/**:\n  ros__parameters: {threads: 3, bond: false}',
            {'threads': 2, 'bond': False},
        ),
    ],
)
def test_parameters_are_found_as_ros_finds_them(
    tmp_path: Path, text: str, expected: dict[str, object]
) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(text)
    node = NodeProcess('grounding_node', 'grounding', '/kosmos', params_file=file)
    assert given_parameters(node) == expected


def test_what_the_launch_file_is_given_wins(tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters: {threads: 2, target_frame: map}')
    options = BringupOptions(params_file=file, parameters={'threads': 4})
    (process,) = processes(options, {})
    assert given_parameters(process) == {'threads': 4, 'target_frame': 'map'}


@pytest.mark.parametrize('text', ['[1, 2]', '/**: {', '\x00', '', 'a: 1'])
def test_a_file_without_parameters_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(text)
    with pytest.raises(ValueError, match=str(file)):
        policy(BringupOptions(params_file=file))


def test_a_value_out_of_range_is_named(tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters: {cameras: ["a b"]}')
    with pytest.raises(ValueError, match='cameras'):
        policy(BringupOptions(params_file=file))
