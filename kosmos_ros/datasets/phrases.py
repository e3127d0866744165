# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Words of data sets as LOCATE takes them."""

from __future__ import annotations

import unicodedata


def as_phrase(text: str) -> str:
    """
    Return a text as one phrase of LOCATE.

    White space is normalised, characters that no query may hold are left out, and ';', at which
    LOCATE would split it, becomes a comma.
    """
    kept = ''.join(
        character
        for character in text.replace(';', ',')
        if character.isspace() or unicodedata.category(character) not in ('Cc', 'Cs')
    )
    return ' '.join(kept.split())
