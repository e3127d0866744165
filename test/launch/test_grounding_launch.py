# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The launch file, run by the real launch system wherever that is installed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import fields
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest
import yaml

from kosmos_ros.bringup import middleware_environment, MOTIONS
from kosmos_ros.config_files import config_file

LAUNCH_FILE = Path(__file__).resolve().parents[2] / 'launch' / 'grounding.launch.py'
ARGUMENTS = {
    *('model', 'device', 'dtype', 'quantization', 'threads'),
    *('image_transport', 'use_sim_time', 'autostart'),
    *('depth_topic', 'info_topic', 'target_frame'),
    *('params_file', 'image_topic', 'camera', 'seed', 'namespace', 'log_level', 'rviz'),
    *('fixed_frame', 'motion'),
}

LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
arguments = [text.split(':=') for text in sys.argv[2:]]
source = PythonLaunchDescriptionSource(sys.argv[1])
service = LaunchService(noninteractive=True)
service.include_launch_description(
    LaunchDescription([IncludeLaunchDescription(source, launch_arguments=arguments)])
)
sys.exit(service.run())
"""

STAND_IN = """#!{python}
import json, os, pathlib, sys
files = [after for word, after in zip(sys.argv, sys.argv[1:]) if word == '--params-file']
content = [[name, pathlib.Path(name).read_text()] for name in files]
told = {{'arguments': sys.argv[1:], 'files': content, 'environment': dict(os.environ)}}
pathlib.Path({folder!r}, pathlib.Path(sys.argv[0]).name + '.json').write_text(json.dumps(told))
"""

Launch = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """
    Launch with stand-ins for the executables, which write down what they were told.

    :returns: takes launch arguments, returns the arguments, parameter files and environment of
        each executable that was started.
    """
    # The folder launch/ of a checkout imports as an empty package of that name.
    pytest.importorskip('launch.actions', reason='the ROS launch system is not installed here')
    pytest.importorskip('launch_ros.actions', reason='launch_ros is not installed here')
    told = tmp_path / 'told'
    told.mkdir()
    for package, executables in {
        'kosmos_ros': ('grounding_node', 'tabletop_camera_node'),
        'rviz2': ('rviz2',),
    }.items():
        _install(tmp_path, package, executables, told)

    def run(**arguments: str) -> dict[str, dict[str, Any]]:
        environment = {
            **os.environ,
            'AMENT_PREFIX_PATH': str(tmp_path),
            'PYTHONPATH': os.pathsep.join(filter(None, sys.path)),
            'ROS_LOG_DIR': str(tmp_path / 'log'),
        }
        given = [f'{name}:={value}' for name, value in arguments.items()]
        result = subprocess.run(
            [sys.executable, '-c', LAUNCH, str(LAUNCH_FILE), *given],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if result.returncode:
            raise RuntimeError(result.stdout + result.stderr)
        return {path.stem: json.loads(path.read_text()) for path in told.glob('*.json')}

    return run


def _install(prefix: Path, package: str, executables: tuple[str, ...], told: Path) -> None:
    marker = prefix / 'share' / 'ament_index' / 'resource_index' / 'packages' / package
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    for executable in executables:
        script = prefix / 'lib' / package / executable
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(STAND_IN.format(python=sys.executable, folder=str(told)))
        script.chmod(0o755)


def test_every_argument_has_a_description() -> None:
    sources = pytest.importorskip(
        'launch.launch_description_sources', reason='the ROS launch system is not installed here'
    )
    pytest.importorskip('launch_ros.actions', reason='launch_ros is not installed here')
    description = sources.get_launch_description_from_python_launch_file(str(LAUNCH_FILE))
    declared = {one.name: one.description for one in description.get_launch_arguments()}
    assert set(declared) == ARGUMENTS
    assert all(len(description) > 15 for description in declared.values())


def test_as_it_comes_it_starts_the_grounding_node_alone(launch: Launch) -> None:
    (grounding,) = launch().values()
    assert '__node:=grounding' in grounding['arguments']
    assert '__ns:=/kosmos' in grounding['arguments']
    assert 'image:=/camera/image_raw' in grounding['arguments']
    assert 'kosmos.grounding:=info' in grounding['arguments']
    assert [name for name, _ in grounding['files']] == [str(config_file('grounding.yaml'))]


def test_the_simulated_camera_is_started_with_its_scene_and_motion(launch: Launch) -> None:
    told = launch(camera='sim', seed='12', motion='sway', namespace='robot/kosmos')
    assert set(told) == {'grounding_node', 'tabletop_camera_node'}
    assert '__ns:=/robot/kosmos' in told['grounding_node']['arguments']
    expected = {'seed': 12, 'motion': 'sway'}
    assert _overrides(told['tabletop_camera_node'], '/camera/tabletop_camera') == expected


def test_the_camera_moves_in_the_ways_that_it_can() -> None:
    motion = pytest.importorskip('kosmos_ros.sim.motion')
    assert motion.KINDS == MOTIONS


def test_arguments_win_over_the_file_and_empty_ones_do_not(launch: Launch, tmp_path: Path) -> None:
    params = tmp_path / 'mine.yaml'
    params.write_text('/**: {ros__parameters: {model: mine, device: cpu}}')
    told = launch(params_file=str(params), model='123', threads='2', use_sim_time='true')
    grounding = told['grounding_node']
    assert grounding['files'][0][0] == str(params)
    given = {'model': '123', 'threads': 2, 'use_sim_time': True}
    assert _overrides(grounding, '/kosmos/grounding') == given


def test_depth_frame_and_life_cycle_can_be_chosen(launch: Launch) -> None:
    chosen = {'depth_topic': '/eye/depth', 'target_frame': 'base', 'autostart': 'false'}
    grounding = launch(image_topic='/eye/image', **chosen)['grounding_node']
    assert _overrides(grounding, '/kosmos/grounding') == {
        'camera.depth_topic': '/eye/depth',
        'target_frame': 'base',
        'autostart': False,
    }
    assert 'camera_info:=/eye/camera_info' in grounding['arguments']


def test_the_middleware_profile_is_given_to_the_nodes(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('FASTRTPS_DEFAULT_PROFILES_FILE', raising=False)
    monkeypatch.delenv('FASTDDS_DEFAULT_PROFILES_FILE', raising=False)
    environment = launch()['grounding_node']['environment']
    # Nothing is to be given where there is little shared memory.
    assert environment.items() >= middleware_environment({}).items()


def test_rviz_looks_at_the_chosen_topics(launch: Launch) -> None:
    told = launch(rviz='true', namespace='/arm', image_topic='/eye/image', fixed_frame='base')
    arguments = told['rviz2']['arguments']
    assert arguments[:4] == ['-d', str(config_file('grounding.rviz')), '-f', 'base']
    assert '/kosmos/grounding/debug_image:=/arm/grounding/debug_image' in arguments
    assert '/camera/image_raw:=/eye/image' in arguments


def test_rviz_makes_its_cloud_of_the_chosen_depth(launch: Launch) -> None:
    topics = {'image_topic': '/eye/image', 'depth_topic': '/eye/depth'}
    arguments = launch(rviz='true', **topics)['rviz2']['arguments']
    assert '/camera/depth/image_raw:=/eye/depth' in arguments
    assert '/camera/depth/camera_info:=/eye/camera_info' in arguments
    arguments = launch(rviz='true', **topics, info_topic='/eye/info')['rviz2']['arguments']
    assert '/camera/depth/camera_info:=/eye/info' in arguments


@pytest.mark.parametrize('argument', ['camera', 'motion', 'log_level', 'rviz'])
def test_an_unknown_choice_is_refused(launch: Launch, argument: str) -> None:
    with pytest.raises(RuntimeError, match=f'{argument}.*nonsense'):
        launch(**{argument: 'nonsense'})


def test_a_missing_parameter_file_is_named(launch: Launch) -> None:
    with pytest.raises(RuntimeError, match=r'there is no parameter file /nowhere\.yaml'):
        launch(params_file='/nowhere.yaml')


def test_the_file_agrees_with_the_node_without_the_launch_system() -> None:
    pytest.importorskip('rclpy', reason='no ROS here')
    from kosmos_ros.ros.camera_parameters import CameraParameters  # noqa: PLC0415 (needs ROS)
    from kosmos_ros.ros.parameters import NodeSettings  # noqa: PLC0415 (needs ROS)

    tree = ast.parse(LAUNCH_FILE.read_text())
    assigned = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    passed_on = ast.literal_eval(assigned['PARAMETER_ARGUMENTS'])
    of_the_camera = ast.literal_eval(assigned['OF_THE_CAMERA'])
    parameters = {spec.name for spec in fields(NodeSettings)}
    assert set(passed_on) - set(of_the_camera) <= parameters | {'use_sim_time'}
    camera_parameters = {f'camera.{spec.name}' for spec in fields(CameraParameters)}
    assert set(of_the_camera.values()) <= camera_parameters
    declared = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, 'id', '') == 'DeclareLaunchArgument'
        and isinstance(call.args[0], ast.Constant)
    }
    assert declared | set(passed_on) == ARGUMENTS


def _overrides(told: dict[str, Any], node: str) -> Any:
    """Return the parameters in the files after the first that belong to the node alone."""
    sections = [yaml.safe_load(text) for _, text in told['files']]
    given: dict[str, Any] = {}
    for section in sections:
        given |= section.get(node, {}).get('ros__parameters', {})
    return given
