# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.drawing.fonts``."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
import pytest

from kosmos_ros.core.drawing.fonts import font_for, Lettering, load_font

LETTERING = Lettering(16)


def drawn(text: str) -> np.ndarray:
    """Return the pixels that a text darkens."""
    picture = Image.new('RGB', (400, 40), 'white')
    LETTERING.draw(ImageDraw.Draw(picture), (0, 0), text, (0, 0, 0))
    return np.asarray(picture)[..., 0] < 128


def test_ascii_looks_the_same_everywhere() -> None:
    assert font_for('the red cube 0.93', 16) is load_font('', 16)


@pytest.mark.parametrize('text', ['é', 'красный', '红', '\U0001f7e5', '\u0600'])
def test_text_of_any_script_leaves_a_mark(text: str) -> None:
    assert drawn(text).any()


def test_the_font_with_the_most_characters_is_taken() -> None:
    try:
        load_font('DejaVuSans.ttf', 16)
    except OSError:
        pytest.skip('DejaVu Sans is not installed')
    assert font_for('красный куб', 16) is load_font('DejaVuSans.ttf', 16)


def test_a_line_stays_within_its_height_and_length() -> None:
    text = 'Ågy jq|(0.93)'
    rows, columns = np.nonzero(drawn(text))
    assert rows.max() < LETTERING.line_height
    assert columns.max() <= LETTERING.length(text) + 1


@pytest.mark.parametrize('room', [20, 60, 100, 200, 1000])
def test_a_fitted_line_fits_and_keeps_its_ending(room: float) -> None:
    line = LETTERING.fitted('the  red\ncube left of the mug', room, ' 0.93')
    assert LETTERING.length(line) <= room
    assert line == '' or line.endswith(' 0.93')
    if room == 1000:
        assert line == 'the red cube left of the mug 0.93'
    elif line:
        assert '... 0.93' in line


def test_wrapped_text_fits_and_is_cut_at_the_end() -> None:
    text = 'one two three four five six seven eight nine ten'
    lines = LETTERING.wrapped(text, 120, 10)
    assert ' '.join(lines) == text
    assert all(LETTERING.length(line) <= 120 for line in lines)
    short = LETTERING.wrapped(text, 120, 2)
    assert short[0] == lines[0]
    assert len(short) == 2
    assert short[1].endswith('...')
    assert LETTERING.length(short[1]) <= 120


def test_nothing_is_written_where_nothing_fits() -> None:
    assert LETTERING.wrapped('', 100, 3) == []
    assert LETTERING.wrapped('one two', 100, 0) == []
    assert LETTERING.wrapped('one', 1, 3) == []
