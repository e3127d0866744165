# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the embedded model finds does not depend on how many bits a camera has.

Spans ``models.tabletop`` and ``core.images``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import load_image
from kosmos_ros.core.types import GroundingRequest, Status

TABLE = Path(__file__).with_name('grey_table.png')
"""Two black bowls among other things, in 8 bit."""


@pytest.fixture(scope='module')
def grounder() -> Grounder:
    return Grounder(make_backend(ModelSettings(device='cpu', dtype='float32')))


@pytest.mark.parametrize('bits', [8, 10, 12, 16])
def test_two_black_bowls_are_found(grounder: Grounder, tmp_path: Path, bits: int) -> None:
    grey = np.asarray(Image.open(TABLE))
    path = tmp_path / 'table.png'
    values = grey if bits == 8 else grey.astype(np.uint16) << (bits - 8)
    Image.fromarray(values).save(path)
    answer = grounder.ground(load_image(path), GroundingRequest('the black bowl'))
    assert (answer.status, len(answer.detections)) == (Status.FOUND, 2)
