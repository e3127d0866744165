# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The README's figures are those of the committed results."""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.bench.machine import machine
from kosmos_ros.bench.markdown import speed_section
from kosmos_ros.bench.saving import load_run, save_run
from kosmos_ros.bench.tracking_report import tracking_section
from scripts.publish_bench import (
    BEGIN,
    END,
    FILES,
    publish,
    RESULTS,
    ROOT,
    TRACKING_BEGIN,
    TRACKING_FILES,
    with_section,
)

COMMITTED = ROOT / RESULTS


def test_a_section_takes_the_place_of_the_old_one() -> None:
    readme = f'before\n{BEGIN}\nold\n{END}\nafter\n'
    assert with_section(readme, 'new') == f'before\n{BEGIN}\n\nnew\n\n{END}\nafter\n'
    assert with_section(with_section(readme, 'one'), 'new') == with_section(readme, 'new')


def test_a_readme_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match='begin'):
        with_section('nothing', 'new')


@pytest.mark.skipif(not (COMMITTED / FILES[0]).is_file(), reason='no results are committed yet')
def test_the_readme_says_what_the_committed_results_say() -> None:
    readme = (ROOT / 'README.md').read_text(encoding='utf-8')
    assert with_section(readme, speed_section(load_run(COMMITTED / FILES[0]))) == readme


def test_the_readme_says_what_the_committed_run_of_the_tracker_says() -> None:
    readme = (ROOT / 'README.md').read_text(encoding='utf-8')
    section = tracking_section(load_run(COMMITTED / TRACKING_FILES[0]))
    assert with_section(readme, section, TRACKING_BEGIN) == readme


def test_a_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r'bench.json or tracking.json'):
        publish(tmp_path, tmp_path)


def test_publishing_copies_and_rewrites(tmp_path: Path) -> None:
    run = {
        'when': '2026-01-02T03:04:05+00:00',
        'machine': machine(),
        'models': [],
        'node': {'left_out': 'no ROS'},
        'bandwidths': [1e10],
    }
    source, root = tmp_path / 'output', tmp_path / 'root'
    source.mkdir()
    root.mkdir()
    save_run(run, source / FILES[0])
    (source / FILES[1]).write_bytes(b'picture')
    (root / 'README.md').write_text(f'{BEGIN}\n{END}\n')
    publish(source, root)
    for name in FILES:
        assert (root / RESULTS / name).read_bytes() == (source / name).read_bytes()
    assert '2026-01-02' in (root / 'README.md').read_text()


def test_results_of_the_tracker_are_published_by_themselves(tmp_path: Path) -> None:
    readme = f'{BEGIN}\nspeed\n{END}\nbetween\n{TRACKING_BEGIN}\n{END}\nafter\n'
    (tmp_path / 'README.md').write_text(readme)
    source = tmp_path / 'output'
    source.mkdir()
    for name in TRACKING_FILES:
        (source / name).write_bytes((COMMITTED / name).read_bytes())
    publish(source, tmp_path)
    written = (tmp_path / 'README.md').read_text()
    assert written.startswith(f'{BEGIN}\nspeed\n{END}\nbetween\n')
    assert written.endswith(f'{END}\nafter\n')
    assert '| answers come after |' in written
    for name in TRACKING_FILES:
        assert (tmp_path / RESULTS / name).read_bytes() == (COMMITTED / name).read_bytes()
