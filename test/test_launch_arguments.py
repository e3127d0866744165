# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Arguments of the launch file are read by their kind, however they are spelled."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from kosmos_ros.launch_arguments import ARGUMENTS, bringup_options, read_arguments
from kosmos_ros.parameters.choices import MOTIONS
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.parameters.tabletop_settings import TabletopParameters

TRUE = [word for one in ('y', 'yes', 'true', 'on') for word in (one, one.upper(), one.title())]
FALSE = [word for one in ('n', 'no', 'false', 'off') for word in (one, one.upper(), one.title())]
BOOLEANS = ('use_sim_time', 'autostart', 'rviz')
TEXTS = ('model', 'target_frame', 'fixed_frame')
NAMES = {one.name for one in ARGUMENTS}


def read(name: str, text: str) -> Any:
    return read_arguments({name: text}).get(name)


@pytest.mark.parametrize('name', BOOLEANS)
def test_booleans_are_read_as_yaml_has_them(name: str) -> None:
    assert [read(name, word) for word in TRUE] == [True] * len(TRUE)
    assert [read(name, word) for word in FALSE] == [False] * len(FALSE)


@pytest.mark.parametrize('word', [*TRUE, *FALSE])
def test_the_words_for_booleans_are_those_of_yaml_and_its_one_letters(word: str) -> None:
    expected = word in TRUE
    assert yaml.safe_load(word) is expected or len(word) == 1
    assert read('use_sim_time', word) is expected


@pytest.mark.parametrize('word', ['1', '0', 'tRuE', 'yep', 'null', '"true"', 'true false', '~'])
@pytest.mark.parametrize('name', BOOLEANS)
def test_no_other_word_is_taken_for_a_boolean(name: str, word: str) -> None:
    with pytest.raises(ValueError, match=f'{name} takes true or false, .*, got {word!r}'):
        read(name, word)


@pytest.mark.parametrize('text', ['true', 'no', 'y', '1', '8bit.0', '1e3', 'a b', '~/models/mine'])
@pytest.mark.parametrize('name', TEXTS)
def test_texts_stay_what_they_are(name: str, text: str) -> None:
    assert read(name, text) == text


