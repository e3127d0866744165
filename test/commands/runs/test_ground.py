# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros ground`` with a scripted model."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.cli import main
from kosmos_ros.commands.runs.ground import parse_region
from kosmos_ros.commands.shared_arguments import settings_from_arguments
from kosmos_ros.core.errors import InvalidRequestError, ModelError, ModelLoadError
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.types import Box, Region, ScoredBox

MUG = located('the mug', Box(0.25, 0.5, 0.5, 0.75), score=0.8)

Load = Callable[[Namespace], Backend]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a grey picture of 80 by 40 pixels."""
    path = tmp_path / 'table.jpg'
    Image.new('RGB', (80, 40), (90, 90, 90)).save(path)
    return path


@pytest.fixture
def asked() -> list[ModelSettings]:
    """Return the settings of the models that were loaded."""
    return []


@pytest.fixture
def backend(asked: list[ModelSettings], monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    """Return what the command loads instead of a model."""
    scripted = ScriptedBackend(
        located={'the mug': MUG}, generated=lambda prompt: ' a mug on a table.'
    )

    def load(arguments: Namespace) -> Backend:
        asked.append(settings_from_arguments(arguments))
        return scripted

    monkeypatch.setattr('kosmos_ros.commands.runs.ground.load_model', load)
    return scripted


def load_instead(monkeypatch: pytest.MonkeyPatch, load: Load) -> None:
    """Replace the loading of models."""
    monkeypatch.setattr('kosmos_ros.commands.runs.ground.load_model', load)


def test_a_phrase_is_found_and_drawn_beside_the_input(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = picture.read_bytes()
    assert main(['ground', str(picture), 'the mug']) == 0
    printed = capsys.readouterr().out
    assert 'FOUND' in printed
    assert 'the mug  score 0.80  box 20,20 .. 40,30' in printed
    drawn = picture.with_name('table.grounded.png')
    assert str(drawn) in printed
    assert picture.read_bytes() == before
    with Image.open(drawn) as result, Image.open(picture) as source:
        assert result.size == source.size
        assert np.asarray(result)[25, 20].tolist() != np.asarray(source)[25, 20].tolist()


def test_a_picture_that_is_not_upright_is_shown_upright(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ['ground', str(picture), 'the mug', '--no-save', '--max-looks', '1', '--rotation']
    assert main([*told, '180']) == 0
    # Where the mug is found is seen from the other side.
    assert 'the mug  score 0.80  box 40,10 .. 60,20' in capsys.readouterr().out
    assert main([*told, '90']) == 0
    assert backend.calls.encoded == [(40, 80, 3), (80, 40, 3)]
    with pytest.raises(SystemExit):
        main([*told, '45'])
    assert '0, 90, 180, 270' in capsys.readouterr().err


def test_json_is_all_that_is_printed(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = picture.with_name('here.png')
    assert main(['ground', str(picture), 'the mug; a cup', '--json', '--save', str(target)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [found['box'] for found in answer['detections']] == [[20.0, 20.0, 40.0, 30.0]]
    assert answer['picture'] == str(target)
    assert target.is_file()
    assert not picture.with_name('table.grounded.png').exists()


def test_no_picture_if_none_is_wanted(backend: ScriptedBackend, picture: Path) -> None:
    assert main(['ground', str(picture), 'the mug', '--no-save']) == 0
    assert list(picture.parent.iterdir()) == [picture]


@pytest.mark.parametrize('arguments', [['a cup'], ['the mug', '--min-score', '0.9']])
def test_nothing_found_is_another_exit_code(
    backend: ScriptedBackend, picture: Path, arguments: list[str]
) -> None:
    assert main(['ground', str(picture), *arguments]) == 1


def test_no_query_is_a_description(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['ground', str(picture)]) == 0
    assert 'answer: An image of a mug on a table.' in capsys.readouterr().out
    assert backend.calls.generated == ['<grounding> An image of']


def test_task_and_region_reach_the_model(backend: ScriptedBackend, picture: Path) -> None:
    arguments = ['--task', 'locate', '--region', '20,10,40,20', '--no-save']
    assert main(['ground', str(picture), 'the mug', *arguments]) == 0
    assert backend.calls.encoded == [(20, 40, 3)]
    assert backend.calls.located == [('the mug',)]


def test_alternatives_reach_the_model_and_are_listed(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = ScoredBox(Box(0.0, 0.0, 0.25, 0.5), 0.1)
    scripted = ScriptedBackend({'the mug': replace(MUG, alternatives=(other, other))})
    load_instead(monkeypatch, lambda _: scripted)
    assert main(['ground', str(picture), 'the mug', '--alternatives', '1', '--no-save']) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if 'alternative' in line]
    assert listed == ['  the mug  score 0.10  box 0,0 .. 20,20  (alternative)']


@pytest.fixture
def far_picture(tmp_path: Path) -> Path:
    """Return a grey picture that is much larger than what a model sees."""
    path = tmp_path / 'far.png'
    Image.new('RGB', (1280, 720), (90, 90, 90)).save(path)
    return path


FAR_MUG = located('the mug', Box(0.5, 0.5, 0.52, 0.52))


def test_what_is_small_is_looked_at_closer_within_a_limit(
    far_picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_instead(monkeypatch, lambda _: ScriptedBackend({'the mug': FAR_MUG}))

    def answer(*limit: str) -> dict[str, Any]:
        assert main(['ground', str(far_picture), 'the mug', '--json', '--no-save', *limit]) == 0
        return dict(json.loads(capsys.readouterr().out))

    once = answer('--max-looks', '1')
    assert (once['looks'], once['look_regions']) == (1, [[0, 0, 1280, 720]])
    assert once['looks_wanted'] > 1
    closer = answer()
    assert closer['looks'] == closer['looks_wanted'] == len(closer['look_regions']) > 1
    assert closer['look_regions'][0] == once['look_regions'][0]


def test_looks_can_be_left_out_of_the_picture(
    far_picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_instead(monkeypatch, lambda _: ScriptedBackend({'the mug': FAR_MUG}))

    def white(*options: str) -> bool:
        assert main(['ground', str(far_picture), 'the mug', *options]) == 0
        with Image.open(far_picture.with_name('far.grounded.png')) as result:
            left = np.asarray(result)[:, :638]  # of the mug and its label
        return bool((left == 255).all(axis=2).any())

    assert white()
    assert not white('--hide-looks')


@pytest.mark.parametrize(
    ('looks', 'message'),
    [
        ('0', '1 to 64 expected, got 0'),
        ('65', '1 to 64 expected, got 65'),
        ('-1', '1 to 64 expected, got -1'),
        ('x', "a whole number expected, got 'x'"),
    ],
)
def test_a_limit_of_looks_is_a_number_within_its_range(
    picture: Path, looks: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(['ground', str(picture), 'the mug', f'--max-looks={looks}'])
    assert f'argument --max-looks: {message}' in capsys.readouterr().err


def test_model_options_reach_the_loader(
    backend: ScriptedBackend, picture: Path, asked: list[ModelSettings]
) -> None:
    options = ['--model', 'a/b', '--device', 'cpu', '--dtype', 'bfloat16']
    main(['ground', str(picture), 'the mug', *options, '--quantization', '4bit', '--threads', '3'])
    assert asked == [ModelSettings('a/b', 'cpu', 'bfloat16', '4bit', 3)]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['x', '--region', '1,2,3'], 'four whole numbers'),
        (['x', '--region', 'a,b,c,d'], 'four whole numbers'),
        (['x', '--region', '0,0,0,5'], 'width > 0'),
        (['x', '--region', '900,0,5,5'], 'outside the image'),
        (['x', '--min-score', '1.5'], 'min_score'),
        (['x', '--alternatives', '9'], 'alternatives must be within 0..8, got 9'),
        (['x' * 5000], 'limit'),
        (['x', '--device', 'gpu'], 'device must be'),
        (['x', '--save', 'no/such/folder/x.png'], 'no folder'),
        (['x', '--save', 'x.docx'], "unknown picture format '.docx'"),
    ],
)
def test_wrong_input_is_told_before_the_model_is_loaded(
    backend: ScriptedBackend,
    picture: Path,
    asked: list[ModelSettings],
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(['ground', str(picture), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert 'Traceback' not in error
    assert asked == []


@pytest.mark.parametrize('name', ['missing.png', 'text.png', 'folder', 'table.jpg/x'])
def test_unusable_pictures(
    backend: ScriptedBackend, picture: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (picture.parent / 'text.png').write_text('no picture')
    (picture.parent / 'folder').mkdir()
    assert main(['ground', str(picture.parent / name), 'the mug']) == 2
    assert name in capsys.readouterr().err


def test_the_input_is_never_overwritten(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = picture.read_bytes()
    again = picture.parent / 'x' / '..' / picture.name
    (picture.parent / 'x').mkdir()
    assert main(['ground', str(picture), 'the mug', '--save', str(again)]) == 2
    assert 'would overwrite' in capsys.readouterr().err
    assert picture.read_bytes() == before


def test_the_answer_comes_even_if_the_picture_cannot_be_saved(
    backend: ScriptedBackend, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture.with_name('table.grounded.png').mkdir()
    assert main(['ground', str(picture), 'the mug']) == 2
    printed = capsys.readouterr()
    assert 'the mug  score 0.80' in printed.out
    assert 'table.grounded.png' in printed.err


def test_pictures_with_one_name_but_for_the_ending_do_not_share_their_answer(
    backend: ScriptedBackend, picture: Path
) -> None:
    other = picture.with_suffix('.bmp' if picture.suffix != '.bmp' else '.png')
    Image.open(picture).save(other)
    for one in (picture, other):
        assert main(['ground', str(one), 'the mug']) == 0
        assert picture.with_name(f'{one.name}.grounded.png').is_file()
    assert not picture.with_name(f'{picture.stem}.grounded.png').exists()


def test_an_empty_phrase_is_wrong_input(backend: ScriptedBackend, picture: Path) -> None:
    assert main(['ground', str(picture), ' ', '--task', 'locate']) == 2


def test_a_model_that_cannot_be_loaded(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def load(arguments: Namespace) -> Backend:
        raise ModelLoadError('model.safetensors is missing')

    load_instead(monkeypatch, load)
    assert main(['ground', str(picture), 'the mug']) == 3
    assert capsys.readouterr().err == 'kosmos-ros: model.safetensors is missing\n'


def test_a_model_that_fails(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ScriptedBackend(errors=[ModelError('out of memory')])
    load_instead(monkeypatch, lambda _: broken)
    assert main(['ground', str(picture), 'the mug']) == 3


def test_a_region_is_read() -> None:
    assert parse_region('1, 2,30,40') == Region(1, 2, 30, 40)
    with pytest.raises(InvalidRequestError, match='four whole numbers'):
        parse_region('1,2,3,4,5')
