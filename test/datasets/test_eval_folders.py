# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
``kosmos-ros eval`` on small data sets, by models whose scores are known beforehand.

Spans ``commands.runs``, ``datasets`` and ``evaluation``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
import json
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs import eval as command
from kosmos_ros.commands.runs import eval_bag
from kosmos_ros.core.errors import InvalidDataError
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.types import Box
from kosmos_ros.recordings.bags import BagImage, ImageBag

from ..recordings.conftest import picture, raw, START, WriteBag
from .folders import write_coco, write_flickr30k, write_image, write_refcoco

UPPER_LEFT, LOWER_RIGHT = Box(0, 0, 0.5, 0.5), Box(0.5, 0.5, 1, 1)
MIDDLE, SMALL = Box(0.25, 0.25, 0.75, 0.75), Box(0.1, 0.1, 0.3, 0.3)


class Evaluation:
    """Runs the command and reads what it saved."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def __call__(
        self, backend: ScriptedBackend, *arguments: str | Path, expected: int = exit_codes.FOUND
    ) -> dict[str, Any]:
        self._monkeypatch.setattr(command, 'load_model', lambda _: backend)
        out = self._folder / f'out{len(list(self._folder.iterdir()))}'
        code = main(['eval', *map(str, arguments), '--output', str(out)])
        assert code == expected
        saved: dict[str, Any] = json.loads((out / 'eval.json').read_text())
        return saved


@pytest.fixture
def evaluation(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Evaluation:
    """Return what runs the command."""
    return Evaluation(tmp_path_factory.mktemp('eval'), monkeypatch)


def values(saved: dict[str, Any], kind: str) -> dict[str, float]:
    return {name: figure['value'] for name, figure in saved['figures'][kind].items()}


def spelled(*boxes: Box) -> str:
    between = '</delimiter_of_multi_objects/>'
    return (
        f'<object>{between.join("".join(map(str, cells_from_box(box))) for box in boxes)}</object>'
    )


EXPRESSIONS = {
    'dog at the top left': UPPER_LEFT,
    'left dog': UPPER_LEFT,
    'the other dog, lower right': LOWER_RIGHT,
    'small dog': SMALL,
}


def test_a_perfect_model_has_all_expressions_right(tmp_path: Path, evaluation: Evaluation) -> None:
    backend = ScriptedBackend(located=lambda text: located(text, EXPRESSIONS[text]))
    saved = evaluation(backend, 'refcoco', '--folder', write_refcoco(tmp_path))
    assert values(saved, 'locate, referring expression') == {
        'Acc@0.5': 1,
        'Acc@0.75': 1,
        'mean IoU': 1,
        'accepted': 1,
        'one box': 1,
    }
    assert saved['data'] == 'refcoco-val'
    assert saved['questions'] == 4


def test_an_imperfect_model_has_the_score_it_should(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    """One right, one elsewhere, one refused, one right but loose: Acc@0.5 is 2 of 4."""
    script = {
        'dog at the top left': located('', UPPER_LEFT),
        'left dog': located('', LOWER_RIGHT),
        'the other dog, lower right': located('', LOWER_RIGHT, existence=0.2),
        'small dog': located('', Box(0.1, 0.1, 0.3, 0.44)),
    }
    saved = evaluation(
        ScriptedBackend(located=script), 'refcoco', '--folder', write_refcoco(tmp_path)
    )
    figures = values(saved, 'locate, referring expression')
    assert figures['Acc@0.5'] == 0.5
    assert figures['Acc@0.75'] == 0.25
    assert figures['mean IoU'] == pytest.approx((1 + 0 + 0 + 0.2 / 0.34) / 4, abs=1e-3)
    assert figures['accepted'] == 0.75
    assert saved['splits']['words']['1 or 2']['LOCATE']['value'] == 0.5


def test_the_paper_counts_first_boxes(tmp_path: Path, evaluation: Evaluation) -> None:
    written = {
        '<grounding><phrase> dog at the top left</phrase>': spelled(UPPER_LEFT, LOWER_RIGHT),
        '<grounding><phrase> left dog</phrase>': spelled(LOWER_RIGHT, UPPER_LEFT),
        '<grounding><phrase> the other dog, lower right</phrase>': ' is not there.',
        '<grounding><phrase> small dog</phrase>': spelled(SMALL),
    }
    saved = evaluation(
        ScriptedBackend(generated=written),
        'refcoco',
        '--folder',
        write_refcoco(tmp_path),
        '--protocol',
        'paper',
    )
    assert saved['data'] == 'refcoco-val-paper'
    assert values(saved, 'locate, referring expression')['Acc@0.5'] == 0.5


def test_recalls_of_flickr30k_are_those_of_the_answers(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    """
    Six phrases have boxes.

    'A man' is right at once, 'a hard hat' second, 'two dogs' by one of them only, 'the man' and
    'A street' never, 'He' right.
    """
    begin = '<grounding>'
    man, dogs, hat = Box(0, 0, 0.5, 0.5), Box(0.75, 0, 1, 1), Box(0.125, 0.125, 0.25, 0.25)
    written = {
        f'{begin}<phrase> A man</phrase>': spelled(man),
        f'{begin} A man in<phrase> a hard hat</phrase>': spelled(MIDDLE, hat),
        f'{begin}<phrase> He</phrase>': spelled(man),
        f'{begin} He sees<phrase> two dogs</phrase>': spelled(dogs),
        f'{begin} He sees two dogs near<phrase> the man</phrase>': spelled(dogs),
    }
    backend = ScriptedBackend(generated=written)
    folder = write_flickr30k(tmp_path)
    saved = evaluation(backend, 'flickr30k', '--folder', folder, '--protocol', 'paper')
    assert set(backend.calls.generated) >= set(written)
    figures = values(saved, 'locate, phrase of a caption')
    assert figures['R@1'] == pytest.approx(3 / 6, abs=1e-4)
    assert figures['R@5'] == figures['R@10'] == pytest.approx(4 / 6, abs=1e-4)
    assert figures['R@1 merged'] == pytest.approx(2 / 6, abs=1e-4)
    assert saved['splits']['type']['clothing']['LOCATE']['value'] == 0


def test_coco_counts_all_things_of_a_category(tmp_path: Path, evaluation: Evaluation) -> None:
    """Of image 7 one dog in two, of image 8 a dog elsewhere; every absent one is refused."""
    script = {'dog': located('', UPPER_LEFT), 'cat': located('', MIDDLE)}
    saved = evaluation(
        ScriptedBackend(located=script), 'coco', '--folder', write_coco(tmp_path), '--limit', '2'
    )
    figures = values(saved, 'locate, category')
    assert saved['images'] == 2
    assert figures['recall'] == pytest.approx(2 / 4)
    assert figures['precision'] == pytest.approx(2 / 3, abs=1e-4)
    assert figures['exact count'] == pytest.approx(2 / 3, abs=1e-4)


def spoil(folder: Path, how: str) -> None:
    """Make one image of no use."""
    (image,) = folder.rglob(how.partition(' ')[2])
    if how.startswith('gone'):
        image.unlink()
    elif how.startswith('broken'):
        image.write_bytes(image.read_bytes()[:100])
    else:
        write_image(image, 48, 64)


@pytest.mark.parametrize(
    ('data', 'how', 'questions', 'words'),
    [
        ('coco', 'gone 7.png', 4, 'there is no such image'),
        ('coco', 'broken 8.png', 5, 'damaged image'),
        ('coco', 'turned 9.png', 5, 'leave the EXIF orientation out'),
        ('refcoco', 'gone *0007.jpg', 1, 'there is no such image'),
        ('refcoco', 'broken *0008.jpg', 3, 'damaged image'),
        ('flickr30k', 'gone 100.jpg', 1, 'there is no such image'),
        ('flickr30k', 'gone 100.xml', 1, 'expected boxes as XML'),
        ('flickr30k', 'gone Sentences/200.txt', 5, 'expected captions'),
    ],
)
def test_one_bad_image_is_skipped_counted_and_named(
    data: str,
    how: str,
    questions: int,
    words: str,
    tmp_path: Path,
    evaluation: Evaluation,
    capsys: pytest.CaptureFixture[str],
) -> None:
    writers = {'coco': write_coco, 'refcoco': write_refcoco, 'flickr30k': write_flickr30k}
    folder = writers[data](tmp_path)
    spoil(folder, how)
    saved = evaluation(
        ScriptedBackend(), data, '--folder', folder, expected=exit_codes.SOME_UNREADABLE
    )
    assert saved['questions'] == questions
    ((image, why),) = saved['skipped'].items()
    assert words in why
    told = capsys.readouterr()
    assert f'skipped {image}: {why}' in told.err
    assert f'skipped {image}: {why}' in told.out
    assert ', 1 skipped' in told.out
    assert 'not complete' not in told.out


def test_an_evaluation_without_any_good_image_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, 'load_model', lambda _: ScriptedBackend())
    folder = write_coco(tmp_path)
    for image in (folder / 'images').iterdir():
        image.write_bytes(b'nothing')
    arguments = ['eval', 'coco', '--folder', str(folder), '--output', str(tmp_path / 'out')]
    assert main(arguments) == exit_codes.BAD_INPUT
    assert 'none of 3 images can be used; the first: ' in capsys.readouterr().err


def test_careless_annotations_are_evaluated_and_told_of(
    tmp_path: Path, evaluation: Evaluation, capsys: pytest.CaptureFixture[str]
) -> None:
    """As from a tool on Windows: a mark of the encoding, its folders, one id for all."""
    folder = write_coco(tmp_path)
    content = json.loads((folder / 'instances.json').read_text())
    for entry in content['images']:
        entry['file_name'] = f'data\\upload\\{entry["file_name"]}'
    for entry in content['annotations']:
        entry['id'] = 0
    (folder / 'instances.json').write_text(json.dumps(content), 'utf-8-sig')
    script = {'dog': located('', UPPER_LEFT), 'cat': located('', MIDDLE)}
    saved = evaluation(ScriptedBackend(located=script), 'coco', '--folder', folder, '--limit', '2')
    assert values(saved, 'locate, category')['recall'] == pytest.approx(2 / 4)
    ids, names = saved['warnings']
    assert "6 annotations share their 'id'" in ids
    assert '3 images found without' in names
    assert capsys.readouterr().err.count(ids) == 1


def test_an_evaluation_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = ScriptedBackend()
    monkeypatch.setattr(command, 'load_model', lambda _: backend)
    out = tmp_path / 'out'
    arguments = ['eval', 'coco', '--folder', str(write_coco(tmp_path / 'data'))]
    arguments += ['--output', str(out)]
    assert main(arguments) == exit_codes.FOUND
    whole = json.loads((out / 'eval.json').read_text())
    assert [len(backend.calls.encoded), whole['questions']] == [3, 7]
    lines = (out / 'records.jsonl').read_text().splitlines(keepends=True)
    # Settings, three questions about the first image, one of two about the second, half a line.
    (out / 'records.jsonl').write_text(''.join(lines[:5]) + lines[5][:30])
    assert main(arguments) == exit_codes.FOUND
    assert len(backend.calls.encoded) == 3 + 2
    again = json.loads((out / 'eval.json').read_text())
    assert again['figures'] == whole['figures']
    assert again['questions'] == 7


def test_more_images_continue_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = ScriptedBackend()
    monkeypatch.setattr(command, 'load_model', lambda _: backend)
    arguments = ['eval', 'coco', '--folder', str(write_coco(tmp_path / 'data'))]
    arguments += ['--output', str(tmp_path / 'out')]
    assert main([*arguments, '--limit', '1']) == exit_codes.FOUND
    assert len(backend.calls.encoded) == 1
    assert main([*arguments, '--limit', '2']) == exit_codes.FOUND
    assert len(backend.calls.encoded) == 2
    assert json.loads((tmp_path / 'out/eval.json').read_text())['images'] == 2


def test_a_recording_is_played(
    tmp_path: Path,
    write_bag: WriteBag,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    messages = [
        (START + n * 100_000_000, raw(START + n * 100_000_000, picture(n))) for n in (0, 1, 2, 5)
    ]
    folder = write_bag({'/camera': messages})
    monkeypatch.setattr(eval_bag, 'load_model', lambda _: ScriptedBackend())
    out = tmp_path / 'out'
    arguments = ['eval', 'bag', '--folder', str(folder), '--query', 'a dog', '--output', str(out)]
    assert main(arguments) == exit_codes.FOUND
    saved = json.loads((out / 'bag.json').read_text())
    assert (saved['images'], saved['answered'], saved['missing']) == (4, 4, 2)
    assert saved['topic'] == '/camera'
    assert 'tabletop on /camera: 4 images' in capsys.readouterr().out


def test_a_damaged_recording_is_played_as_far_as_it_goes(
    tmp_path: Path,
    write_bag: WriteBag,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One image of an unknown encoding, then good ones, and an end that cannot be read."""
    unknown = raw(START, picture(0), 'rgb9')
    good = [(START + n * 100_000_000, raw(START, picture(n))) for n in range(1, 4)]
    folder = write_bag({'/camera': [(START, unknown), *good]}, 'sqlite3')

    def cut_off(bag: ImageBag, topic: str) -> Iterator[BagImage]:
        yield from islice(images(bag, topic), 3)
        raise InvalidDataError('damaged after 3 messages')

    images = ImageBag.images
    monkeypatch.setattr(ImageBag, 'images', cut_off)
    monkeypatch.setattr(eval_bag, 'load_model', lambda _: ScriptedBackend())
    out = tmp_path / 'out'
    arguments = ['eval', 'bag', '--folder', str(folder), '--query', 'a dog', '--output', str(out)]
    assert main(arguments) == exit_codes.SOME_UNREADABLE
    saved = json.loads((out / 'bag.json').read_text())
    assert (saved['images'], saved['answered'], saved['unreadable']) == (3, 2, 1)
    unreadable, damaged = saved['problems']
    assert unreadable.startswith('image 0 of /camera: ')
    assert damaged == 'damaged after 3 messages'
    assert f'cannot read {unreadable}' in capsys.readouterr().out


def test_a_wrong_question_is_told_before_the_model_is_loaded(
    write_bag: WriteBag, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(eval_bag, 'load_model', lambda _: pytest.fail('loaded a model'))
    folder = write_bag({'/camera': [(START, raw(START, picture(1)))]})
    code = main(['eval', 'bag', '--folder', str(folder), '--topic', '/rear'])
    assert code == exit_codes.BAD_INPUT
    assert "image topics /camera, got '/rear'" in capsys.readouterr().err
