# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``training.train``, its state and ``training.export``, by a tiny training."""

from __future__ import annotations

import json
import os
from pathlib import Path
import shutil

import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, GenerationConfig

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, write_calibration
from kosmos_ros.backends.checkpoint.files import CHECKSUMS
from kosmos_ros.core.model.calibration import Calibration
from scripts.card.curve import read_curve
from scripts.card.prose import training_facts
from training.export import (
    CURVE_FILE,
    export,
    export_history,
    MEASURED,
    restored_model,
    TRAINING_FILE,
)
from training.export import main as export_main
from training.pretraining.settings import parse_arguments, Settings
from training.pretraining.state import (
    CHECKPOINT,
    Counters,
    read_checkpoint,
    SharedState,
    take_weights,
    Trained,
    vision_parameters,
)
from training.train import ENOUGH_SHARDS, rendered, shards, train, wait_for

TINY = (
    *('--scenes', '0', '--minutes', '10', '--batch', '4'),
    *('--width', '32', '--vision-layers', '1'),
)


def settings(pool: Path, out: Path, images: int, *more: str) -> Settings:
    places = ('--pool', str(pool), '--out', str(out), '--images', str(images))
    return parse_arguments([*places, *TINY, *more])


@pytest.fixture(scope='module')
def finished(pool_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a training of 48 images in two processes."""
    out = tmp_path_factory.mktemp('training')
    train(settings(pool_folder, out, 48))
    return out


def test_a_training_saves_logs_and_goes_on(finished: Path, pool_folder: Path) -> None:
    first = read_checkpoint(finished)
    assert first['counters']['images'] == 48
    assert first['counters']['step'] == 5  # 8 images a step, 16 towards the end
    train(settings(pool_folder, finished, 96, '--resume', '--world', '1'))
    second = read_checkpoint(finished)
    assert second['counters']['images'] == 100
    assert second['counters']['step'] > first['counters']['step']
    assert second['counters']['seconds'] > first['counters']['seconds']
    assert not torch.equal(first['values'], second['values'])
    lines = (finished / 'curve.jsonl').read_text().splitlines()
    assert [json.loads(line)['images'] for line in lines] == [48, 100]
    log = (finished / 'train.log').read_text()
    assert 'validation' in log
    assert 'trained 100 images' in log


def test_text_alone_is_learned_behind_the_vision_tower_of_another_model(
    pool_folder: Path, tmp_path: Path
) -> None:
    torch.manual_seed(7)
    other = Trained(32, 1)
    with torch.no_grad():
        for value in vision_parameters(other.model).values():
            value.normal_()
    export(other.model, tmp_path / 'other')
    always_boxes = ('--absent-share', '0', '--phrase-loss', '--world', '1')
    vision = ('--vision-from', str(tmp_path / 'other'))
    train(settings(pool_folder, tmp_path / 'out', 16, *always_boxes, *vision))
    trained, started = restored_model(tmp_path / 'out'), Trained(32, 1).model
    theirs = vision_parameters(other.model)
    for name, value in vision_parameters(trained).items():
        torch.testing.assert_close(value, theirs[name], atol=2e-3, rtol=2e-3)
    words = trained.text_model.model.embed_tokens.weight
    assert not torch.equal(words, started.text_model.model.embed_tokens.weight)


@pytest.mark.parametrize('vision_only', [True, False])
def test_weights_of_another_size_are_refused(tmp_path: Path, vision_only: bool) -> None:
    export(Trained(32, 1).model, tmp_path)
    with pytest.raises(ValueError, match='this model needs'):
        take_weights(Trained(48, 1), tmp_path, vision_only=vision_only)


@pytest.mark.parametrize(('ours', 'theirs'), [(2, 1), (1, 2)])
def test_weights_of_a_model_of_another_depth_are_refused(
    tmp_path: Path, ours: int, theirs: int
) -> None:
    export(Trained(32, theirs).model, tmp_path)
    with pytest.raises(ValueError, match=r'layers\.1\..*(has|needs) no'):
        take_weights(Trained(32, ours), tmp_path)


def test_all_weights_are_taken_from_another_model(tmp_path: Path) -> None:
    other, ours = Trained(32, 1), Trained(32, 1)
    with torch.no_grad():
        for value in other.model.parameters():
            value.mul_(1.5)
    export(other.model, tmp_path)
    take_weights(ours, tmp_path)
    theirs = other.model.state_dict()
    for name, value in ours.model.state_dict().items():
        torch.testing.assert_close(value, theirs[name], atol=2e-3, rtol=2e-3)


def test_a_checkpoint_of_another_size_is_refused(tmp_path: Path) -> None:
    SharedState(Trained(32, 1), 1).save(tmp_path, Counters(), {})
    with pytest.raises(ValueError, match='this model needs'):
        SharedState(Trained(48, 1), 1).restore(tmp_path)


def test_a_failed_process_ends_the_training(tmp_path: Path) -> None:
    with pytest.raises(ChildProcessError):
        train(settings(tmp_path / 'nowhere', tmp_path, 8, '--world', '1'))


class Ending:
    """A process whose sentinel has ended, and which ends itself when waited for."""

    def __init__(self, status: int) -> None:
        self.sentinel, writer = os.pipe()
        os.close(writer)
        self.exitcode: int | None = None
        self._status = status

    def join(self) -> None:
        self.exitcode = self._status
        os.close(self.sentinel)


def test_a_process_fails_a_little_later_than_its_sentinel() -> None:
    wait_for([Ending(0), Ending(0)])
    with pytest.raises(ChildProcessError, match='ended with 7'):
        wait_for([Ending(0), Ending(7)])


def test_what_is_exported_loads_with_the_stock_classes(finished: Path, tmp_path: Path) -> None:
    model = restored_model(finished)
    export_main(['--run', str(finished), '--to', str(tmp_path)])
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}
    loaded = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32)
    theirs = loaded.state_dict()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(theirs[name], value, atol=2e-3, rtol=2e-3)
    generation = GenerationConfig.from_pretrained(tmp_path)
    assert (generation.eos_token_id, generation.no_repeat_ngram_size) == (2, 0)
    assert len(AutoProcessor.from_pretrained(tmp_path).tokenizer) == len(
        theirs['text_model.model.embed_tokens.weight']
    )


def test_a_model_card_survives_exporting_and_a_calibration_does_not(tmp_path: Path) -> None:
    (tmp_path / 'README.md').write_text('card')
    write_calibration(tmp_path, Calibration(), {})
    export(Trained(32, 1).model, tmp_path)
    assert (tmp_path / 'README.md').read_text() == 'card'
    assert not (tmp_path / CALIBRATION_FILE).exists()
    assert CALIBRATION_FILE not in (tmp_path / CHECKSUMS).read_text()
    assert 'float32' not in (tmp_path / 'config.json').read_text()


def test_a_checkpoint_of_another_model_is_not_exported(tmp_path: Path) -> None:
    SharedState(Trained(32, 1), 1).save(tmp_path, Counters(), {'width': 48, 'vision_layers': 1})
    with pytest.raises(ValueError, match='export it with the code that trained it'):
        restored_model(tmp_path)


def test_an_export_tells_how_the_model_was_trained(finished: Path, tmp_path: Path) -> None:
    export_history(finished, tmp_path)
    history = json.loads((tmp_path / MEASURED / TRAINING_FILE).read_text())
    assert history['counters']['images'] == read_checkpoint(finished)['counters']['images']
    assert history['settings']['width'] == 32
    assert history['pool_images'] > 0
    assert not {'pool', 'out'} & set(history['settings'])
    curve = (tmp_path / MEASURED / CURVE_FILE).read_text()
    assert curve == (finished / 'curve.jsonl').read_text()


def test_a_model_that_learned_on_has_the_history_of_the_first_too(
    finished: Path, tmp_path: Path
) -> None:
    first, second, run = tmp_path / 'first', tmp_path / 'second', tmp_path / 'run'
    export_history(finished, first)
    shutil.copytree(finished, run)
    content = read_checkpoint(run)
    content['settings']['start_from'] = str(first)
    torch.save(content, run / CHECKPOINT)
    export_history(run, second)
    history = json.loads((second / MEASURED / TRAINING_FILE).read_text())
    assert history['before'] == json.loads((first / MEASURED / TRAINING_FILE).read_text())
    before, after = (read_curve(folder / MEASURED / CURVE_FILE) for folder in (first, second))
    assert after[: len(before)] == before
    assert after[-1].images == 2 * before[-1].images
    assert after[-1].iou == before[-1].iou
    assert ' steps, ' in training_facts(history).partition('Then, from these weights')[2]


def test_what_is_no_training_is_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        export_main(['--run', str(tmp_path), '--to', str(tmp_path / 'model')])
    assert ended.value.code == 2
    assert 'holds no checkpoint.pt' in capsys.readouterr().err
    assert not (tmp_path / 'model').exists()


def test_a_pool_may_be_taken_as_it_is(tmp_path: Path) -> None:
    with rendered(tmp_path / 'pool', 0):
        assert not (tmp_path / 'pool').exists()


def test_a_renderer_that_cannot_work_ends_the_training(tmp_path: Path) -> None:
    (tmp_path / 'pool.json').write_text('{"first_seed": 5, "shard_size": 2}')
    with pytest.raises(ChildProcessError), rendered(tmp_path, 1000):
        pytest.fail('there is nothing to train on')


def test_enough_shards_are_not_waited_for(tmp_path: Path) -> None:
    for number in range(ENOUGH_SHARDS):
        (tmp_path / f'scenes_{number:05d}.json').write_text('[]')
        (tmp_path / f'images_{number:05d}.npy').touch()
    with rendered(tmp_path, 1000 * ENOUGH_SHARDS):
        assert shards(tmp_path) == ENOUGH_SHARDS
