# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The launch file, run by the real launch system wherever that is installed.

Spans ``launch``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest
import yaml

from kosmos_ros.bringup import middleware_environment
from kosmos_ros.config_files import config_file
from kosmos_ros.launch_arguments import ARGUMENTS

LAUNCH_FILE = Path(__file__).resolve().parents[2] / 'launch' / 'grounding.launch.py'

LAUNCH = """
import json, sys
from launch import LaunchDescription, LaunchService
from launch.actions import GroupAction, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import PushRosNamespace, SetParameter, SetParametersFromFile
around = json.loads(sys.argv[2])
arguments = [text.split(':=', 1) for text in sys.argv[3:]]
source = PythonLaunchDescriptionSource(sys.argv[1])
service = LaunchService(noninteractive=True)
group = GroupAction([
    *(PushRosNamespace(name) for name in around.get('namespaces', ())),
    *(SetParameter(name, value) for name, value in around.get('parameters', {}).items()),
    *(SetParametersFromFile(name) for name in around.get('files', ())),
    IncludeLaunchDescription(source, launch_arguments=arguments),
])
service.include_launch_description(LaunchDescription([group]))
sys.exit(service.run())
"""

STAND_IN = """#!{python}
import json, os, pathlib, signal, sys
files = [after for word, after in zip(sys.argv, sys.argv[1:]) if word == '--params-file']
content = [[name, pathlib.Path(name).read_text()] for name in files]
told = {{'arguments': sys.argv[1:], 'files': content, 'environment': dict(os.environ)}}
path = pathlib.Path({folder!r}, pathlib.Path(sys.argv[0]).name + '.json')
if path.exists() and 'END_LAUNCH' in os.environ:
    path.with_suffix('.again').touch()
    os.kill(os.getppid(), signal.SIGINT)
path.write_text(json.dumps(told))
"""

EXECUTABLES = {'kosmos_ros': ('grounding_node', 'tabletop_camera_node'), 'rviz2': ('rviz2',)}

