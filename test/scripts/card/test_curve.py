# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``scripts.card.curve``."""

from __future__ import annotations

from dataclasses import asdict
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.results.plot_style import as_png
from scripts.card.curve import curve_figure, images_needed, Point, read_curve, slope


def point(images: int, error: float) -> Point:
    return Point(images / 100, images // 16, images, *[1.0 - error] * 5)


def power_law(exponent: float) -> list[Point]:
    """Return a curve of which the error falls with a power of the images, and a rough start."""
    start = [point(1000, 1.0), point(2000, 1.0)]
    counts = range(10_000, 100_001, 5_000)
    return [*start, *(point(images, 30.0 * images**exponent) for images in counts)]


def test_a_power_law_is_found_again() -> None:
    curve = power_law(-0.5)
    for end in (1 / 2, 1 / 3):
        assert slope(curve, 'acc50', end) == pytest.approx(-0.5)
    low, high = images_needed(curve, 'acc50', 2.0) or (0.0, 0.0)
    assert low == pytest.approx(4.0)
    assert high == pytest.approx(4.0)


def test_a_flat_curve_needs_images_without_end() -> None:
    flat = [point(images, 0.1 + images * 1e-9) for images in range(10_000, 100_001, 10_000)]
    assert images_needed(flat, 'words', 1.5) == (float('inf'), float('inf'))


def test_a_short_or_perfect_curve_tells_nothing() -> None:
    assert images_needed([], 'iou', 2.0) is None
    assert images_needed([point(1000, 0.5), point(2000, 0.4)], 'iou', 2.0) is None
    assert images_needed([point(images, 0.0) for images in range(1, 20)], 'iou', 2.0) is None


def test_a_curve_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / 'curve.jsonl'
    curve = power_law(-0.3)
    path.write_text(''.join(f'{json.dumps(asdict(one))}\n' for one in curve))
    assert read_curve(path) == curve
    path.write_text('{"minutes": 1}\n')
    with pytest.raises(ValueError, match=r'line 1: expected minutes, step, images'):
        read_curve(path)


def test_the_picture_shows_curves_in_several_colours() -> None:
    picture = Image.open(io.BytesIO(as_png(curve_figure(power_law(-0.4)))))
    pixels = np.asarray(picture.convert('RGB')).reshape(-1, 3)
    assert picture.width > 600
    assert len(np.unique(pixels, axis=0)) > 20
