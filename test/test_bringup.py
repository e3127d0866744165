# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What runs, under which names and with which parameters."""

from __future__ import annotations

from dataclasses import replace
import importlib.util
import json
from pathlib import Path
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml

from kosmos_ros import __main__, bringup
from kosmos_ros.bringup import (
    absolute_name,
    BringupOptions,
    FASTDDS_PROFILE_VARIABLES,
    MEMORY_VARIABLE,
    middleware_environment,
    NodeProcess,
    processes,
)

ROOT = Path(__file__).resolve().parents[1]
NODE = NodeProcess('grounding_node', 'grounding', '/kosmos')


def test_without_a_camera_only_the_grounding_node_runs() -> None:
    (grounding,) = processes(BringupOptions(), {})
    assert grounding.full_name == '/kosmos/grounding'
    assert ('image', '/camera/image_raw') in grounding.remappings
    assert grounding.defaults_file == ROOT / 'config' / 'grounding.yaml'
    assert grounding.params_file is None


def test_a_file_of_the_users_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    mine = tmp_path / 'mine.yaml'
    mine.touch()
    (grounding,) = processes(BringupOptions(params_file=mine), {})
    assert (grounding.defaults_file, grounding.params_file) == (None, mine)


def test_the_simulated_camera_comes_first() -> None:
    options = BringupOptions(camera='sim', camera_parameters={'seed': 7})
    camera, grounding = processes(options, {})
    assert (camera.full_name, grounding.full_name) == (
        '/camera/tabletop_camera',
        '/kosmos/grounding',
    )
    assert camera.parameters == {'seed': 7}
    assert grounding.parameters == {
        'camera.depth_topic': '/camera/depth/image_raw',
        'camera.info_topic': '/camera/camera_info',
    }


def test_the_image_topic_holds_for_both_transports_and_the_camera_model() -> None:
    (grounding,) = processes(BringupOptions(image_topic='/front/image'), {})
    assert dict(grounding.remappings) == {
        'image': '/front/image',
        'image/compressed': '/front/image/compressed',
        'camera_info': '/front/camera_info',
    }


@pytest.mark.parametrize('given', ['kosmos', '/kosmos', '/kosmos/', 'kosmos/'])
def test_namespaces_become_absolute(given: str) -> None:
    assert absolute_name(given) == '/kosmos'


def test_relative_names_count_from_the_surroundings() -> None:
    around = BringupOptions(camera='sim', surroundings='/robot', depth_topic='eye/depth')
    camera, grounding = processes(around, {})
    assert camera.full_name == '/robot/camera/tabletop_camera'
    assert grounding.full_name == '/robot/kosmos/grounding'
    assert dict(grounding.remappings) == {
        'image': '/robot/camera/image_raw',
        'image/compressed': '/robot/camera/image_raw/compressed',
        'camera_info': '/robot/camera/camera_info',
    }
    assert grounding.parameters == {
        'camera.depth_topic': '/robot/eye/depth',
        'camera.info_topic': '/robot/camera/camera_info',
    }


def test_absolute_names_stay() -> None:
    options = BringupOptions(
        surroundings='/robot', namespace='/kosmos', image_topic='/eye/image', info_topic='/info'
    )
    (grounding,) = processes(options, {})
    assert grounding.full_name == '/kosmos/grounding'
    assert dict(grounding.remappings)['image'] == '/eye/image'
    assert grounding.parameters == {'camera.info_topic': '/info'}


@pytest.mark.parametrize('bad', ['kosmos', '', '/', '/a//b', '/1a', '/a b', '/a/'])
def test_a_bad_namespace_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match='namespace'):
        replace(NODE, namespace=bad)


def test_a_bad_choice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"camera is one of .*'webcam'"):
        BringupOptions(camera='webcam')
    with pytest.raises(ValueError, match='there is no parameter file'):
        BringupOptions(params_file=tmp_path / 'missing.yaml')
    with pytest.raises(ValueError, match=r"log_level is one of .*'loud'"):
        replace(NODE, log_level='loud')


