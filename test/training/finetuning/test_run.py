# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of whole fine-tunings of a tiny model, from folder to folder."""

from __future__ import annotations

from collections.abc import Callable
import json
import os
from pathlib import Path
import signal

import pytest
from safetensors.torch import load_file
import torch

from kosmos_ros.backends.checkpoint.calibration_file import CALIBRATION_FILE, write_calibration
from kosmos_ros.backends.kosmos2.loading import load_model
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import InvalidRequestError, ModelError
from kosmos_ros.core.model.calibration import Calibration
from training.finetuning import loop
from training.finetuning.run import finetune
from training.finetuning.settings import Settings
from training.finetuning.state import check_resumable

MakeSettings = Callable[..., Settings]


def curve(settings: Settings, name: str) -> list[float]:
    """Return one figure of the curve, in order."""
    lines = (settings.run_folder / 'curve.jsonl').read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [record[name] for record in records if name in record]


def adapter(settings: Settings) -> dict[str, torch.Tensor]:
    """Return the weights of the adapter that a run wrote."""
    return load_file(settings.adapter_folder / 'adapter_model.safetensors')


def test_a_run_lowers_the_loss_and_writes_a_model_that_loads(
    make_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings(epochs=6, rate=0.01)
    settings.run_folder.mkdir(parents=True)
    write_calibration(settings.to, Calibration(), {})
    assert finetune(settings)
    losses = curve(settings, 'loss')
    assert losses[-1] < 0.8 * losses[0]
    held_out = curve(settings, 'held_out_loss')
    assert len(held_out) == 6
    assert held_out[-1] < held_out[0]
    loaded = load_model(ModelSettings(model=str(settings.to), device='cpu'))
    assert loaded.model.text_model.config.vocab_size == len(loaded.vocabulary)
    assert not (settings.to / CALIBRATION_FILE).exists()
    assert loaded.calibration == Calibration()
    told = capsys.readouterr().out
    assert 'locate, category: F1' in told
    compared = json.loads((settings.run_folder / 'comparison.json').read_text())
    assert set(compared) == {'before', 'after', 'settings'}
    assert 'not calibrated' in (settings.to / 'README.md').read_text()


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_settings(to=tmp_path / 'whole', dropout=0.1)
    parted = make_settings(to=tmp_path / 'parted', dropout=0.1)
    for settings in (whole, parted):
        settings.run_folder.mkdir(parents=True)
    assert finetune(whole)
    train = loop.Loop._train

    def train_and_stop(self: loop.Loop, step: int) -> None:
        train(self, step)
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patched:
        patched.setattr(loop.Loop, '_train', train_and_stop)
        assert not finetune(parted)
    assert not (parted.to / 'model.safetensors').exists()
    resumed = make_settings(to=tmp_path / 'parted', dropout=0.1, resume=True)
    check_resumable(resumed)
    assert finetune(resumed)
    one, other = adapter(whole), adapter(resumed)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_does_not_go_on_with_other_settings(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(epochs=1)
    settings.run_folder.mkdir(parents=True)
    assert finetune(settings)
    with pytest.raises(InvalidRequestError, match='go on with --resume'):
        check_resumable(settings)
    with pytest.raises(InvalidRequestError, match='rank was 16'):
        finetune(make_settings(epochs=1, rank=8, resume=True))


def test_there_must_be_something_to_go_on_with(make_settings: MakeSettings) -> None:
    with pytest.raises(InvalidRequestError, match='to go on from'):
        check_resumable(make_settings(resume=True))


def test_a_model_is_not_overwritten(make_settings: MakeSettings, tiny_folder: Path) -> None:
    with pytest.raises(InvalidRequestError, match='holds a model already'):
        check_resumable(make_settings(to=tiny_folder))


def test_a_rate_that_breaks_the_weights_ends_the_run(make_settings: MakeSettings) -> None:
    settings = make_settings(rate=1e30, full=True)
    settings.run_folder.mkdir(parents=True)
    with pytest.raises(ModelError, match='lower --rate'):
        finetune(settings)


def test_a_full_run_trains_all_weights_and_has_no_adapter(make_settings: MakeSettings) -> None:
    settings = make_settings(full=True, rate=1e-3, epochs=1, targets='soft', checkpointing=True)
    settings.run_folder.mkdir(parents=True)
    assert finetune(settings)
    assert not settings.adapter_folder.exists()
    old = load_file(Path(settings.model) / 'model.safetensors')
    new = load_file(settings.to / 'model.safetensors')
    changed = {name for name in new if not torch.equal(old[name], new[name])}
    assert 'text_model.model.embed_tokens.weight' in changed
    assert any(name.startswith('vision_model') for name in changed)


def test_the_rate_rises_and_falls() -> None:
    factors = [loop.rate_factor(step, 100) for step in range(100)]
    assert factors[4] == pytest.approx(1.0)
    assert factors[:5] == sorted(factors[:5])
    assert factors[5:] == sorted(factors[5:], reverse=True)
    assert 0 < factors[-1] < 0.05
