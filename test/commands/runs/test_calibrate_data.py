# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
``kosmos-ros calibrate`` on folders of labelled images.

Spans ``commands.runs.calibrate`` and ``commands.runs.calibrate_data``.
"""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import pickle
import shutil

import pytest

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, read_calibration
from kosmos_ros.backends.checkpoint.calibration_place import calibration_of
from kosmos_ros.backends.checkpoint.files import CHECKSUMS, find_checkpoint
from kosmos_ros.backends.checkpoint.fingerprint import model_fingerprint
from kosmos_ros.backends.checkpoint.self_check import SELF_CHECK_FILE
from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import calibrate as command
from kosmos_ros.commands.runs.calibrate_data import MIN_PHRASES
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.types import Box

from ...datasets.folders import annotation_of, HEIGHT, WIDTH, write_image

THERE = Box(0.0, 0.0, 0.5, 0.5)
IMAGES = 60


def instances(count: int) -> dict[str, object]:
    """Return annotations of images of a dog, or of a cat, at the upper left."""
    return {
        'images': [
            {'id': n, 'file_name': f'{n}.png', 'width': WIDTH, 'height': HEIGHT}
            for n in range(1, count + 1)
        ],
        'annotations': [
            {'id': n, 'image_id': n, 'category_id': 1 + n % 2, 'bbox': [0, 0, 32, 24]}
            for n in range(1, count + 1)
        ],
        'categories': [{'id': 1, 'name': 'dog'}, {'id': 2, 'name': 'cat'}],
    }


def write_images(folder: Path, count: int, ending: str = 'png') -> None:
    for number in range(1, count + 1):
        write_image(folder / 'images' / f'{number}.{ending}')


def coco_folder(folder: Path, count: int = IMAGES) -> Path:
    write_images(folder, count)
    (folder / 'instances.json').write_text(json.dumps(instances(count)))
    return folder


def refcoco_folder(folder: Path) -> Path:
    write_images(folder, IMAGES)
    (folder / 'refcoco').mkdir()
    (folder / 'refcoco' / 'instances.json').write_text(json.dumps(instances(IMAGES)))
    references = [
        {
            'ann_id': n,
            'split': 'val',
            'sentences': [{'sent': f'the {("dog", "cat")[n % 2]} number {n}'}],
        }
        for n in range(1, IMAGES + 1)
    ]
    (folder / 'refcoco' / 'refs(unc).p').write_bytes(pickle.dumps(references, protocol=2))
    return folder


def flickr30k_folder(folder: Path) -> Path:
    write_images(folder, IMAGES, 'jpg')
    for name in ('Sentences', 'Annotations'):
        (folder / name).mkdir()
    for n in range(1, IMAGES + 1):
        said = ('[/EN#1/animals A dog] sleeps .', '[/EN#1/vehicles A bus] waits .')[n % 2]
        (folder / 'Sentences' / f'{n}.txt').write_text(said)
        boxes = annotation_of([(['1'], (0, 0, 32, 24))])
        (folder / 'Annotations' / f'{n}.xml').write_text(boxes)
    (folder / 'test.txt').write_text('\n'.join(map(str, range(1, IMAGES + 1))))
    return folder


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user another data folder."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    return tmp_path / 'data'


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the model: it finds whatever it is asked for, and calls it a dog."""
    backend = ScriptedBackend(
        located=lambda _: located('x', THERE, existence=0.99),
        generated=lambda _: ' a dog',
        calibration=Calibration(),
    )
    monkeypatch.setattr(command, 'load_model', lambda *_, **__: backend)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the embedded checkpoint in a folder of its own, without its calibration."""
    left = shutil.ignore_patterns(CALIBRATION_FILE, CHECKSUMS, SELF_CHECK_FILE, 'measured')
    return shutil.copytree(find_checkpoint(EMBEDDED_MODEL), tmp_path / 'model', ignore=left)


@pytest.mark.usefixtures('sure')
@pytest.mark.parametrize(
    ('name', 'write', 'fitted'),
    [
        ('coco', coco_folder, ('existence', 'words')),
        ('refcoco', refcoco_folder, ('existence', 'words')),
        ('flickr30k', flickr30k_folder, ('existence',)),
    ],
)
def test_who_finds_everything_learns_that_half_is_not_there(
    tmp_path: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    write: Callable[[Path], Path],
    fitted: tuple[str, ...],
) -> None:
    out = tmp_path / 'out'
    where = ['--folder', str(write(tmp_path / 'images')), '--output', str(out)]
    assert main(['calibrate', name, *where, '--model', str(model)]) == exit_codes.FOUND
    found = read_calibration(model)
    assert found == read_calibration(out) == calibration_of(model)
    assert found.fitted[:1] == ('existence',)
    assert set(fitted) <= set(found.fitted)
    assert 'written' not in found.fitted
    assert found.existence(0.99) == pytest.approx(0.5, abs=0.1)
    figures = json.loads((out / CALIBRATION_FILE).read_text())['measured']['figures']['existence']
    assert figures['after']['ece'] < 0.1 < figures['before']['ece']
    printed = capsys.readouterr().out
    assert f'fitted on {IMAGES // 2} images of {name}' in printed
    assert 'NOT_FOUND of this model says little' in printed
    for file in ('reliability.png', 'roc.png', 'calibration.html'):
        assert (out / file).stat().st_size > 1000


@pytest.mark.usefixtures('sure')
def test_a_model_in_the_cache_gets_its_calibration_with_the_user(
    tmp_path: Path, model: Path, data_home: Path
) -> None:
    snapshot = tmp_path / 'models--o--n' / 'snapshots' / '0123'
    shutil.move(model, snapshot)
    arguments = ['calibrate', 'coco', '--folder', str(coco_folder(tmp_path / 'images'))]
    arguments += ['--model', str(snapshot), '--output', str(tmp_path / 'out')]
    assert main(arguments) == exit_codes.FOUND
    assert not (snapshot / CALIBRATION_FILE).exists()
    place = data_home / 'kosmos_ros' / 'calibration' / model_fingerprint(snapshot)
    assert read_calibration(place) == calibration_of(snapshot) != Calibration()
    # Weights or settings that were changed since are another model's.
    config = snapshot / 'config.json'
    config.write_text(config.read_text() + '\n')
    assert calibration_of(snapshot) == Calibration()


@pytest.mark.usefixtures('sure')
def test_the_embedded_model_keeps_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = find_checkpoint(EMBEDDED_MODEL) / CALIBRATION_FILE
    before = own.read_bytes()
    arguments = ['calibrate', 'coco', '--folder', str(coco_folder(tmp_path / 'images'))]
    assert main([*arguments, '--output', str(tmp_path / 'out')]) == exit_codes.FOUND
    assert own.read_bytes() == before
    assert 'not in use yet: give --write' in capsys.readouterr().out


@pytest.mark.usefixtures('sure')
def test_images_that_cannot_be_read_are_skipped_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = coco_folder(tmp_path / 'images')
    (folder / 'images' / '7.png').unlink()
    arguments = ['calibrate', 'coco', '--folder', str(folder), '--output', str(tmp_path / 'out')]
    assert main(arguments) == exit_codes.SOME_UNREADABLE
    assert 'skipped coco/7' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('count', 'message'),
    [(10, 'label about 50 images like these'), (1, 'label more images')],
)
def test_too_few_labels_are_refused_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, message: str
) -> None:
    folder = coco_folder(tmp_path / 'images', count)
    assert main(['calibrate', 'coco', '--folder', str(folder)]) == exit_codes.BAD_INPUT
    said = capsys.readouterr().err
    assert f'each half needs {MIN_PHRASES} of both' in said
    assert message in said
    assert 'loading' not in said


def test_a_single_category_has_nothing_that_is_absent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = coco_folder(tmp_path / 'images')
    content = instances(IMAGES)
    for one in content['annotations']:  # type: ignore[attr-defined]
        one['category_id'] = 1
    content['categories'] = [{'id': 1, 'name': 'dog'}]
    (folder / 'instances.json').write_text(json.dumps(content))
    assert main(['calibrate', 'coco', '--folder', str(folder)]) == exit_codes.BAD_INPUT
    assert 'in which some of the categories are missing' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['coco'], 'coco needs --folder'),
        (['coco', '--folder', 'nowhere'], 'expected COCO annotations'),
        (['refcoco', '--folder', 'nowhere'], r'instances.json'),
        (['flickr30k', '--folder', 'nowhere'], r'test.txt'),
        (['coco', '--folder', '.', '--scenes', '5'], '--scenes is for tabletop'),
        (['--folder', '.'], '--folder is for refcoco'),
    ],
)
def test_wrong_arguments_are_explained(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['calibrate', *arguments]) == exit_codes.BAD_INPUT
    assert message in capsys.readouterr().err


def test_a_model_that_is_not_there_is_told_before_the_data_are_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ['calibrate', 'coco', '--folder', 'nowhere', '--model', 'o/n']
    assert main(arguments) == exit_codes.MODEL_FAILED
    assert 'neither a folder nor in the local cache' in capsys.readouterr().err
