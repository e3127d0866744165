# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Tokens that open the page to others than this machine: one to look, one to ask as well.

They are part of the addresses that ``kosmos-ros watch`` prints. The server takes a token out of
the browser's address at once, and into a cookie that neither scripts nor other web sites can use.
"""

from __future__ import annotations

from enum import IntEnum
import os
from pathlib import Path
import re
import secrets
from typing import NamedTuple

_BYTES = 24
_TOKEN = re.compile(r'[A-Za-z0-9_-]{22,}')
"""As long as 16 random bytes, at least."""


class Right(IntEnum):
    """What a visitor may do."""

    NOTHING = 0
    LOOK = 1
    ASK = 2


class Tokens(NamedTuple):
    """The token of each right; who may ask may look too."""

    look: str
    ask: str

    def right(self, given: str) -> Right:
        """Return what a token is worth; how long that takes does not depend on it."""
        found = Right.NOTHING
        for right, token in ((Right.LOOK, self.look), (Right.ASK, self.ask)):
            if secrets.compare_digest(token.encode(), given.encode(errors='replace')):
                found = right
        return found


def new_tokens() -> Tokens:
    """Draw tokens that nobody can guess."""
    return Tokens(secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES))


def kept_tokens(file: Path) -> Tokens:
    """
    Return the tokens of a file of two lines, which is made, for its owner alone, if there is none.

    :raises OSError: if it cannot be read or made, or holds no two different tokens.
    """
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'w') as made:
            made.write('\n'.join(new_tokens()) + '\n')
    found = file.read_text(encoding='ascii', errors='replace').split()
    if len({*found}) != 2 or not all(map(_TOKEN.fullmatch, found)):
        raise OSError(
            f'{file} must hold two different tokens, to look and to ask, in two lines of at least '
            '22 letters, digits, - and _; remove it to have a new one made'
        )
    return Tokens(*found)
