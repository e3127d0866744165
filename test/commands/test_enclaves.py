# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The command ``enclaves``.

``ros2 security`` is played by a script that takes the options of sros2's ``generate_artifacts``:
``-k KEYSTORE`` and ``-p POLICY...``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.bringup import BringupOptions
from kosmos_ros.cli import main
from kosmos_ros.security.policy import policy

ROS2 = """\
#!/bin/sh
[ "$1 $2 $3 $5" = "security generate_artifacts -k -p" ] || exit 2
mkdir -p "$4" && cp "$6" "$4/policy.xml"
"""


@pytest.fixture
def sros2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a ``ros2 security`` installed."""
    script = tmp_path / 'bin' / 'ros2'
    script.parent.mkdir()
    script.write_text(ROS2)
    script.chmod(0o755)
    (tmp_path / 'sros2.py').touch()
    monkeypatch.setenv('PATH', f'{script.parent}:/usr/bin:/bin')
    monkeypatch.syspath_prepend(tmp_path)


def test_the_policy_alone_needs_no_sros2(tmp_path: Path, capsys) -> None:
    file = tmp_path / 'policy.xml'
    assert main(['enclaves', '--policy', str(file), 'camera:=sim', '--caller', 'arm/pick']) == 0
    assert file.read_text() == policy(BringupOptions(camera='sim'), ['arm/pick'])
    assert str(file) in capsys.readouterr().out


def test_sros2_makes_the_enclaves_and_the_next_steps_are_said(
    sros2: None, tmp_path: Path, capsys
) -> None:
    keystore = tmp_path / 'keys'
    assert main(['enclaves', '--keystore', str(keystore), 'namespace:=robot']) == 0
    assert (keystore / 'policy.xml').read_text() == policy(BringupOptions(namespace='robot'))
    said = capsys.readouterr().out
    assert f'export ROS_SECURITY_KEYSTORE={keystore}' in said
    assert '--enclave /kosmos_ros/caller' in said


def test_without_sros2_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    assert main(['enclaves', '--keystore', str(tmp_path / 'keys')]) == 3
    assert 'apt-get install ros-$ROS_DISTRO-sros2' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('words', 'problem'),
    [
        (['image_topic'], "image_topic:=/front/image_raw, got 'image_topic'"),
        (['imagetopic:=/x'], "got 'imagetopic'"),
        (['threads:=many'], 'threads takes a whole number'),
        (['--caller', 'a b'], "--caller takes the name of a node such as /arm/pick, got 'a b'"),
    ],
)
def test_what_is_wrong_is_named(words: list[str], problem: str, tmp_path: Path, capsys) -> None:
    assert main(['enclaves', '--policy', str(tmp_path / 'policy.xml'), *words]) == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / 'policy.xml').exists()
