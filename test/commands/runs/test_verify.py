# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""``kosmos-ros verify`` with scripted models, the embedded one, and one of the published files."""

from __future__ import annotations

from argparse import Namespace
import json
from pathlib import Path
from typing import Any

from PIL import Image
import pytest

from kosmos_ros.backends.checkpoint.files import PUBLISHED_MODEL
from kosmos_ros.cli import main
from kosmos_ros.commands import exit_codes
from kosmos_ros.commands.runs.verify import kind_of
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.verification.outcome import ModelKind

from ...verification.conftest import one_word_else, PublishedBackend, snow  # noqa: F401

COMMIT = 'e91cfbcb4ce051b6a55bfb5f96165a3bbf5eb82c'


@pytest.fixture
def images(tmp_path: Path, snow: RgbImage) -> Path:  # noqa: F811
    """Return a folder with the demo pictures, here of noise."""
    folder = tmp_path / 'pictures'
    folder.mkdir()
    Image.fromarray(snow).save(folder / 'snowman.png')
    Image.fromarray(snow).save(folder / 'annotated_snowman.jpg')
    return folder


@pytest.fixture(scope='module')
def hub(
    published_processor: Any,
    snow: RgbImage,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """
    Return a cache of downloads that holds the files of the published model.

    Vocabulary and settings are the published ones; the weights are few, and random.
    """
    from ...backends.conftest import tiny_model  # noqa: PLC0415

    cache = tmp_path_factory.mktemp('hub')
    repository = cache / 'models--microsoft--kosmos-2-patch14-224'
    blobs, snapshot = repository / 'blobs', repository / 'snapshots' / COMMIT
    snapshot.mkdir(parents=True)
    processor = published_processor
    tiny_model(len(processor.tokenizer), 224, 14).save_pretrained(blobs)
    # In files of their own, as the repository has them, not in one processor_config.json.
    processor.tokenizer.save_pretrained(blobs)
    processor.image_processor.save_pretrained(blobs)
    Image.fromarray(snow).save(blobs / 'snowman.png')
    for blob in blobs.iterdir():
        (snapshot / blob.name).symlink_to(blob)
    return cache


def load_instead(backend: Backend | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the loading of models; None: loading fails the test."""

    def load(arguments: Namespace) -> Backend:
        assert backend is not None, 'the model was loaded before the arguments were checked'
        return backend

    monkeypatch.setattr('kosmos_ros.commands.runs.verify.load_model', load)


def test_the_published_model_is_as_published(
    images: Path,
    snow: RgbImage,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_instead(PublishedBackend(snow), monkeypatch)
    output = tmp_path / 'out'
    assert main(['verify', '--images', str(images), '--output', str(output)]) == 0
    printed = capsys.readouterr().out
    assert printed.count('as published') == 11 + 1
    assert 'differs' not in printed
    assert json.loads((output / 'verify.json').read_text())['as_published'] == 11
    page = (output / 'report.html').read_text()
    assert 'all 11 answers, token by token' in page
    assert 'own picture of the brief caption' in page


def test_one_token_that_differs_is_exit_code_1(
    images: Path,
    snow: RgbImage,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    load_instead(PublishedBackend(snow, written=one_word_else), monkeypatch)
    output = tmp_path / 'out'
    assert main(['verify', '--images', str(images), '--output', str(output)]) == 1
    printed = capsys.readouterr().out
    assert "published ' cozy', here ' snug'" in printed
    assert '1 of 11 answers differ' in printed


def test_4_bits_are_compared_with_what_4_bits_published(
    images: Path,
    snow: RgbImage,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_instead(PublishedBackend(snow, '4bit'), monkeypatch)
    words = ['verify', '--images', str(images), '--output', str(tmp_path), '--quantization']
    assert main([*words, '4bit']) == 0


def test_the_embedded_model_differs_and_that_is_no_fault(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['verify', '--images', str(images), '--output', str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert '11 of 11 answers differ' in printed
    assert 'That is no fault' in printed
    assert 'float32' in printed
    answers = json.loads((tmp_path / 'verify.json').read_text())['answers']
    assert all(one['first_difference'] for one in answers)


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
@pytest.mark.parametrize('quantization', ['none', 'int4', '4bit'])
def test_random_weights_in_the_published_files_differ_in_every_answer(
    hub: Path,
    quantization: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if quantization == '4bit':
        pytest.importorskip('bitsandbytes')
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(hub))
    words = ['--model', PUBLISHED_MODEL, '--device', 'cpu', '--dtype', 'float32']
    words += ['--quantization', quantization]
    assert main(['verify', *words, '--output', str(tmp_path)]) == exit_codes.NOT_WELL
    printed = capsys.readouterr().out
    assert printed.count('differs at token') == 11
    assert '11 of 11 answers differ from the published ones' in printed
    content = json.loads((tmp_path / 'verify.json').read_text())
    assert (content['kind'], content['quantization']) == ('the published model', quantization)
    assert ('weights are rounded' in content['explanation']) == (quantization != 'none')
    for one in content['answers']:
        assert one['here'] != one['published']
        assert one['first_difference']['here'] in one['here']
        assert one['first_difference']['published'] in one['published']
    page = (tmp_path / 'report.html').read_text()
    assert page.count('<dt>first</dt>') == 11


@pytest.mark.parametrize(
    ('words', 'code', 'told'),
    [
        (['--model', '/no/model'], 3, 'no such folder, and not a hub id'),
        (['--model', 'a/b'], 3, 'kosmos-ros download a/b'),
        (['--model', '{empty}'], 3, 'config.json is missing'),
        (['--device', 'gpu'], 2, 'device must be'),
        (['--images', '/no/pictures'], 2, '--images /no/pictures: there is no such folder'),
        (['--images', '{empty}'], 2, 'snowman.png is not in {empty}. Name a folder that holds'),
        ([], 2, f'"kosmos-ros download {PUBLISHED_MODEL} --images-only" fetches it'),
    ],
)
def test_wrong_input_is_told_before_the_model_is_loaded(
    words: list[str],
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(tmp_path / 'cache'))
    load_instead(None, monkeypatch)
    empty = tmp_path / 'empty'
    empty.mkdir()
    output = tmp_path / 'out'
    filled = [word.format(empty=empty) for word in words]
    assert main(['verify', '--output', str(output), *filled]) == code
    assert told.format(empty=empty) in capsys.readouterr().err
    assert not output.exists()


def test_pictures_are_found_where_downloads_of_the_published_model_are(
    images: Path,
    snow: RgbImage,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = tmp_path / 'cache'
    snapshots = cache / 'models--microsoft--kosmos-2-patch14-224' / 'snapshots'
    snapshots.mkdir(parents=True)
    images.rename(snapshots / COMMIT)
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_CACHE', str(cache))
    load_instead(PublishedBackend(snow), monkeypatch)
    assert main(['verify', '--output', str(tmp_path / 'out')]) == 0
    # With its pictures alone, the model itself is not there.
    assert main(['verify', '--model', PUBLISHED_MODEL]) == 3


@pytest.mark.parametrize(
    ('model', 'kind'),
    [
        ('tabletop', ModelKind.EMBEDDED),
        (PUBLISHED_MODEL, ModelKind.PUBLISHED),
        (f'{PUBLISHED_MODEL}@abc', ModelKind.PUBLISHED),
        ('somebody/kosmos-2-patch14-224', ModelKind.OTHER),
        ('/some/folder', ModelKind.OTHER),
    ],
)
def test_which_model_a_name_means(model: str, kind: ModelKind) -> None:
    assert kind_of(model) is kind
