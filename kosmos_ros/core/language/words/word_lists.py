# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The lists of English words in ``english.ini``, whose first lines say how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from configparser import ConfigParser
from importlib.resources import files
from itertools import product
import re

_FILE = ConfigParser(interpolation=None, delimiters='=')
_FILE.read_string(files(__package__).joinpath('english.ini').read_text(encoding='utf-8'))
_CHOICE = re.compile(r'\(([^)]*)\)|<([^>]*)>')


def names(section: str) -> tuple[str, ...]:
    """Return the names of a section's lists, in their order."""
    return tuple(_FILE[section])


def expressions(name: str, section: str = 'lists') -> tuple[str, ...]:
    """Return the expressions of a list in their order, all alternatives written out."""
    return tuple(
        ' '.join(written.split())
        for entry in _FILE[section][name].split(',')
        for written in _written_out(entry)
    )


def word_set(name: str) -> frozenset[str]:
    """Return the expressions of a list, for looking them up."""
    return frozenset(expressions(name))


def _written_out(entry: str) -> Iterator[str]:
    """Yield an entry once for each way to choose among its alternatives."""
    fixed, alternatives, lists = (_CHOICE.split(entry)[place::3] for place in range(3))
    chosen = [
        expressions(name) if name else either.split('|')
        for either, name in zip(alternatives, lists, strict=True)
    ]
    for choice in product(*chosen):
        yield fixed[0] + ''.join(a + b for a, b in zip(choice, fixed[1:], strict=True))
