# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Values and texts from files of others, as our messages tell them: short, and on one line."""

from __future__ import annotations

import reprlib

_LONGEST = 300
_BITS = 200
"""Larger whole numbers are not written out, which Python refuses or takes long for."""


class _Repr(reprlib.Repr):
    """Looks at a few items of a few levels, however much the whole would be."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxstring = self.maxother = _LONGEST

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > _BITS:
            return f'a number of {x.bit_length()} bits'
        return super().repr_int(x, level)

    def repr_bytes(self, x: bytes, level: int) -> str:  # noqa: ARG002  as reprlib calls it
        return repr(x[:_LONGEST])


_REPR = _Repr()


def quoted(value: object, most: int = 60) -> str:
    """
    Return a value as Python writes it, cut to ``most`` characters.

    It takes no longer for a value of millions of items, or one that holds itself many times.
    """
    return _cut(_REPR.repr(value), most)


def told(error: BaseException) -> str:
    """Return what an error says, or else its name, on one line of bounded length."""
    return _cut(readable(str(error)[: 2 * _LONGEST]), _LONGEST) or type(error).__name__


def readable(text: str) -> str:
    """
    Return a text that every terminal and file takes.

    White space is normalised; characters that cannot be printed, such as those that control a
    terminal and halves of surrogate pairs, become U+FFFD.
    """
    words = ' '.join(text.split())
    return ''.join(one if one.isprintable() else '\ufffd' for one in words)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f'{text[: most - 3]}...'
