# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The page and the file of parameters say what the declarations say."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from pathlib import Path
import re
from typing import Any

import pytest
import yaml

from kosmos_ros.parameters.camera_settings import CameraParameters
from kosmos_ros.parameters.node_settings import NodeSettings
from scripts.publish_parameters import CONFIG, config, PAGE, page, publish, ROOT


@pytest.mark.parametrize(('file', 'written'), [(PAGE, page), (CONFIG, config)])
def test_what_is_in_the_repository_is_the_newest(file: Path, written: Any) -> None:
    assert (ROOT / file).read_text() == written(), (
        'run scripts/in_env.sh python -m scripts.publish_parameters'
    )


def test_both_are_written_where_the_readme_links_to(tmp_path: Path) -> None:
    for file in (PAGE, CONFIG):
        (tmp_path / file.parent).mkdir()
    publish(tmp_path)
    assert (tmp_path / PAGE).read_text() == page()
    assert (tmp_path / CONFIG).read_text() == config()
    assert f']({PAGE})' in (ROOT / 'README.md').read_text()


def test_the_file_holds_every_parameter_with_its_default() -> None:
    defaults = _defaults(NodeSettings)
    written = yaml.safe_load(config())['/**']['ros__parameters']
    assert written == defaults
    types = {name: type(value) for name, value in written.items()}
    assert types == {name: type(value) for name, value in defaults.items()}


def test_the_file_holds_those_of_a_camera_to_be_uncommented() -> None:
    uncommented = re.sub(r'# (camera\.\w+: )', r'\1', config())
    written = yaml.safe_load(uncommented)['/**']['ros__parameters']
    defaults = {f'camera.{name}': value for name, value in _defaults(CameraParameters).items()}
    assert {name: written[name] for name in defaults} == defaults


def test_the_file_explains_every_parameter_within_the_width_of_a_page() -> None:
    lines = config().splitlines()
    body = lines[lines.index('  ros__parameters:') + 1 :]
    for before, line in pairwise(body):
        if re.match(r' +(# camera\.)?\w+: ', line):
            assert before.strip().startswith('#'), f'{line.strip()!r} has no comment'
    assert max(map(len, lines)) < 100
    assert '; unconfigured]' in config()


def _defaults(settings: type) -> dict[str, Any]:
    values = {spec.name: spec.default for spec in fields(settings)}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }


def test_a_row_tells_default_values_and_when() -> None:
    rows = page().splitlines()
    (threads,) = [row for row in rows if row.startswith('| `threads`')]
    assert threads.startswith('| `threads` | `0` | 0 to 1024 | unconfigured | Threads that')
    (transport,) = [row for row in rows if row.startswith('| `<name>.transport`')]
    assert '| `""` | `raw`, `compressed` | unconfigured |' in transport
