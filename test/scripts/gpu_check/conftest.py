# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A model as the steps make it, but tiny."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('torch', reason='the steps run models')
pytest.importorskip('transformers', reason='the steps run models')

from kosmos_ros.bench.measure.random_checkpoint import random_checkpoint
from test.bench.measure.small_config import small_config


@pytest.fixture(scope='session')
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny checkpoint of random weights with the published vocabulary."""
    return random_checkpoint(tmp_path_factory.mktemp('tiny') / 'model', '', print, small_config())
