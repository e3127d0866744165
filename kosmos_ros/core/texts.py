# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Texts of others, which may be of any length, made fit for a log, a message or a memory."""

from __future__ import annotations

MAX_LINE = 2000
"""Characters of a sentence that is logged or sent."""

MAX_NAME = 256
"""Characters of a name: of a camera, a frame, an encoding, or the id of a request."""

_MAX_QUOTE = 80


def shortened(text: str, most: int = MAX_LINE) -> str:
    """Return a text of at most so many characters, with dots at the end if some were cut off."""
    return text if len(text) <= most else f'{text[: most - 3]}...'


def quoted(text: str) -> str:
    """Return a text in quotes, shortened if long."""
    return repr(shortened(text, _MAX_QUOTE))
