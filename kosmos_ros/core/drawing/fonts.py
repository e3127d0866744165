# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Fonts for text of any script, as far as the machine has them.

Pillow's own font is the same everywhere, so that pictures are too, but it holds only ASCII. Other
text takes the first font of the system that holds all of it; what none holds is drawn as crossed
boxes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Union

from PIL import ImageDraw, ImageFont

Font = Union[ImageFont.ImageFont, ImageFont.FreeTypeFont]
Color = tuple[int, int, int]

_SYSTEM_FONTS = (
    *('DejaVuSans.ttf', 'NotoSans-Regular.ttf', 'NotoSansCJK-Regular.ttc', 'wqy-microhei.ttc'),
    *('DroidSansFallbackFull.ttf', 'NotoSansArabic-Regular.ttf'),
    *('NotoSansDevanagari-Regular.ttf', 'Arial Unicode.ttf', 'arial.ttf'),
)
"""Looked up in the folders of the system, whatever its kind."""

_PROBE_SIZE = 16
_MISSING = '\uffff'
"""A code point that no font has: it draws as a missing character does."""


@dataclass(frozen=True)
class Lettering:
    """Text of one size in pixels, in whatever font it needs; one line at a time."""

    size: int

    @property
    def line_height(self) -> int:
        """Pixels from one line to the next."""
        return round(self.size * 1.35) + 2

    def length(self, text: str) -> float:
        """Return how many pixels wide a line is."""
        return font_for(text, self.size).getlength(text)

    def draw(
        self, canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, color: Color
    ) -> None:
        """Draw a line whose line height begins at the upper left corner ``at``."""
        middle = (at[0], at[1] + self.line_height / 2)
        canvas.text(middle, text, fill=color, font=font_for(text, self.size), anchor='lm')

    def fitted(self, text: str, room: float, ending: str = '') -> str:
        """Return text and ending as one line, the text shortened to fit into ``room`` pixels."""
        line = ' '.join(text.split())
        if self.length(line + ending) <= room:
            return line + ending
        count = bisect_right(
            range(1, len(line)), room, key=lambda end: self.length(f'{line[:end]}...{ending}')
        )
        return f'{line[:count]}...{ending}' if count else ''

    def wrapped(self, text: str, room: float, most: int) -> list[str]:
        """Return the text in at most ``most`` lines that fit, the last one shortened."""
        lines: list[str] = []
        words = text.split()
        while words and len(lines) < most:
            count = len(words) if len(lines) == most - 1 else self._count_fitting(words, room)
            lines.append(self.fitted(' '.join(words[:count]), room))
            words = words[count:]
        return [line for line in lines if line]

    def _count_fitting(self, words: list[str], room: float) -> int:
        count = 1
        while count < len(words) and self.length(' '.join(words[: count + 1])) <= room:
            count += 1
        return count


@lru_cache(maxsize=64)
def load_font(name: str, size: int) -> Font:
    """Return a font in a size of pixels, '': Pillow's own; raise ``OSError`` if it is missing."""
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@lru_cache(maxsize=256)
def font_for(text: str, size: int) -> Font:
    """Return the font of ``size`` pixels that misses the fewest characters of a text."""
    if text.isascii():
        return load_font('', size)
    names = ('', *(name for name in _SYSTEM_FONTS if _is_installed(name)))
    return load_font(min(names, key=lambda name: _count_missing(name, text)), size)


@cache
def _is_installed(name: str) -> bool:
    try:
        load_font(name, _PROBE_SIZE)
    except OSError:
        return False
    return True


def _count_missing(name: str, text: str) -> int:
    return sum(not _has(name, character) for character in text if not character.isspace())


@lru_cache(maxsize=4096)
def _has(name: str, character: str) -> bool:
    font = load_font(name, _PROBE_SIZE)
    return bytes(font.getmask(character)) != bytes(font.getmask(_MISSING))
