# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The plot is a picture, whatever was left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
import pytest

pytest.importorskip('matplotlib', reason='plots need matplotlib')

from kosmos_ros.bench.report.plot import DPI, HEIGHT, save_plot, WIDTH


def pixels(path: Path) -> np.ndarray[Any, Any]:
    with Image.open(path) as picture:
        assert picture.format == 'PNG'
        return np.asarray(picture.convert('RGB'))


def test_it_is_a_picture_of_the_stated_size(run: dict[str, Any], tmp_path: Path) -> None:
    save_plot(run, tmp_path / 'bench.png')
    found = pixels(tmp_path / 'bench.png')
    assert found.shape == (int(HEIGHT * DPI), int(WIDTH * DPI), 3)
    assert len(np.unique(found.reshape(-1, 3), axis=0)) > 50


def test_what_is_left_out_leaves_a_gap(
    run: dict[str, Any], leave_out: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    save_plot(run, tmp_path / 'whole.png')
    for model in run['models']:
        leave_out(model)
    run['node'] = {'left_out': 'no ROS'}
    save_plot(run, tmp_path / 'empty.png')
    dark = [(pixels(tmp_path / name) < 200).mean() for name in ('whole.png', 'empty.png')]
    assert dark[1] < dark[0]
