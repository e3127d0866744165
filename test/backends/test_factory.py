# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Making backends."""

import importlib.util
import os
from pathlib import Path
import subprocess
import sys

import pytest

from kosmos_ros.backends.factory import load_backend, make_backend, WAITING_THREADS
from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import MissingDependencyError, ModelLoadError


def test_a_folder_becomes_a_backend(tiny_folder: Path) -> None:
    backend = make_backend(ModelSettings(model=str(tiny_folder), device='cpu'))
    assert backend.model_name == str(tiny_folder)
    assert os.environ['HF_HUB_OFFLINE'] == '1'


def test_a_backend_has_run_before_it_is_handed_out(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed = []
    real = TransformersBackend.warm_up

    def warm_up(self: TransformersBackend) -> None:
        real(self)
        warmed.append(self)

    monkeypatch.setattr(TransformersBackend, 'warm_up', warm_up)
    assert warmed == [make_backend(ModelSettings(model=str(tiny_folder), device='cpu'))]


def test_a_model_is_loaded_by_name_with_the_values_given(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        'kosmos_ros.backends.factory.make_backend', lambda *all_: asked.append(all_)
    )
    load_backend()
    load_backend(
        tiny_folder,
        device='cpu',
        dtype='float32',
        quantization='int8',
        threads=3,
        show_progress=True,
    )
    own = ModelSettings(str(tiny_folder), 'cpu', 'float32', quantization='int8', threads=3)
    assert asked == [(ModelSettings(), False), (own, True)]
    with pytest.raises(ValueError, match="got 'float3'"):
        load_backend(dtype='float3')


def test_what_cannot_be_loaded_is_an_error() -> None:
    with pytest.raises(ModelLoadError):
        make_backend(ModelSettings(model='/nowhere'))


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, 'find_spec', lambda name: None if name == 'accelerate' else real(name)
    )
    with pytest.raises(MissingDependencyError, match='pip install accelerate'):
        make_backend(ModelSettings())


@pytest.mark.parametrize(
    'chosen', [{}, {'OMP_WAIT_POLICY': 'ACTIVE'}, {'GOMP_SPINCOUNT': '7'}], ids=str
)
def test_waiting_threads_soon_sleep_unless_the_user_says_otherwise(
    tiny_folder: Path, chosen: dict[str, str]
) -> None:
    code = (
        'import os, sys; from kosmos_ros.backends.factory import make_backend, WAITING_THREADS;'
        'from kosmos_ros.backends.settings import ModelSettings;'
        "make_backend(ModelSettings(model=sys.argv[1], device='cpu'));"
        "print('', *(os.environ[name] for name in WAITING_THREADS), sep='\\n')"
    )
    others = {name: value for name, value in os.environ.items() if name not in WAITING_THREADS}
    command = [sys.executable, '-c', code, str(tiny_folder)]
    printed = subprocess.run(
        command, env=others | chosen, check=True, capture_output=True, text=True, timeout=200
    ).stdout
    assert printed.split()[-2:] == list((WAITING_THREADS | chosen).values())


def test_neither_settings_nor_factory_import_torch() -> None:
    code = (
        'import sys, kosmos_ros.backends.factory, kosmos_ros.backends.scripted;'
        'sys.exit(any(name in sys.modules for name in ("torch", "transformers")))'
    )
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0
