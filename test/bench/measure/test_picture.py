# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The picture shows the simulated table, or noise where nothing renders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kosmos_ros.bench.measure.picture import resized, save_picture
from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.images.images import load_image
from kosmos_ros.sim.rendering import renderer


def test_it_is_the_same_each_time(picture: Path, tmp_path: Path) -> None:
    again = save_picture(tmp_path / 'again.png', pytest.fail)
    assert np.array_equal(load_image(again), load_image(picture))
    assert load_image(again).shape == (480, 640, 3)


def test_noise_takes_its_place_and_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise MissingDependencyError('no EGL')

    monkeypatch.setattr(renderer, 'TabletopRenderer', fail)
    said: list[str] = []
    image = load_image(save_picture(tmp_path / 'noise.png', said.append))
    assert said == ['the picture is one of noise: no EGL']
    assert image.std() > 50


def test_other_sizes_show_the_same(picture: Path) -> None:
    image = load_image(picture)
    large = resized(image, 1280, 960)
    assert large.shape == (960, 1280, 3)
    assert large.dtype == np.uint8
    assert np.abs(large[::2, ::2].astype(int) - image).mean() < 8
