# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``backends.checkpoint.calibration_place``."""

from __future__ import annotations

import logging
from pathlib import Path
import shutil

import pytest

from kosmos_ros.backends.checkpoint import calibration_place
from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, write_calibration
from kosmos_ros.backends.checkpoint.calibration_place import (
    calibration_of,
    is_embedded,
    place_to_write,
)
from kosmos_ros.backends.checkpoint.files import find_checkpoint
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.calibration import Calibration, Scaling

BESIDE = Calibration(existence=Scaling(2.0), fitted=('existence',))
OWN = Calibration(existence=Scaling(3.0), fitted=('existence',))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user another data folder."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    return tmp_path / 'data' / 'kosmos_ros' / 'calibration'


@pytest.fixture
def snapshot(own_folder: Path, tmp_path: Path) -> Path:
    """Return a model in the cache of downloads."""
    return shutil.copytree(own_folder, tmp_path / 'hub' / 'models--o--n' / 'snapshots' / '0123')


def write(place: Path, calibration: Calibration, fingerprint: str = '') -> None:
    place.mkdir(parents=True, exist_ok=True)
    write_calibration(place, calibration, {}, fingerprint)


def test_without_a_file_nothing_is_changed_and_that_is_told(
    own_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert calibration_of(own_folder) == Calibration()
    assert f'{own_folder} has no {CALIBRATION_FILE}' in caplog.text


def test_the_file_beside_the_model_comes_first(
    own_folder: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(home / model_fingerprint(own_folder), OWN, model_fingerprint(own_folder))
    with caplog.at_level(logging.INFO):
        assert calibration_of(own_folder) == OWN
        assert str(home) in caplog.text
        write(own_folder, BESIDE)
        assert calibration_of(own_folder) == BESIDE
    assert f'calibrated by {own_folder}' in caplog.text


def test_that_of_other_weights_is_not_used(
    own_folder: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(own_folder, BESIDE, model_fingerprint(own_folder))
    write(home / model_fingerprint(own_folder), OWN, model_fingerprint(own_folder))
    assert calibration_of(own_folder) == BESIDE
    config = own_folder / 'config.json'
    config.write_text(config.read_text() + '\n')
    assert calibration_of(own_folder) == Calibration()
    assert 'measured on other weights' in caplog.text


def test_it_is_written_beside_a_model_of_ones_own(own_folder: Path) -> None:
    assert place_to_write(own_folder) == own_folder


def test_the_cache_of_downloads_is_left_alone(snapshot: Path, home: Path) -> None:
    place = place_to_write(snapshot)
    assert place == home / model_fingerprint(snapshot)
    write(place, OWN, model_fingerprint(snapshot))
    assert calibration_of(snapshot) == OWN
    assert not (snapshot / CALIBRATION_FILE).exists()


def test_of_a_read_only_folder_it_is_with_the_user(
    own_folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who runs tests as root may write everywhere.
    monkeypatch.setattr(calibration_place.os, 'access', lambda *_: False)
    assert place_to_write(own_folder).parent == home


def test_what_would_not_take_effect_is_refused(snapshot: Path) -> None:
    write(snapshot, BESIDE)
    with pytest.raises(InvalidRequestError, match='comes first and cannot be replaced'):
        place_to_write(snapshot)


@pytest.mark.parametrize('value', ['', 'relative/folder'])
def test_the_usual_data_folder_is_taken_where_none_is_said(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv('XDG_DATA_HOME', value)
    monkeypatch.setenv('HOME', str(tmp_path))
    assert place_to_write(snapshot).parents[2] == tmp_path / '.local' / 'share'


def test_the_embedded_model_is_known(own_folder: Path) -> None:
    assert is_embedded(find_checkpoint(EMBEDDED_MODEL))
    assert not is_embedded(own_folder)
