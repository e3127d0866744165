# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.results.page``, ``plot_style`` and ``fingerprint``."""

from __future__ import annotations

from base64 import b64decode
import io
from pathlib import Path
import re

import numpy as np
from PIL import Image
import pytest

from kosmos_ros.results import page as parts
from kosmos_ros.results.fingerprint import folder_fingerprint
from kosmos_ros.results.plot_style import as_png, DARK, LIGHT, new_figure, Theme


def images_in(html: str) -> list[Image.Image]:
    """Return the images that are in a page."""
    return [
        Image.open(io.BytesIO(b64decode(data)))
        for data in re.findall(r'base64,([A-Za-z0-9+/=]+)', html)
    ]


def test_texts_are_texts_and_no_markup() -> None:
    evil = '<script>alert("1")</script>'
    body = [
        parts.tiles([(evil, evil)]),
        parts.table([evil], [[evil]]),
        parts.details(evil, ''),
        parts.photo(np.zeros((4, 4, 3), np.uint8), evil),
    ]
    html = parts.page(evil, body)
    assert '<script' not in html
    assert html.count('&lt;script&gt;') == 8
    assert 'alt="&lt;script&gt;alert(&quot;1&quot;)' in html


def test_photos_are_made_smaller_and_never_larger() -> None:
    (large,) = images_in(parts.photo(np.zeros((900, 1600, 3), np.uint8), ''))
    (small,) = images_in(parts.photo(np.zeros((30, 40, 3), np.uint8), ''))
    assert (large.size, small.size) == ((640, 360), (40, 30))


@pytest.mark.parametrize('theme', [LIGHT, DARK])
def test_plots_have_the_paper_and_ink_of_their_theme(theme: Theme) -> None:
    figure, (axes,) = new_figure(theme, 2.0)
    axes.set_title('title', color=theme.ink)
    pixels = np.asarray(Image.open(io.BytesIO(as_png(figure))).convert('RGB')).astype(int)
    paper, ink = ([int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in
                  (theme.paper, theme.ink))  # fmt: skip
    assert np.abs(pixels[0, 0] - paper).max() <= 2
    assert np.abs(pixels - ink).max(axis=2).min() <= 12


def test_a_checkpoint_of_other_content_has_another_fingerprint(tmp_path: Path) -> None:
    weights = tmp_path / 'model.safetensors'
    weights.write_bytes(b'12')
    before = folder_fingerprint(tmp_path)
    (tmp_path / 'README.md').write_text('a card')
    assert folder_fingerprint(tmp_path) == before
    weights.touch()
    assert folder_fingerprint(tmp_path) == before
    weights.write_bytes(b'13')
    assert folder_fingerprint(tmp_path) != before
    weights.write_bytes(b'12')
    (tmp_path / 'calibration.json').write_text('{}')
    assert folder_fingerprint(tmp_path) != before
