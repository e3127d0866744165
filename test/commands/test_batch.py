# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos-ros batch``: pictures of all sorts, a scripted model, a real bag."""

from __future__ import annotations

from collections.abc import Callable
import csv
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import batch as command
from kosmos_ros.commands import exit_codes
from kosmos_ros.core.backend import Located
from kosmos_ros.core.types import Box

CUP = located('a cup', Box(0.25, 0.5, 0.5, 1.0), score=0.75)
ORIENTATION = 0x0112

Run = Callable[..., int]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Make a folder: one picture upright, one turned by EXIF, one below, and other files."""
    folder = tmp_path / 'photos'
    (folder / 'more').mkdir(parents=True)
    grey = Image.new('RGB', (40, 20), 'grey')
    grey.save(folder / 'a.png')
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    grey.save(folder / 'b.JPG', exif=turned)
    grey.save(folder / 'more' / 'c.tiff')
    (folder / 'notes.txt').write_text('no picture')
    (folder / '.hidden.png').write_text('no picture')
    return folder


@pytest.fixture
def run(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command over the photos with a scripted model."""

    def run_it(backend: ScriptedBackend, *arguments: str) -> int:
        monkeypatch.setattr(command, 'load_backend', lambda _: backend)
        output = ['--output', str(tmp_path / 'out')]
        return main(['batch', str(photos), *arguments, *output])

    return run_it


def knowing() -> ScriptedBackend:
    """Return a model that finds a cup in every picture, and nothing else."""
    return ScriptedBackend(located={'a cup': CUP})