def test_the_command_line_names_node_files_and_level(tmp_path: Path) -> None:
    defaults, params, overrides = (tmp_path / f'{name}.yaml' for name in 'abc')
    node = replace(
        NODE,
        remappings=(('image', '/a/b'),),
        defaults_file=defaults,
        params_file=params,
        log_level='debug',
    )
    assert node.command(overrides, python='py') == [
        *('py', '-m', 'kosmos_ros.nodes.grounding_node', '--ros-args'),
        *('-r', '__node:=grounding', '-r', '__ns:=/kosmos', '-r', 'image:=/a/b'),
        *(word for file in (defaults, params, overrides) for word in ('--params-file', str(file))),
        *('--log-level', 'kosmos.grounding:=debug'),
    ]


def test_parameters_are_yaml_under_the_full_name() -> None:
    parameters = {'model': '8bit: "x"', 'rate': 1.5, 'on': True, 'names': ['a']}
    text = replace(NODE, parameters=parameters).parameters_yaml()
    assert yaml.safe_load(text) == {'/kosmos/grounding': {'ros__parameters': parameters}}


@pytest.fixture(autouse=True)
def plenty_of_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the tests independent of the machine, which may be a small container."""
    monkeypatch.setattr(bringup, 'disk_usage', lambda path: SimpleNamespace(free=10**10))


def test_a_profile_of_the_user_is_kept() -> None:
    ours = str(ROOT / 'config' / 'fastdds.xml')
    given = dict.fromkeys(FASTDDS_PROFILE_VARIABLES, ours)
    assert middleware_environment({}) == {**given, 'RMW_FASTRTPS_USE_QOS_FROM_XML': '1'}
    for variable in FASTDDS_PROFILE_VARIABLES:
        assert middleware_environment({variable: '/my.xml'}) == {}


def test_without_shared_memory_there_is_no_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bringup, 'SHARED_MEMORY', tmp_path / 'missing')
    assert middleware_environment({}) == {}
    monkeypatch.setattr(bringup, 'SHARED_MEMORY', tmp_path)
    for free, profile in ((64_000_000, False), (2_000_000_000, True)):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr(bringup, 'disk_usage', lambda path, usage=usage: usage)
        assert bool(middleware_environment({})) is profile


def test_every_process_gets_the_profile() -> None:
    for process in processes(BringupOptions(camera='sim'), {}):
        assert process.environment.items() >= middleware_environment({}).items()


def test_executables_and_modules_exist() -> None:
    entry = r"'(\w+) = kosmos_ros\.__main__:(\w+)'"
    scripts = dict(re.findall(entry, (ROOT / 'setup.py').read_text()))
    for process in processes(BringupOptions(camera='sim'), {}):
        assert callable(getattr(__main__, scripts[process.executable]))
        assert importlib.util.find_spec(process.module)


def test_describing_processes_imports_no_ros() -> None:
    script = (
        'import json, os, sys\n'
        'from kosmos_ros.bringup import *\n'
        'processes(BringupOptions(camera="sim"), os.environ)\n'
        'print(json.dumps([name for name in sys.modules if "rclpy" in name or "torch" in name]))'
    )
    result = subprocess.run(
        [sys.executable, '-c', script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout) == []


def test_the_model_gets_large_pages_unless_the_user_tuned_the_library() -> None:
    (grounding,) = processes(BringupOptions(), {})
    assert grounding.environment[MEMORY_VARIABLE] == 'glibc.malloc.hugetlb=1'
    (grounding,) = processes(BringupOptions(), {MEMORY_VARIABLE: 'glibc.malloc.check=1'})
    assert MEMORY_VARIABLE not in grounding.environment


def test_a_node_runs_in_the_enclave_that_the_keystore_has_for_it(tmp_path: Path) -> None:
    (tmp_path / 'enclaves' / 'kosmos_ros' / 'grounding').mkdir(parents=True)
    options = BringupOptions(camera='sim')
    camera, grounding = processes(options, {'ROS_SECURITY_KEYSTORE': str(tmp_path)})
    assert grounding.ros_arguments[:2] == ('--enclave', '/kosmos_ros/grounding')
    assert '/kosmos_ros/grounding' in grounding.command()
    assert '--enclave' not in camera.ros_arguments
    assert all('--enclave' not in one.ros_arguments for one in processes(options, {}))
