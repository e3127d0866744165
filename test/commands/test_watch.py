# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the command line of ``kosmos-ros watch`` takes and refuses; test/watch has the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kosmos_ros.cli import make_parser


def test_defaults_are_loopback_and_the_launch_file_s_namespace() -> None:
    arguments = make_parser().parse_args(['watch'])
    assert (arguments.host, arguments.port, arguments.namespace) == ('127.0.0.1', 8765, '/kosmos')
    assert arguments.image_topic == []
    assert not arguments.open


def test_image_topics_belong_to_cameras() -> None:
    words = ['watch', '--image-topic', '/image', '--image-topic', 'wrist=/wrist/image_raw']
    assert make_parser().parse_args(words).image_topic == [
        ('camera', '/image'),
        ('wrist', '/wrist/image_raw'),
    ]


@pytest.mark.parametrize(
    ('words', 'complaint'),
    [
        (['--port', '70000'], '0 to 65535 expected, got 70000'),
        (['--port', 'http'], "a whole number expected, got 'http'"),
        (['--namespace', 'kosmos robot'], "a ROS namespace such as /kosmos expected, got 'kosmos"),
        (
            ['--image-topic', 'front=image'],
            "a topic such as /front/image_raw expected, got 'image'",
        ),
    ],
)
def test_wrong_usage_is_told(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        make_parser().parse_args(['watch', *words])
    assert caught.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize('module', ['rclpy', 'aiohttp', 'kosmos_ros_msgs'])
def test_what_is_not_installed_is_named(module: str) -> None:
    code = (
        f'import sys; sys.modules[{module!r}] = None; '
        "from kosmos_ros.cli import main; sys.exit(main(['watch', '--port', '0']))"
    )
    ended = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 3
    assert f"watch needs the Python module '{module}" in ended.stderr
    assert 'Traceback' not in ended.stderr
