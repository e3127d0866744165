# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Singular and plural of English nouns.

Only for asking a model about all objects of a kind: regular forms, and the irregular ones of what
a camera sees, are enough, and at a wrong form the model has to guess.
"""

from __future__ import annotations

from kosmos_ros.core.language.words.word_lists import expressions, word_set

_IRREGULAR: dict[str, str] = dict(map(str.split, expressions('plurals')))
_SAME = word_set('of one form')
"""Words that have one form, or only a plural."""

_SINGULAR = {plural: singular for singular, plural in _IRREGULAR.items()}
_HISSING = ('s', 'x', 'z', 'ch', 'sh')
_SINGULAR_ENDINGS = ('ss', 'us', 'is')
_VOWELS = 'aeiou'


def is_plural(noun: str) -> bool:
    """Tell whether a noun in lower case names more than one object."""
    if noun in _SAME or noun in _SINGULAR:
        return True
    return noun not in _IRREGULAR and noun.endswith('s') and not noun.endswith(_SINGULAR_ENDINGS)


def plural(noun: str) -> str:
    """Return the plural of a noun in lower case, itself if it is one."""
    if is_plural(noun):
        return noun
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith(_HISSING):
        return f'{noun}es'
    if noun.endswith('y') and noun[-2:-1] not in _VOWELS:
        return f'{noun[:-1]}ies'
    return f'{noun}s'


def singular(noun: str) -> str:
    """Return the singular of a noun in lower case, itself if it is one."""
    if noun in _SAME or not is_plural(noun):
        return noun
    if noun in _SINGULAR:
        return _SINGULAR[noun]
    if noun.endswith('ies') and len(noun) > 4:
        return f'{noun[:-3]}y'
    if noun.endswith('es') and noun[:-2].endswith(_HISSING) and not noun.endswith('ses'):
        return noun[:-2]
    return noun[:-2] if noun.endswith('sses') else noun[:-1]
