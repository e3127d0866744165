# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Singular and plural of English nouns.

Only for asking a model about all things of a kind: regular forms and the irregular ones of things
a camera sees are enough, and at a wrong form the model has to guess.
"""

from __future__ import annotations

_IRREGULAR = {
    'man': 'men',
    'woman': 'women',
    'person': 'people',
    'child': 'children',
    'foot': 'feet',
    'tooth': 'teeth',
    'mouse': 'mice',
    'goose': 'geese',
    'knife': 'knives',
    'shelf': 'shelves',
    'leaf': 'leaves',
    'loaf': 'loaves',
    'half': 'halves',
    'wolf': 'wolves',
    'scarf': 'scarves',
    'calf': 'calves',
    'axis': 'axes',
    'cactus': 'cacti',
    'one': 'ones',
    'this': 'these',
    'that': 'those',
    'potato': 'potatoes',
    'tomato': 'tomatoes',
    'mango': 'mangoes',
    'gas': 'gases',
    'bus': 'buses',
    'lens': 'lenses',
    'glass': 'glasses',
    'bookshelf': 'bookshelves',
    'policeman': 'policemen',
}
_SAME = frozenset(
    (
        *('scissors', 'pliers', 'tweezers', 'tongs', 'trousers', 'pants', 'jeans', 'shorts'),
        *('goggles', 'headphones', 'clothes', 'sheep', 'fish', 'deer', 'series', 'equipment'),
        *('furniture', 'fruit', 'food', 'water', 'cutlery', 'everything', 'anything', 'all'),
        'whatever',
    )
)
"""Words that have one form, or only a plural."""

_SINGULAR = {plural: singular for singular, plural in _IRREGULAR.items()}
_HISSING = ('s', 'x', 'z', 'ch', 'sh')
_SINGULAR_ENDINGS = ('ss', 'us', 'is')
_VOWELS = 'aeiou'


def is_plural(noun: str) -> bool:
    """Tell whether a noun in lower case names more than one thing."""
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
