# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
``kosmos-ros calibrate`` on folders of labelled images.

Spans ``commands.runs.calibrate`` and ``commands.runs.calibrate_data``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
import json
from pathlib import Path
import pickle
import shutil

import numpy as np
from PIL import Image
import pytest
from safetensors.numpy import load_file, save_file

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
from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.model.calibration import Calibration, SCALINGS
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.types import Box, GroundingRequest, Region, Task
from kosmos_ros.sim.rendering.frame import is_nameable
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene, SceneOptions

from ...datasets.folders import annotation_of, HEIGHT, WIDTH, write_image

THERE, ELSEWHERE = Box(0.0, 0.0, 0.5, 0.5), Box(0.5, 0.5, 1.0, 1.0)
IMAGES = 60
SCENES = range(300, 320)


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


def tabletop_folder(folder: Path) -> Path:
    """Render scenes that no training has seen, with what lies there as labels."""
    images, annotations, categories = [], [], Counter[str]()
    (folder / 'images').mkdir(parents=True)
    options = SceneOptions(min_objects=3, max_objects=6, empty_probability=0.0)
    with TabletopRenderer() as renderer:
        for seed in SCENES:
            frame = renderer.render(sample_scene(seed, options))
            height, width = frame.rgb.shape[:2]
            Image.fromarray(frame.rgb).save(folder / 'images' / f'{seed}.png')
            images.append(
                {'id': seed, 'file_name': f'{seed}.png', 'width': width, 'height': height}
            )
            for thing in frame.objects:
                categories[thing.name] += 1
                x0, y0, x1, y1 = box_to_pixels(thing.box, width, height)
                annotations.append(
                    {
                        'image_id': seed,
                        'category_id': thing.name,
                        'bbox': [x0, y0, x1 - x0, y1 - y0],
                        # What is hardly seen is not asked for.
                        'iscrowd': int(not is_nameable(thing)),
                    }
                )
    content = {
        'images': images,
        'annotations': annotations,
        'categories': [{'id': name, 'name': name} for name in categories],
    }
    (folder / 'instances.json').write_text(json.dumps(content))
    return folder


def make_unsure(model: Path) -> None:
    """Have a model choose as before, at a fraction of the log-odds."""
    path = model / 'model.safetensors'
    weights = load_file(path)
    for name in ('weight', 'bias'):
        weights[f'text_model.model.layer_norm.{name}'] *= np.float16(0.4)
    save_file(weights, path, {'format': 'pt'})


@pytest.fixture(autouse=True)
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user another data folder."""
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    return tmp_path / 'data'


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the model: it finds whatever it is asked for, and calls it two dogs."""
    cells = (''.join(map(str, cells_from_box(box))) for box in (THERE, ELSEWHERE))
    two = f'<phrase> a dog</phrase><object>{Tag.DELIMITER.value.join(cells)}</object>'
    backend = ScriptedBackend(
        located=lambda _: located('x', THERE, existence=0.99),
        generated=lambda prompt: ' a dog' if str(prompt).endswith(' is') else two,
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
        ('coco', coco_folder, {'existence', 'written', 'words'}),
        ('refcoco', refcoco_folder, {'existence', 'written', 'words'}),
        ('flickr30k', flickr30k_folder, {'existence', 'written'}),
    ],
)
def test_who_finds_everything_learns_that_half_is_not_there(
    tmp_path: Path,
    model: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    write: Callable[[Path], Path],
    fitted: set[str],
) -> None:
    out = tmp_path / 'out'
    where = ['--folder', str(write(tmp_path / 'images')), '--output', str(out)]
    assert main(['calibrate', name, *where, '--model', str(model)]) == exit_codes.FOUND
    found = read_calibration(model)
    assert found == read_calibration(out) == calibration_of(model)
    # Chance decides whether an existence of one half is enough for boxes to be judged.
    assert set(found.fitted) - {'box'} == fitted
    assert found.existence(0.99) == pytest.approx(0.5, abs=0.1)
    measured = json.loads((out / CALIBRATION_FILE).read_text())['measured']
    assert set(measured['not_fitted']) == set(SCALINGS) - set(found.fitted)
    figures = measured['figures']['existence']
    assert figures['after']['ece'] < 0.1 < figures['before']['ece']
    printed = capsys.readouterr().out
    assert f'fitted on {IMAGES // 2} images of {name}' in printed
    assert 'NOT_FOUND of this model says little' in printed
    assert ('not those of IDENTIFY' in printed) == ('words' not in fitted)
    # Answers are calibrated from now on, as far as something was fitted.
    grounder = Grounder(ScriptedBackend(calibration=calibration_of(model)))
    for request, scores in (
        (GroundingRequest('the dog', Task.LOCATE), {'existence', 'box'}),
        (GroundingRequest('', Task.DESCRIBE), {'written'}),
        (GroundingRequest('where is the dog?', Task.ASK), {'written'}),
        (GroundingRequest('', Task.IDENTIFY, Region(0, 0, 20, 20)), {'words'}),
    ):
        answer = grounder.ground(np.zeros((48, 64, 3), np.uint8), request)
        assert answer.calibrated == (scores <= set(found.fitted))
    for file in ('reliability.png', 'roc.png', 'calibration.html'):
        assert (out / file).stat().st_size > 1000


def test_a_model_that_is_too_unsure_is_right_as_often_as_it_says_afterwards(
    tmp_path: Path, model: Path
) -> None:
    make_unsure(model)
    folder, out = tabletop_folder(tmp_path / 'images'), tmp_path / 'out'
    where = ['--folder', str(folder), '--output', str(out), '--device', 'cpu']
    assert main(['calibrate', 'coco', *where, '--model', str(model)]) == exit_codes.FOUND
    figures = json.loads((out / CALIBRATION_FILE).read_text())['measured']['figures']['existence']
    before, after = figures['before'], figures['after']
    assert before['ece'] > 0.1
    assert after['ece'] < before['ece'] / 2
    assert after['nll'] < before['nll']
    assert after['auc'] == before['auc'] > 0.9
    assert calibration_of(model).covers(['existence'])


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
    arguments += ['--no-texts', '--output', str(tmp_path / 'out')]
    assert main(arguments) == exit_codes.FOUND
    assert own.read_bytes() == before
    printed = capsys.readouterr().out
    assert 'not in use yet: give --write' in printed
    assert 'stays as the model gives it: not asked for, --no-texts' in printed


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
        (['--no-texts'], '--texts is for refcoco'),
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