def coco(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Read the detections."""
    found: dict[str, list[dict[str, object]]] = json.loads(
        (folder / 'out' / command.COCO).read_text()
    )
    return found


def rows(folder: Path) -> list[dict[str, str]]:
    """Read the table."""
    with (folder / 'out' / command.CSV).open(newline='') as stream:
        return list(csv.DictReader(stream))


def test_boxes_are_in_pixels_of_the_upright_pictures(tmp_path: Path, run: Run) -> None:
    assert run(knowing(), '--query', 'a cup; a spoon') == exit_codes.FOUND
    found = coco(tmp_path)
    assert [image['file_name'] for image in found['images']] == ['a.png', 'b.JPG', 'more/c.tiff']
    assert [image['width'] for image in found['images']] == [40, 20, 40]
    assert [box['bbox'] for box in found['annotations']] == [
        [10, 10, 10, 10],
        [5, 20, 5, 20],
        [10, 10, 10, 10],
    ]
    assert {box['score'] for box in found['annotations']} == {0.75}
    names = {entry['id']: entry['name'] for entry in found['categories']}
    assert sorted(map(str, names.values())) == ['a cup', 'a spoon']
    assert {names[box['category_id']] for box in found['annotations']} == {'a cup'}
    assert [box['image_id'] for box in found['annotations']] == [1, 2, 3]


def test_recordings_of_a_camera_upside_down_are_shown_upright(tmp_path: Path, run: Run) -> None:
    assert run(knowing(), '--query', 'a cup', '--rotation', '180') == exit_codes.FOUND
    assert coco(tmp_path)['annotations'][0]['bbox'] == [20, 0, 10, 10]
    # Answers about pictures as they are do not go on with these.
    assert run(knowing(), '--query', 'a cup') == exit_codes.BAD_INPUT


def test_the_table_has_a_row_for_what_was_not_found_too(tmp_path: Path, run: Run) -> None:
    run(knowing(), '--query', 'a cup; a spoon')
    first, second = rows(tmp_path)[:2]
    assert [first[name] for name in ('file', 'phrase', 'score', 'x0', 'y1')] == [
        'a.png', 'a cup', '0.750000', '10.00', '20.00',
    ]  # fmt: skip
    assert [second[name] for name in ('phrase', 'score', 'x0')] == ['a spoon', '', '']
    assert len(rows(tmp_path)) == 6


def test_pictures_are_annotated_in_their_own_folders(tmp_path: Path, run: Run) -> None:
    run(knowing(), '--query', 'a cup')
    pictures = tmp_path / 'out' / command.PICTURES
    files = sorted(path.relative_to(pictures).as_posix() for path in pictures.rglob('*.*'))
    assert files == ['a.png', 'b.JPG', 'more/c.tiff.jpg']
    assert Image.open(pictures / 'b.JPG').size == (20, 40)
    assert len(np.unique(np.asarray(Image.open(pictures / 'a.png')))) > 2
    assert Image.open(tmp_path / 'out' / command.PLOT).size[0] > 500


def test_several_queries_share_an_image(tmp_path: Path, run: Run) -> None:
    backend = knowing()
    run(backend, '--query', 'a cup', '--query', 'a spoon', '--query', 'a cup', '--no-pictures')
    assert len(backend.calls.encoded) == 3
    assert len(backend.calls.located) == 6
    assert not (tmp_path / 'out' / command.PICTURES).exists()
    assert [row['query'] for row in rows(tmp_path)][:2] == ['a cup', 'a spoon']


def test_an_interrupted_run_goes_on(tmp_path: Path, run: Run) -> None:
    """Ctrl-C at the second picture; the next run asks about the other two only."""

    def interrupt(phrase: str) -> Located:
        if len(backend.calls.located) == 2:
            raise KeyboardInterrupt
        return CUP

    backend = ScriptedBackend(located=interrupt)
    assert run(backend, '--query', 'a cup') == exit_codes.INTERRUPTED
    assert [image['file_name'] for image in coco(tmp_path)['images']] == ['a.png']
    again = knowing()
    assert run(again, '--query', 'a cup') == exit_codes.FOUND
    assert len(again.calls.located) == 2
    assert len(coco(tmp_path)['annotations']) == 3
    none = knowing()
    assert run(none, '--query', 'a cup') == exit_codes.FOUND
    assert not none.calls.located


def test_other_queries_do_not_mix_with_earlier_answers(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(knowing(), '--query', 'a cup')
    assert run(knowing(), '--query', 'a spoon') == exit_codes.BAD_INPUT
    assert 'queries: ["a cup"] there, ["a spoon"] now' in capsys.readouterr().err


def test_unreadable_pictures_are_listed_and_tried_again(
    tmp_path: Path, photos: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / 'b.JPG').write_bytes(b'nothing')
    assert run(knowing(), '--query', 'a cup') == exit_codes.SOME_UNREADABLE
    assert 'cannot read b.JPG' in capsys.readouterr().err
    listed = tmp_path / 'out' / command.UNREADABLE
    assert [line.split('\t')[0] for line in listed.read_text().splitlines()] == ['b.JPG']
    assert len(coco(tmp_path)['images']) == 2
    Image.new('RGB', (8, 8)).save(photos / 'b.JPG')
    assert run(knowing(), '--query', 'a cup') == exit_codes.FOUND
    assert not listed.exists()
    assert len(coco(tmp_path)['images']) == 3


def test_names_may_hold_any_bytes(tmp_path: Path, photos: Path, run: Run) -> None:
    target = os.fsencode(photos) + b'/\xff \xc3\xa9.png'
    Path(os.fsdecode(target)).write_bytes((photos / 'a.png').read_bytes())
    assert run(knowing(), '--query', 'a cup') == exit_codes.FOUND
    names = [image['file_name'] for image in coco(tmp_path)['images']]
    assert '\\udcff é.png' in names
    again = knowing()
    run(again, '--query', 'a cup')
    assert not again.calls.located
    Path(os.fsdecode(target)).write_bytes(b'nothing')
    (tmp_path / 'out' / command.JOURNAL).unlink()
    assert run(knowing(), '--query', 'a cup') == exit_codes.SOME_UNREADABLE
    assert '\\udcff é.png\t' in (tmp_path / 'out' / command.UNREADABLE).read_text('utf-8')


def test_the_folder_itself_may_have_any_name(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, 'load_backend', lambda _: knowing())
    strange = os.fsdecode(os.fsencode(tmp_path) + b'/\xff')
    photos.rename(strange)
    for _ in range(2):
        arguments = ['batch', strange, '--query', 'a cup', '--output', str(tmp_path / 'out')]
        assert main(arguments) == exit_codes.FOUND
    assert len(coco(tmp_path)['images']) == 3


def test_nothing_found_has_its_own_exit_code(run: Run) -> None:
    assert run(knowing(), '--query', 'a spoon') == exit_codes.NOT_FOUND


def test_every_other_picture(tmp_path: Path, run: Run) -> None:
    assert run(knowing(), '--query', 'a cup', '--every', '2') == exit_codes.FOUND
    assert [image['file_name'] for image in coco(tmp_path)['images']] == ['a.png', 'more/c.tiff']


def test_results_below_the_folder_are_no_pictures(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for expected in (3, 0):
        backend = knowing()
        monkeypatch.setattr(command, 'load_backend', lambda _, chosen=backend: chosen)
        output = str(photos / 'batch_output')
        main(['batch', str(photos), '--query', 'a cup', '--output', output])
        assert len(backend.calls.located) == expected


def test_without_a_query_pictures_are_described(tmp_path: Path, run: Run) -> None:
    words = '<phrase> a table</phrase><object><patch_index_0000><patch_index_1023></object>.'
    backend = ScriptedBackend(generated=lambda _: words)
    assert run(backend) == exit_codes.FOUND
    assert {row['task'] for row in rows(tmp_path)} == {'DESCRIBE'}
    assert [entry['name'] for entry in coco(tmp_path)['categories']] == ['a table']


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['--task', 'instruct', '--query', 'the'], 'INSTRUCT needs'),
        (['--every', '0', '--query', 'a cup'], '--every must be 1 or more'),
        (['--min-score', '2', '--query', 'a cup'], 'min_score'),
        (['--topic', '/image', '--query', 'a cup'], '--topic is for bags'),
    ],
)
def test_what_cannot_be_asked_is_told_before_the_model_is_loaded(
    arguments: list[str],
    words: str,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, 'load_backend', lambda _: pytest.fail('loaded a model'))
    out = tmp_path / 'out'
    assert main(['batch', str(photos), *arguments, '--output', str(out)]) == exit_codes.BAD_INPUT
    assert words in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize('name', ['missing', 'notes.txt', 'empty'])
def test_other_inputs_are_refused(
    name: str, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / 'empty').mkdir()
    assert main(['batch', str(photos / name), '--query', 'a cup']) == exit_codes.BAD_INPUT
    assert name in capsys.readouterr().err
