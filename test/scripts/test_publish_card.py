# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``scripts.publish_card``, ``scripts.card.results`` and ``scripts.card.sections``."""

from __future__ import annotations

import json
from pathlib import Path
import shutil

import pytest

from kosmos_ros.results.fingerprint import folder_fingerprint
from scripts.card.results import (
    CHANGES_PART,
    collected,
    command_of,
    EVALUATION_FILE,
    LEVELS_PART,
    load,
    MEASURED,
    STANDARD_PART,
)
from scripts.publish_card import (
    documents,
    main,
    MODEL,
    publish,
    rewritten,
    ROOT,
    stale,
    take_reliability,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of what is published, with small weights."""
    for path in documents():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    shutil.copytree(ROOT / MODEL, tmp_path / MODEL, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def evaluated(root: Path) -> Path:
    """Return the folder of an evaluation of the copy's model."""
    held = load(root / MODEL)
    assert held is not None
    standard = held['parts'][STANDARD_PART]
    standard['settings']['checkpoint'] = folder_fingerprint(root / MODEL)
    folder = root / 'eval_output'
    folder.mkdir()
    (folder / 'eval.json').write_text(json.dumps(standard))
    return folder


def change(folder: Path, **values: object) -> None:
    path = folder / 'eval.json'
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_repository_says_what_was_measured_on_its_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(['--check']) == 0, capsys.readouterr().out
    assert 'all figures are those of the model' in capsys.readouterr().out


def test_what_is_kept_is_small_and_names_no_folders() -> None:
    path = ROOT / MODEL / MEASURED / EVALUATION_FILE
    assert path.stat().st_size < 200_000
    assert str(Path.home()) not in path.read_text()
    held = load(ROOT / MODEL)
    assert held is not None
    assert STANDARD_PART in held['parts']
    assert set(held['parts']) <= {STANDARD_PART, LEVELS_PART, CHANGES_PART}


def test_figures_of_another_model_are_stale(root: Path) -> None:
    assert list(stale(root)) == []
    (root / MODEL / 'config.json').write_text('{}' + (root / MODEL / 'config.json').read_text())
    with pytest.raises(json.JSONDecodeError):
        list(stale(root))
    shutil.copyfile(ROOT / MODEL / 'config.json', root / MODEL / 'config.json')
    (root / MODEL / 'generation_config.json').write_text('{}')
    assert 'figures of another model' in next(stale(root))


def test_a_figure_that_was_changed_by_hand_is_stale(root: Path) -> None:
    card = root / MODEL / 'README.md'
    text = card.read_text()
    place = text.index('| IDENTIFY')
    card.write_text(text[:place] + text[place:].replace('0.', '1.', 1))
    assert [str(card) in told for told in stale(root)] == [True]
    publish([], root)
    assert card.read_text() == text


def test_new_figures_are_written_everywhere(root: Path, evaluated: Path) -> None:
    figures = json.loads((evaluated / 'eval.json').read_text())['figures']
    figures['identify']['exact'] = {'value': 0.4321, 'of': 777}
    change(evaluated, figures=figures)
    publish([evaluated], root, time_it=False)
    assert list(stale(root)) == []
    for name in (MODEL / 'README.md', Path('README.md')):
        assert '**0.432** | 777 | missed by 0.538 |' in (root / name).read_text()
    held = load(root / MODEL)
    assert held is not None
    assert held['parts'][STANDARD_PART]['figures']['identify']['exact']['of'] == 777
    assert LEVELS_PART in held['parts']  # measured on the same model before
    assert 'worst' not in held['parts'][STANDARD_PART]


def test_figures_of_another_or_half_an_evaluation_are_refused(root: Path, evaluated: Path) -> None:
    complete = json.loads((evaluated / 'eval.json').read_text())
    change(evaluated, images=1)
    with pytest.raises(ValueError, match=r'1 of .* scenes; run the same kosmos-ros eval again'):
        publish([evaluated], root, time_it=False)
    change(evaluated, images=complete['images'], settings={'data': 'tabletop', 'checkpoint': 'x'})
    with pytest.raises(ValueError, match='was measured on the checkpoint x'):
        publish([evaluated], root, time_it=False)
    change(evaluated, settings={'data': 'coco'})
    with pytest.raises(ValueError, match='expected figures of simulated scenes'):
        publish([evaluated], root, time_it=False)


def test_figures_of_the_model_before_are_dropped(root: Path) -> None:
    held = load(root / MODEL)
    assert held is not None
    (root / MODEL / 'generation_config.json').write_text('{}')
    assert collected(root / MODEL, [], held)['parts'] == {}


def test_sections_need_an_end_and_figures() -> None:
    assert rewritten('a <!-- measured x: begin -->old<!-- end --> b', {'x': 'new'}) == (
        'a <!-- measured x: begin -->\n\nnew\n\n<!-- end --> b'
    )
    with pytest.raises(ValueError, match=r"no figures for the section 'y': expected one of x"):
        rewritten('<!-- measured y: begin --><!-- end -->', {'x': 'new'})
    with pytest.raises(ValueError, match='expected the line'):
        rewritten('<!-- measured x: begin --> and on', {'x': 'new'})


def test_a_command_is_told_as_it_was_given() -> None:
    settings = {'data': 'tabletop', 'scenes': 50, 'level': 'all', 'model': 'tabletop'}
    assert command_of({'settings': settings}) == 'kosmos-ros eval --level all --scenes 50'


def test_the_picture_of_another_calibration_is_not_taken(tmp_path: Path) -> None:
    model, calibrated = tmp_path / 'model', tmp_path / 'out'
    for folder in (model, calibrated):
        folder.mkdir()
        (folder / 'calibration.json').write_text('{"version": 1}')
    (calibrated / 'reliability.png').write_bytes(b'picture')
    assert take_reliability(calibrated, model)
    assert (model / 'reliability.png').read_bytes() == b'picture'
    (calibrated / 'calibration.json').write_text('{"version": 2}')
    assert not take_reliability(calibrated, model)
    assert not take_reliability(tmp_path / 'nowhere', model)
