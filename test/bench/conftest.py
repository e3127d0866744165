# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The embedded model measured once, with next to no repeats."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
import os
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest

torch = pytest.importorskip('torch', reason='the benchmark runs models')
pytest.importorskip('transformers', reason='the benchmark runs models')

from PIL import Image  # noqa: E402

from kosmos_ros.backends.checkpoint.files import find_checkpoint  # noqa: E402
from kosmos_ros.backends.factory import make_backend  # noqa: E402
from kosmos_ros.backends.settings import EMBEDDED_MODEL, ModelSettings  # noqa: E402
from kosmos_ros.bench.machine import machine  # noqa: E402
from kosmos_ros.bench.measure.bandwidth import parameter_count  # noqa: E402
from kosmos_ros.bench.measure.picture import save_picture  # noqa: E402
from kosmos_ros.bench.measure.recipe import measure_recipe  # noqa: E402
from kosmos_ros.bench.measure.variant import measure_variant, VariantJob  # noqa: E402
from kosmos_ros.bench.plan import AS_WRITTEN, BenchPlan  # noqa: E402
from kosmos_ros.bench.timing import Effort  # noqa: E402
from kosmos_ros.core.images.images import load_image  # noqa: E402

TWICE = Effort(2, 2, 0.0)
SIZES = ('640x480', '1920x1080')


@pytest.fixture
def modules_after() -> Callable[[str], list[str]]:
    """Import a module in a fresh interpreter and return the names of all that it loaded."""

    def load(module: str) -> list[str]:
        ended = subprocess.run(
            [sys.executable, '-c', f'import sys, {module}; print(*sys.modules)'],
            env={**os.environ, 'PYTHONPATH': str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        )
        return ended.stdout.split()

    return load


@pytest.fixture(scope='session')
def plan() -> BenchPlan:
    """Return a plan of little work."""
    return BenchPlan(
        seed={128: Effort(1, 1, 0.0), 24: TWICE, 5: TWICE},
        short=TWICE,
        phrase_counts=(1, 3),
        camera_counts=(1, 2),
        image_sizes=((640, 480), (800, 600)),
        agreement_phrases=10,
        scenes=1,
        node_frames=1,
    )


@pytest.fixture(scope='session')
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the picture that is asked about."""
    return save_picture(tmp_path_factory.mktemp('picture') / 'picture.png', pytest.fail)


@pytest.fixture(scope='session')
def embedded() -> Path:
    """Return the embedded model's folder."""
    return find_checkpoint(EMBEDDED_MODEL)


@pytest.fixture(scope='session')
def ours(plan: BenchPlan, picture: Path) -> dict[str, Any]:
    """Return what is measured of this package."""
    settings = ModelSettings(device='cpu', dtype='float32')
    backend = make_backend(settings)
    image = load_image(picture)
    job = VariantJob(backend, settings, 0.5, image, plan, growth=True, accuracy=True)
    return measure_variant(job, lambda _: None) | {'peak_without_files': 1e9}


@pytest.fixture(scope='session')
def recipe(plan: BenchPlan, picture: Path, embedded: Path) -> dict[str, Any]:
    """Return what is measured of the recipe."""
    with Image.open(picture) as image:
        found = measure_recipe(embedded, 'float32', image.convert('RGB'), plan, 16)
    return found | {'peak_without_files': 1e9}


@pytest.fixture
def run(ours: dict[str, Any], recipe: dict[str, Any], embedded: Path) -> dict[str, Any]:
    """Return a run as it is saved, for the test to change; its node has made-up times."""
    small = {
        'name': EMBEDDED_MODEL,
        'parameters': parameter_count(embedded),
        'large': False,
        'note': '',
        'ours': {'default': ours, 'bfloat16': ours, 'int8': {'left_out': 'no time'}},
        'seed': {'float32': recipe, 'bfloat16': recipe},
    }
    large = deepcopy(small) | {'name': 'random', 'large': True, 'note': 'random weights'}
    large['ours']['int8'] = deepcopy(ours)
    # Which targets are met must not depend on how busy this machine is: 50 times as fast.
    large['ours']['default']['first']['seconds'] = [0.1]
    large['seed']['float32']['locate'][str(AS_WRITTEN)]['seconds'] = [5.0]
    times = {'echo': [0.003] * 3, 'instant': [0.004] * 3, 'model': [0.09] * 3}
    node = {size: times | {'inference': [0.08] * 3} for size in SIZES}
    return deepcopy(
        {
            'when': '2026-01-02T03:04:05+00:00',
            'quick': True,
            'machine': machine(),
            'models': [small, large],
            'node': {'sizes': node, 'model': EMBEDDED_MODEL, 'shared_memory': True},
            'bandwidths': [1e10, 2e10],
            'seconds': 60.0,
        }
    )


@pytest.fixture
def leave_out() -> Callable[[dict[str, Any]], None]:
    """Return a function that takes every measurement of a model away."""

    def take_away(model: dict[str, Any]) -> None:
        for part in (model['ours'], model['seed']):
            for name in part:
                part[name] = {'left_out': 'no memory'}

    return take_away
