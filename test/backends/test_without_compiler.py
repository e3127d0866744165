# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Models are loaded without PyTorch's compiler, which is there afterwards."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys

import pytest

PROGRAM = """
import sys

import numpy as np

from kosmos_ros.backends.factory import make_backend, make_backend_of_process
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.grounder import never
from kosmos_ros.core.model.backend import queries_about

HEAVY = ('torch._dynamo', 'torch._inductor', 'torch.distributed.tensor')

def answers(make):
    backend = make(ModelSettings(model=sys.argv[1], device='cpu', dtype='float32'))
    (frame,) = backend.encode([np.full((20, 30, 3), 90, np.uint8)])
    return backend.locate(queries_about(frame, ['the red cube', 'a']), 2, never)

lean = answers(make_backend_of_process)
print([name for name in HEAVY if name in sys.modules])

import torch

compiled = torch._dynamo.disable(len)
print(sys.modules['torch._dynamo'].__file__.endswith('__init__.py'), compiled([1, 2]))
print(torch.distributed.is_available())
print(answers(make_backend) == lean)
"""


BITSANDBYTES = """
import sys
from kosmos_ros.backends.factory import make_backend_of_process
from kosmos_ros.backends.settings import ModelSettings
make_backend_of_process(ModelSettings(sys.argv[1], 'cpu', 'float32', sys.argv[2]), warm_up=False)
print('torch._dynamo' in sys.modules)
"""


@pytest.mark.parametrize('quantization', ['8bit', '4bit'])
def test_who_needs_the_compiler_has_it(tiny_folder: Path, quantization: str) -> None:
    pytest.importorskip('bitsandbytes')
    printed = subprocess.run(
        [sys.executable, '-c', BITSANDBYTES, str(tiny_folder), quantization],
        check=True,
        capture_output=True,
        text=True,
        timeout=500,
    ).stdout
    assert printed.split() == ['True']


def test_answers_are_the_same_and_the_compiler_is_left_alone(tiny_folder: Path) -> None:
    printed = subprocess.run(
        [sys.executable, '-c', PROGRAM, str(tiny_folder)],
        check=True,
        capture_output=True,
        text=True,
        timeout=500,
    ).stdout
    assert printed.splitlines() == ['[]', 'True 2', 'True', 'True']