Launch = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """
    Launch with stand-ins for the executables, which write down what they were told.

    :returns: takes launch arguments, and what is to be ``around`` the inclusion; returns the
        arguments, parameter files and environment of each executable that was started.
    """
    # The folder launch/ of a checkout imports as an empty package of that name.
    pytest.importorskip('launch.actions', reason='the ROS launch system is not installed here')
    pytest.importorskip('launch_ros.actions', reason='launch_ros is not installed here')
    told = tmp_path / 'told'
    told.mkdir()
    for package, executables in EXECUTABLES.items():
        _install(tmp_path, package, executables, told)

    def run(around: dict[str, Any] | None = None, **arguments: str) -> dict[str, dict[str, Any]]:
        environment = {
            **os.environ,
            'AMENT_PREFIX_PATH': str(tmp_path),
            'PYTHONPATH': os.pathsep.join(filter(None, sys.path)),
            'ROS_LOG_DIR': str(tmp_path / 'log'),
        }
        # What ends at once would be started for ever.
        given = [f'{name}:={value}' for name, value in ({'respawn': 'false'} | arguments).items()]
        result = subprocess.run(
            [sys.executable, '-c', LAUNCH, str(LAUNCH_FILE), json.dumps(around or {}), *given],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if result.returncode and 'END_LAUNCH' not in os.environ:
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
    assert set(declared) == {one.name for one in ARGUMENTS}
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


def test_arguments_win_over_the_file_and_empty_ones_do_not(launch: Launch, tmp_path: Path) -> None:
    params = tmp_path / 'mine.yaml'
    params.write_text('/**: {ros__parameters: {model: mine, device: cpu}}')
    told = launch(params_file=str(params), model='123', threads='2', dtype='', seed='')
    grounding = told['grounding_node']
    assert grounding['files'][0][0] == str(params)
    assert _overrides(grounding, '/kosmos/grounding') == {'model': '123', 'threads': 2}


def test_values_arrive_with_their_types_however_they_are_spelled(launch: Launch) -> None:
    told = launch(
        use_sim_time='True', autostart='off', rviz='YES', max_image_age='5', model='no', seed='+3'
    )
    expected = {'use_sim_time': True, 'autostart': False, 'max_image_age': 5.0, 'model': 'no'}
    assert _overrides(told['grounding_node'], '/kosmos/grounding') == expected
    assert 'rviz2' in told


ORDER: list[tuple[str, dict[str, Any]]] = [
    ('tabletop', {}),
    ('set', {'set': True}),
    ('from a file', {'file': True}),
    ('from a file', {'set': True, 'file': True}),
    ('of the user', {'set': True, 'file': True, 'params_file': True}),
    ('given', {'set': True, 'file': True, 'params_file': True, 'argument': True}),
    ('given', {'set': True, 'argument': True}),
]


@pytest.mark.parametrize(('expected', 'sources'), ORDER)
def test_who_wins(launch: Launch, tmp_path: Path, expected: str, sources: dict[str, Any]) -> None:
    files = {name: tmp_path / f'{name}.yaml' for name in ('group', 'mine')}
    for name, model in (('group', 'from a file'), ('mine', 'of the user')):
        parameters = {'ros__parameters': {'model': model, f'only_{name}': 1}}
        files[name].write_text(json.dumps({'/**': parameters}))
    around = {
        'parameters': {'model': 'set', 'min_score': 0.25} if 'set' in sources else {},
        'files': [str(files['group'])] if 'file' in sources else [],
    }
    arguments = {'params_file': str(files['mine'])} if 'params_file' in sources else {}
    if 'argument' in sources:
        arguments['model'] = 'given'
    taken = _taken_by_ros(launch(around, **arguments)['grounding_node'])
    assert taken['model'] == expected
    # Whoever says nothing of a parameter leaves it to the others.
    assert taken.get('min_score', 0.0) == (0.25 if 'set' in sources else 0.0)
    assert ('only_group' in taken) == ('file' in sources)
    assert ('only_mine' in taken) == ('params_file' in sources)


def test_an_integer_of_a_group_does_for_a_double(launch: Launch) -> None:
    pytest.importorskip('kosmos_ros_msgs')
    from kosmos_ros.ros.parameters.declared import NodeParameters  # noqa: PLC0415 (needs ROS)

    told = launch({'parameters': {'max_image_age': 5}})['grounding_node']
    with _node_of(told) as node:
        assert NodeParameters(node, lambda *_: None).settings.max_image_age == 5.0


def test_robots_are_kept_apart_by_the_namespaces_around(launch: Launch) -> None:
    chosen = {'camera': 'sim', 'motion': 'orbit', 'rviz': 'true', 'depth_topic': 'depth'}
    told = launch({'namespaces': ['fleet', 'one']}, **chosen)
    grounding, camera = told['grounding_node'], told['tabletop_camera_node']
    assert '__ns:=/fleet/one/kosmos' in grounding['arguments']
    assert 'image:=/fleet/one/camera/image_raw' in grounding['arguments']
    assert 'fleet.one.kosmos.grounding:=info' in grounding['arguments']
    assert _overrides(grounding, '/fleet/one/kosmos/grounding') == {
        'camera.depth_topic': '/fleet/one/depth',
        'camera.info_topic': '/fleet/one/camera/camera_info',
    }
    assert '__ns:=/fleet/one/camera' in camera['arguments']
    assert _overrides(camera, '/fleet/one/camera/tabletop_camera') == {'motion': 'orbit'}
    redirected = '/kosmos/grounding/markers:=/fleet/one/kosmos/grounding/markers'
    assert redirected in told['rviz2']['arguments']


def test_absolute_names_leave_the_namespaces_around(launch: Launch) -> None:
    around = {'namespaces': ['/one']}
    (grounding,) = launch(around, namespace='/arm', image_topic='/eye/image').values()
    assert '__ns:=/arm' in grounding['arguments']
    assert 'image:=/eye/image' in grounding['arguments']


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


def test_rviz_follows_the_clock_that_was_chosen(launch: Launch) -> None:
    rviz = launch(rviz='true', use_sim_time='true')['rviz2']
    assert _taken_by_ros(rviz)['use_sim_time'] is True


@pytest.mark.parametrize(
    ('package', 'complaint'),
    [
        ('rviz2', r'rviz2 is not installed here: rviz:=true needs .* ros-\$ROS_DISTRO-rviz2'),
        ('kosmos_ros', 'tabletop_camera_node of the package kosmos_ros is not installed.*colcon'),
    ],
)
def test_what_is_not_installed_is_told_before_anything_runs(
    launch: Launch, tmp_path: Path, package: str, complaint: str
) -> None:
    for executable in EXECUTABLES[package]:
        if executable != 'grounding_node':
            (tmp_path / 'lib' / package / executable).unlink()
    with pytest.raises(RuntimeError, match=complaint) as refused:
        launch(rviz='true', camera='sim')
    assert 'process started' not in str(refused.value)
    assert not list((tmp_path / 'told').iterdir())


@pytest.mark.parametrize('argument', ['camera', 'use_sim_time', 'seed', 'namespace'])
def test_what_cannot_be_is_refused_before_anything_runs(launch: Launch, argument: str) -> None:
    with pytest.raises(RuntimeError, match=f"{argument} takes .*, got 'no such thing'") as refused:
        launch(**{argument: 'no such thing'})
    assert 'process started' not in str(refused.value)


def test_a_missing_parameter_file_is_named(launch: Launch) -> None:
    with pytest.raises(RuntimeError, match=r"params_file takes .* exists, got '/nowhere\.yaml'"):
        launch(params_file='/nowhere.yaml')


def test_a_node_that_ends_is_started_again(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('END_LAUNCH', 'when it is started again')
    launch(respawn='true')
    assert (tmp_path / 'told' / 'grounding_node.again').exists()


@contextmanager
def _node_of(told: dict[str, Any], **options: bool) -> Iterator[Any]:
    """Make a node of what an executable was told."""
    rclpy = pytest.importorskip('rclpy')
    context = rclpy.Context()
    rclpy.init(args=told['arguments'], context=context)
    node = rclpy.create_node('unnamed', context=context, **options)
    yield node
    node.destroy_node()
    context.try_shutdown()


def _taken_by_ros(told: dict[str, Any]) -> dict[str, Any]:
    """Return what ROS makes of the parameters that an executable was told."""
    with _node_of(told, automatically_declare_parameters_from_overrides=True) as node:
        return {name: one.value for name, one in node.get_parameters_by_prefix('').items()}


def _overrides(told: dict[str, Any], node: str) -> Any:
    """Return the parameters in the files after the first that belong to the node alone."""
    sections = [yaml.safe_load(text) for _, text in told['files']]
    given: dict[str, Any] = {}
    for section in sections:
        given |= section.get(node, {}).get('ros__parameters', {})
    return given
