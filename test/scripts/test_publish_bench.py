# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The figures in the documentation are those of the committed results."""

from __future__ import annotations

from pathlib import Path

import pytest

from kosmos_ros.bench.machine import machine
from kosmos_ros.bench.report.figures import load_run, save_run
from scripts.publish_bench import (
    END,
    FILES,
    Place,
    PLACES,
    publish,
    RESULTS,
    ROOT,
    TRACKING_FILES,
)

COMMITTED = ROOT / RESULTS
SHOWN = [(files, place) for files, places in PLACES.items() for place in places]
PLACE = Place('page.md', 'figures', lambda run: run['figures'])


def _empty_pages(root: Path) -> None:
    for page in {place.page for _, place in SHOWN}:
        (root / page).parent.mkdir(exist_ok=True)
        begins = [place.begin for _, place in SHOWN if place.page == page]
        lines = [f'{begin}\nof {page}\n{END}\n' for begin in begins]
        (root / page).write_text('before\n' + 'between\n'.join(lines) + 'after\n')


def test_figures_take_the_place_of_the_old_ones() -> None:
    page = f'before\n{PLACE.begin}\nold\n{END}\nafter\n'
    new = PLACE.written(page, {'figures': 'new'})
    assert new == f'before\n{PLACE.begin}\n\nnew\n\n{END}\nafter\n'
    assert PLACE.written(new, {'figures': 'new'}) == new


def test_a_page_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match=r'begin.*page\.md'):
        PLACE.written('nothing', {'figures': 'new'})


@pytest.mark.parametrize(('files', 'place'), SHOWN)
def test_pages_say_what_the_committed_results_say(files: tuple[str, ...], place: Place) -> None:
    text = (ROOT / place.page).read_text(encoding='utf-8')
    assert place.written(text, load_run(COMMITTED / files[0])) == text


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
    _empty_pages(root)
    save_run(run, source / FILES[0])
    (source / FILES[1]).write_bytes(b'picture')
    publish(source, root)
    for name in FILES:
        assert (root / RESULTS / name).read_bytes() == (source / name).read_bytes()
    for place in PLACES[FILES]:
        assert '2026-01-02' in (root / place.page).read_text()


def test_results_of_the_tracker_are_published_by_themselves(tmp_path: Path) -> None:
    source, root = tmp_path / 'output', tmp_path / 'root'
    source.mkdir()
    root.mkdir()
    _empty_pages(root)
    for name in TRACKING_FILES:
        (source / name).write_bytes((COMMITTED / name).read_bytes())
    publish(source, root)
    (place,) = PLACES[TRACKING_FILES]
    written = (root / place.page).read_text()
    assert written.startswith('before\n')
    assert written.endswith(f'{END}\nafter\n')
    assert '| answers come after |' in written
    for place in PLACES[FILES]:
        assert f'of {place.page}\n' in (root / place.page).read_text()
    for name in TRACKING_FILES:
        assert (root / RESULTS / name).read_bytes() == (COMMITTED / name).read_bytes()