@pytest.mark.parametrize(
    ('name', 'text', 'value'),
    [
        ('threads', '2', 2),
        ('threads', ' 2 ', 2),
        ('seed', '+07', 7),
        ('max_image_age', '5', 5.0),
        ('max_image_age', '.5', 0.5),
        ('max_image_age', '1e2', 100.0),
        ('camera', 'SIM', 'sim'),
        ('camera', 'None', 'none'),
        ('motion', 'Sway', 'sway'),
        ('log_level', 'WARN', 'warn'),
        ('dtype', 'BFloat16', 'bfloat16'),
        ('quantization', '8BIT', '8bit'),
        ('image_transport', 'Compressed', 'compressed'),
        ('device', 'cuda:1', 'cuda:1'),
        ('namespace', 'robot/kosmos/', 'robot/kosmos/'),
        ('image_topic', 'front/image_raw', 'front/image_raw'),
        ('depth_topic', '/front/depth', '/front/depth'),
    ],
)
def test_what_can_be_meant_is_understood(name: str, text: str, value: Any) -> None:
    found = read(name, text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ('name', 'text', 'expected'),
    [
        ('seed', 'abc', 'a whole number'),
        ('seed', '1.5', 'a whole number'),
        ('seed', '0x10', 'a whole number'),
        ('seed', '9' * 30, 'a whole number'),
        ('seed', '-1', 'a whole number within 0..2147483647'),
        ('threads', '1025', 'a whole number within 0..1024'),
        ('max_image_age', '-.5', 'a number within 0.0..3600.0'),
        ('threads', 'auto', 'a whole number'),
        ('threads', '1_000', 'a whole number'),
        ('max_image_age', 'soon', 'a number'),
        ('max_image_age', 'nan', 'a number'),
        ('max_image_age', 'inf', 'a number'),
        ('camera', 'webcam', 'one of none, sim'),
        ('motion', 'fast', 'one of none, sway, orbit'),
        ('log_level', 'loud', 'one of debug, info, warn, error, fatal'),
        ('dtype', 'float8', 'one of auto, float32, bfloat16, float16'),
        ('quantization', '2bit', 'one of none, int8, int4, 8bit, 4bit'),
        ('image_transport', 'theora', 'one of raw, compressed'),
        ('device', 'gpu', 'auto, cpu, cuda or cuda:N'),
        ('namespace', '/', 'a namespace such as kosmos or /robot/kosmos'),
        ('namespace', '/1a', 'a namespace'),
        ('namespace', 'a//b', 'a namespace'),
        ('image_topic', '/front/image raw', 'a topic such as /front/image_raw'),
        ('image_topic', '/front/image_raw/', 'a topic'),
        ('depth_topic', 'front:depth', 'a topic'),
        ('info_topic', 'front//camera_info', 'a topic'),
        ('params_file', '/nowhere.yaml', 'the path of a file that exists'),
        ('params_file', '/', 'the path of a file that exists'),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, text: str, expected: str) -> None:
    complaint = f'^{re.escape(name)} takes {re.escape(expected)}.*, got {re.escape(repr(text))}$'
    with pytest.raises(ValueError, match=complaint):
        read(name, text)


@pytest.mark.parametrize('empty', ['', ' '])
def test_what_is_empty_was_not_given(empty: str) -> None:
    given = read_arguments(dict.fromkeys(NAMES, empty))
    assert (
        given
        == read_arguments({})
        == {
            'image_topic': 'camera/image_raw',
            'camera': 'none',
            'namespace': 'kosmos',
            'log_level': 'info',
            'respawn': True,
            'rviz': False,
            'fixed_frame': 'world',
        }
    )
    options = bringup_options(given, '/')
    assert options.parameters == options.camera_parameters == {}


def test_a_file_in_the_home_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'mine.yaml').touch()
    assert read('params_file', '~/mine.yaml') == tmp_path / 'mine.yaml'


def test_what_is_given_goes_where_it_belongs() -> None:
    given = read_arguments({'model': 'mine', 'autostart': 'no', 'info_topic': 'a', 'seed': '3'})
    options = bringup_options(given, '/robot')
    assert options.parameters == {'model': 'mine', 'autostart': False}
    assert options.camera_parameters == {'seed': 3}
    assert (options.surroundings, options.info_topic) == ('/robot', 'a')


def test_parameters_say_what_their_declarations_say() -> None:
    parameters = {spec.name: spec.metadata for spec in fields(NodeSettings)}
    arguments = {one.name: one for one in ARGUMENTS}
    for name, one in arguments.items():
        assert one.is_parameter == (name in parameters or name == 'use_sim_time')
        if name in parameters:
            assert parameters[name]['description'].startswith(one.purpose)
    threads = (
        'Threads that compute on a CPU; 0: PyTorch chooses, as a rule one per core. '
        'Takes a whole number within 0..1024. Empty: as in params_file.'
    )
    assert arguments['threads'].description == threads
    assert 'one of auto, float32, bfloat16, float16' in arguments['dtype'].description
    assert arguments['target_frame'].description.count('Empty: ') == 1
    assert arguments['seed'].description.endswith("Empty: the simulated camera's own, 0.")


def test_reading_them_needs_nothing_but_this_package_and_python() -> None:
    script = (
        'import sys\n'
        'before = set(sys.modules)\n'
        'from kosmos_ros.launch_arguments import bringup_options, read_arguments\n'
        "bringup_options(read_arguments({'device': 'cpu'}), '/')\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(loaded - sys.stdlib_module_names - {'kosmos_ros'}))"
    )
    result = subprocess.run(
        [sys.executable, '-c', script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == '[]'


def test_the_camera_moves_in_the_ways_and_by_default_as_declared() -> None:
    motion = pytest.importorskip('kosmos_ros.sim.motion')
    declared = TabletopParameters()
    values = (declared.motion, declared.motion_amplitude, declared.motion_period)
    assert motion.KINDS == MOTIONS
    assert motion.Motion() == motion.Motion(*values)
