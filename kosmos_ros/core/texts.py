# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Texts and values of others, of any length and kind, made fit for a log, a message, a memory."""

from __future__ import annotations

import reprlib

MAX_LINE = 2000
"""Characters of a sentence that is logged or sent."""

MAX_NAME = 256
"""Characters of a name: of a camera, a frame, an encoding, or the id of a request."""

_MAX_QUOTE, _MAX_ERROR = 80, 300
_BITS = 200
"""Larger whole numbers are not written out, which Python refuses or takes long for."""


class _Repr(reprlib.Repr):
    """Looks at a few items of a few levels, however much the whole would be."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = MAX_NAME

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _BITS:
            return f'a number of {x.bit_length()} bits'
        return super().repr_int(x, level)

    def repr_bytes(self, x: bytes, level: int) -> str:  # noqa: ARG002  as reprlib calls it
        return repr(x[:MAX_NAME])


_REPR = _Repr()


def shortened(text: str, most: int = MAX_LINE) -> str:
    """Return a text of at most so many characters, with dots at the end if some were cut off."""
    return text if len(text) <= most else f'{text[: most - 3]}...'


def quoted(value: object, most: int = _MAX_QUOTE) -> str:
    """
    Return a text in quotes, or another value as Python writes it, shortened if long.

    It takes no longer for a value of millions of items, or one that holds itself many times.
    """
    if isinstance(value, str):
        return repr(shortened(value, most))
    return shortened(_REPR.repr(value), most)


def told(error: BaseException) -> str:
    """Return what an error says, or else its name, on one line of bounded length."""
    words = readable(shortened(str(error), 2 * _MAX_ERROR))
    return shortened(words, _MAX_ERROR) or type(error).__name__


def readable(text: str) -> str:
    """
    Return a text that every terminal and file takes.

    White space is normalised; characters that cannot be printed, such as those that control a
    terminal and halves of surrogate pairs, become U+FFFD.
    """
    words = ' '.join(text.split())
    return ''.join(one if one.isprintable() else '\ufffd' for one in words)
