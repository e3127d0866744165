# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``backends.checkpoint.calibration_file``."""

from __future__ import annotations

from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.backends.checkpoint.calibration_file import (
    CALIBRATION_FILE,
    read_calibration,
    write_calibration,
    written_for,
)
from kosmos_ros.backends.checkpoint.files import CHECKSUMS, write_checksums
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.calibration import Calibration, Scaling, SCALINGS
from kosmos_ros.core.model.signals import Fusion

CALIBRATION = Calibration(
    existence=Scaling(0.8, 1.25),
    box=Scaling(0.5),
    written=Scaling(1.5, -0.5),
    words=Scaling(),
    closer_existence=Scaling(0.9, -0.25),
    closer_box=Scaling(1.1),
    fitted=SCALINGS,
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = write_calibration(tmp_path, CALIBRATION, {'date': '2026-01-31'})
    assert read_calibration(tmp_path) == CALIBRATION
    assert json.loads(path.read_text())['measured'] == {'date': '2026-01-31'}


def test_scores_that_were_not_fitted_are_left_out(tmp_path: Path) -> None:
    partly = Calibration(
        existence=Scaling(0.8, 1.25), words=Scaling(), fitted=('existence', 'words')
    )
    content = json.loads(write_calibration(tmp_path, partly, {}, 'abc').read_text())
    assert content.keys() == {'version', 'fingerprint', 'existence', 'words', 'measured'}
    assert read_calibration(tmp_path) == partly
    assert written_for(tmp_path) == 'abc'


def test_a_file_from_before_there_were_closer_looks_is_read(tmp_path: Path) -> None:
    path = write_calibration(tmp_path, CALIBRATION, {})
    content = json.loads(path.read_text())
    del content['closer_existence'], content['closer_box']
    path.write_text(json.dumps(content))
    old = read_calibration(tmp_path)
    assert old.fitted == ('existence', 'box', 'written', 'words')
    assert old.existence_of(0.6, None, closer=True) == old.existence_of(0.6, None)
    assert old.box_of(0.6, closer=True) == old.box_of(0.6) == CALIBRATION.box(0.6)
    assert CALIBRATION.box_of(0.6, closer=True) == CALIBRATION.closer_box(0.6) != old.box_of(0.6)


def test_a_file_of_no_scores_is_refused(tmp_path: Path) -> None:
    write_calibration(tmp_path, Calibration(), {})
    with pytest.raises(ModelLoadError, match='expected one of existence, box'):
        read_calibration(tmp_path)


def test_fusions_are_read_too_and_choose_what_is_measured(own_folder: Path) -> None:
    fusions = {'free': Fusion(-1.0, {'opener': 0.5}), 'question': Fusion(0.5, {'plain_yes': 1.0})}
    path = write_calibration(own_folder, CALIBRATION, {})
    assert 'fusions' not in json.loads(path.read_text())
    write_calibration(own_folder, replace(CALIBRATION, fusions=fusions), {})
    assert read_calibration(own_folder).fusions == fusions
    settings = ModelSettings(model=str(own_folder), device='cpu', existence_signals='phrase')
    assert TransformersBackend.load(settings).signals == 'free'


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'version': 2}, 'version'),
        ({'version': None}, 'version'),
        ({'box': None}, 'box needs'),
        ({'words': [1.0, 0.0]}, 'words needs'),
        ({'box': {'temperature': 1.0}}, r'box\.shift'),
        ({'existence': {'temperature': '1', 'shift': 0}}, r'existence\.temperature'),
        ({'existence': {'temperature': True, 'shift': 0}}, r'existence\.temperature'),
        ({'written': {'temperature': -1.0, 'shift': 0}}, 'written: temperature'),
        ({'written': {'temperature': float('nan'), 'shift': 0}}, 'written: temperature'),
        ({'fusions': []}, r'fusions takes fusions named free, phrase.*got \[\]'),
        ({'fusions': {'cheap': {}}}, 'fusions takes fusions named'),
        (
            {'fusions': {'free': {'intercept': 0.0}}},
            r'fusions\.free: expected the data of a Fusion',
        ),
        (
            {'fusions': {'free': {'intercept': 0.0, 'weights': {'colour': 1.0}}}},
            "fusions.free: .*'colour' is no signal",
        ),
        (
            {'fusions': {'free': {'intercept': 'low', 'weights': {'opener': 1.0}}}},
            "fusions.free: .*'low' is no float",
        ),
    ],
)
def test_a_malformed_file_is_named_with_its_field(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = write_calibration(tmp_path, CALIBRATION, {})
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelLoadError, match=f'{CALIBRATION_FILE}: .*{message}'):
        read_calibration(tmp_path)


@pytest.mark.parametrize('content', ['', '[1]', '{"version": 1'])
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(content)
    with pytest.raises(ModelLoadError, match=CALIBRATION_FILE):
        read_calibration(tmp_path)


def test_a_model_brings_its_calibration_along(own_folder: Path) -> None:
    write_calibration(own_folder, CALIBRATION, {})
    loaded = load_model(ModelSettings(model=str(own_folder), device='cpu'))
    assert TransformersBackend(loaded).calibration == CALIBRATION


def test_a_changed_calibration_is_damage(own_folder: Path) -> None:
    path = write_calibration(own_folder, CALIBRATION, {})
    sums = write_checksums(own_folder)
    assert sums.name == CHECKSUMS
    assert CALIBRATION_FILE in sums.read_text()
    path.write_text(path.read_text().replace('1.25', '1.26'))
    with pytest.raises(ModelLoadError, match=f'{CALIBRATION_FILE} is damaged'):
        load_model(ModelSettings(model=str(own_folder), device='cpu'))
