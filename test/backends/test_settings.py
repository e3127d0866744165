# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Model settings are checked when made."""

import pytest

from kosmos_ros.backends.settings import ModelSettings


def test_defaults_are_the_embedded_model() -> None:
    assert ModelSettings() == ModelSettings('tabletop', 'auto', 'auto', 'none', 0)


@pytest.mark.parametrize('device', ['auto', 'cpu', 'cuda', 'cuda:0', 'cuda:12'])
def test_devices(device: str) -> None:
    assert ModelSettings(device=device).device == device


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('model', ' '),
        ('device', 'gpu'),
        ('device', 'cuda:'),
        ('device', 'cuda:-1'),
        ('dtype', 'int8'),
        ('quantization', '3bit'),
        ('threads', -1),
        ('no_repeat_ngram_size', -1),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        ModelSettings(**{name: value})


@pytest.mark.parametrize('quantization', ['int8', 'int4'])
def test_what_pytorch_has_is_for_the_cpu(quantization: str) -> None:
    assert ModelSettings(quantization=quantization).device == 'auto'
    with pytest.raises(ValueError, match=rf"{quantization} is for the CPU, got device 'cuda:0'"):
        ModelSettings(quantization=quantization, device='cuda:0')
