# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Files of config/ are found in a checkout and in an installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros import config_files
from kosmos_ros.config_files import config_file

ROOT = Path(__file__).resolve().parents[1]


def test_a_checkout_has_its_own() -> None:
    assert config_file('grounding.yaml') == ROOT / 'config' / 'grounding.yaml'


def test_an_installed_config_file_is_found_through_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip('ament_index_python', reason='no ROS here')
    share = tmp_path / 'share'
    marker = share / 'ament_index' / 'resource_index' / 'packages' / 'kosmos_ros'
    marker.parent.mkdir(parents=True)
    marker.touch()
    installed = share / 'kosmos_ros' / 'config' / 'grounding.yaml'
    installed.parent.mkdir(parents=True)
    installed.touch()
    module = tmp_path / 'lib' / 'kosmos_ros' / 'config_files.py'
    monkeypatch.setattr(config_files, '__file__', str(module))
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path))

    assert config_file('grounding.yaml') == installed
    with pytest.raises(FileNotFoundError, match=r'installed without .*missing\.yaml'):
        config_file('missing.yaml')

    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path / 'elsewhere'))
    with pytest.raises(FileNotFoundError, match='neither in a checkout nor in an installed'):
        config_file('grounding.yaml')
