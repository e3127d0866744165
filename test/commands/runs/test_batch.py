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
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import batch as command
from kosmos_ros.core.model.backend import Located
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
        monkeypatch.setattr(command, 'load_model', lambda _: backend)
        output = ['--output', str(tmp_path / 'out')]
        return main(['batch', str(photos), '--max-looks', '1', *arguments, *output])

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


def test_looks_are_limited_and_told(
    run: Run, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new('RGB', (1280, 720)).save(photos / '1.png')
    far = ScriptedBackend({'a cup': located('a cup', Box(0.5, 0.5, 0.52, 0.52))})
    run(far, '--query', 'a cup', '--every', '10', '--max-looks', '2')
    _, line = (tmp_path / 'out' / command.JOURNAL).read_text().splitlines()
    (answered,) = json.loads(line)['result']['answers']
    assert len(answered['looks']) == 2
    colours = np.asarray(Image.open(tmp_path / 'out' / command.PICTURES / '1.png'))
    assert not (colours[:, :638] == 255).any()  # where the closer look begins
    assert run(far, '--query', 'a cup', '--every', '10', '--max-looks', '3') == 2
    assert 'max_looks: 2 there, 3 now' in capsys.readouterr().err


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


def test_no_picture_is_passed_over_silently(
    tmp_path: Path, photos: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a browser saves, a file without an ending, a format nobody knows, own results."""
    plain = Image.open(photos / 'a.png')
    plain.save(photos / 'd.jfif', 'JPEG')
    plain.save(photos / 'e', 'TIFF')
    plain.save(photos / 'e.jpg')
    plain.save(photos / 'a.grounded.png')
    (photos / 'f.jxl').write_bytes(b'\xff\x0a')
    assert run(knowing(), '--query', 'a cup') == exit_codes.SOME_UNREADABLE
    told = capsys.readouterr().err
    assert '1 files that are no pictures, passed over (notes.txt)' in told
    assert 'saved, passed over (a.grounded.png)' in told
    assert 'cannot read f.jxl' in told
    names = ['a.png', 'b.JPG', 'd.jfif', 'e', 'e.jpg', 'more/c.tiff']
    assert [image['file_name'] for image in coco(tmp_path)['images']] == names
    files = {path.name for path in (tmp_path / 'out' / command.PICTURES).iterdir()}
    assert files == {'a.png', 'b.JPG', 'd.jfif.jpg', 'e_2.jpg', 'e.jpg', 'more'}


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    """Record three images of 40x20 pixels and return the lone file, without its metadata."""
    rosbag2 = pytest.importorskip('rosbags.rosbag2')
    typesys = pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    kind = store.types['sensor_msgs/msg/Image']
    time = store.types['builtin_interfaces/msg/Time']
    header = store.types['std_msgs/msg/Header']
    folder = tmp_path / 'recorded'
    with rosbag2.Writer(folder, version=9, storage_plugin=rosbag2.StoragePlugin.MCAP) as writer:
        topic = writer.add_connection('/camera/image_raw', kind.__msgtype__, typestore=store)
        for number in range(3):
            data = np.full(2400, 90 * number, np.uint8)
            message = kind(header(time(number, 0), 'camera'), 20, 40, 'rgb8', 0, 120, data)
            raw = store.serialize_cdr(message, kind.__msgtype__)
            writer.write(topic, number, raw)
    (file,) = folder.glob('*.mcap')
    return file.rename(tmp_path / 'drive.mcap')


def ask_bag(bag: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> ScriptedBackend:
    """Ask about a bag as the help tells, and return the model."""
    backend = knowing()
    monkeypatch.setattr(command, 'load_model', lambda _: backend)
    given = ['batch', str(bag), '--topic', '/camera/image_raw', '--query', 'a cup', *arguments]
    assert main([*given, '--output', str(bag.parent / 'out')]) == exit_codes.FOUND
    return backend


def test_images_of_a_lone_bag_become_files_on_request(
    tmp_path: Path, bag: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_bag(bag, monkeypatch)
    assert 'are no files; --frames makes them' in capsys.readouterr().out
    names = [f'camera/image_raw/00000{number}' for number in range(3)]
    assert [image['file_name'] for image in coco(tmp_path)['images']] == names
    again = ask_bag(bag, monkeypatch, '--frames')
    assert not again.calls.located
    out = tmp_path / 'out'
    for number, image in enumerate(coco(tmp_path)['images']):
        assert image['file_name'] == f'frames/camera/image_raw/00000{number}.png'
        pixels = np.asarray(Image.open(out / str(image['file_name'])))
        assert pixels.shape == (20, 40, 3)
        assert (pixels == 90 * number).all()
    (out / 'frames/camera/image_raw/000001.png').unlink()
    ask_bag(bag, monkeypatch)
    assert coco(tmp_path)['images'][1]['file_name'] == names[1]


def test_frames_of_a_folder_are_there_already(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(knowing(), '--query', 'a cup', '--frames') == exit_codes.BAD_INPUT
    assert '--frames is for bags' in capsys.readouterr().err


@pytest.mark.parametrize('source', ['folder', 'bag'])
def test_pycocotools_reads_what_was_found(
    source: str, tmp_path: Path, photos: Path, bag: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = pytest.importorskip('pycocotools.coco')
    evaluation = pytest.importorskip('pycocotools.cocoeval')
    if source == 'bag':
        ask_bag(bag, monkeypatch, '--frames')
    else:
        run(knowing(), '--query', 'a cup; a spoon')
    images = tmp_path / 'out' if source == 'bag' else photos
    found = tools.COCO(str(tmp_path / 'out' / command.COCO))
    assert all((images / image['file_name']).is_file() for image in found.imgs.values())
    assert [len(found.getAnnIds(imgIds=[number])) for number in found.imgs] == [1, 1, 1]
    boxes = list(found.anns.values())
    assert found.getAnnIds(areaRng=[99, 101]) == [box['id'] for box in boxes]
    keys = ('image_id', 'category_id', 'bbox', 'score')
    scored = found.loadRes([{key: box[key] for key in keys} for box in boxes])
    judged = evaluation.COCOeval(found, scored, 'bbox')
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == pytest.approx(1.0)


@pytest.mark.parametrize('source', ['folder', 'bag'])
def test_supervision_reads_what_was_found(
    source: str, tmp_path: Path, photos: Path, bag: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It brings too much to be installed for this test alone; where it is, it is asked."""
    supervision = pytest.importorskip('supervision')
    if source == 'bag':
        ask_bag(bag, monkeypatch, '--frames')
    else:
        run(knowing(), '--query', 'a cup; a spoon')
    images = tmp_path / 'out' if source == 'bag' else photos
    data = supervision.DetectionDataset.from_coco(
        str(images), str(tmp_path / 'out' / command.COCO)
    )
    upright, *_ = [(image.shape, found.xyxy.tolist()) for _, image, found in data]
    assert upright == ((20, 40, 3), [[10, 10, 20, 20]])
    assert [data.classes[number] for _, _, found in data for number in found.class_id] == [
        *('a cup', 'a cup', 'a cup'),
    ]


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
    monkeypatch.setattr(command, 'load_model', lambda _: knowing())
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
        monkeypatch.setattr(command, 'load_model', lambda _, chosen=backend: chosen)
        output = str(photos / 'batch_output')
        main(['batch', str(photos), '--query', 'a cup', '--max-looks', '1', '--output', output])
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
    monkeypatch.setattr(command, 'load_model', lambda _: pytest.fail('loaded a model'))
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
