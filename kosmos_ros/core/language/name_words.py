# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Words of a name: its noun, number and adjectives, and what does not belong to it."""

from __future__ import annotations

from collections.abc import Sequence
import re

from kosmos_ros.core.language.nouns import Noun
from kosmos_ros.core.language.words.lexicon import ADJECTIVES, FIXED_PAIRS
from kosmos_ros.core.language.words.quantities import means_several
from kosmos_ros.core.language.words.word_forms import is_plural, plural, singular

_AFTER_NOUN = frozenset(('of', 'with', 'that', 'which', "that's"))
ARTICLES = ('the', 'a', 'an')
_CLAUSE_OF_NAME = re.compile(r"(?<=\w) (?:that|which)(?:'s| is| are)\b.*", re.IGNORECASE)
_COLOR = re.compile(r'\b(?:(?:the |in )?colou?r(?:ed)?)\b', re.IGNORECASE)
_NON = re.compile(
    rf'\b(?:non[- ]|not-|un-|non(?=(?:{"|".join(ADJECTIVES)})\b))(\w+)\s+', re.IGNORECASE
)
_JOINED = re.compile(r'\s*(?:,|/|&|\b(?:and|or|nor)\b)[\s,]*', re.IGNORECASE)
OUTSIDE = ' \t\n,.;:!?&|+/[](){}"`\'\u201c\u201d-\u2013\u2014\uff1b\uff0c\u3001\u3002\uff01\uff1f'
"""Words at the end of a name that do not belong to it."""

_OPENING = {')': '(', ']': '[', '"': ' "', "'": " '"}


def trimmed(text: str) -> str:
    """Cut off the end of a text what is no part of a name; close what it opens."""
    kept = text.rstrip(OUTSIDE)
    closing = text[len(kept) : len(kept) + 1]
    opening = _OPENING.get(closing, '')
    is_open = opening and opening in kept and closing not in kept.rpartition(opening)[2]
    return kept + closing if is_open else kept


def name_start(text: str, noun: Noun) -> int:
    """Return where a noun phrase begins; 'both' before one name belongs to two."""
    words = [*noun.determiner.split(), '', '']
    is_either = words[0] == 'either' and words[1] in ARTICLES
    if is_either or (words[0] == 'both' and not is_plural(noun.words[noun_place(noun.words)])):
        after = text.lower().find(words[0], noun.start) + len(words[0])
        return after + len(text[after:]) - len(text[after:].lstrip())
    return noun.start


def apart(adjectives: str) -> list[str]:
    """Split 'red and blue' into 'red' and 'blue': either is excluded."""
    told = ' '.join(_COLOR.sub('', adjectives).split())
    return [told] if told.lower() in FIXED_PAIRS else _JOINED.split(told)


def cut(text: str, span: tuple[int, int] | None) -> str:
    return ' '.join(text[slice(*span)].split()) if span else ''


def without_non(name: str) -> tuple[str, list[str]]:
    """Remove 'non-red' from a name; return the rest and the adjectives."""
    return _NON.sub('', name), [match.group(1) for match in _NON.finditer(name)]


def in_form(name: str, is_many: bool) -> str:
    """Put a name into singular or plural by its noun, the first of 'cups of tea'."""
    words = name.split()
    place = noun_place(words)
    words[place] = (plural if is_many else singular)(words[place].lower())
    return ' '.join(words)


def noun_place(words: Sequence[str]) -> int:
    """Return which word of a name is its noun: the last one before 'of' and the like."""
    lower = [word.lower() for word in words]
    ends = [place for place, word in enumerate(lower) if word.split()[0] in _AFTER_NOUN and place]
    return (ends[0] if ends else len(words)) - 1


def noun_of(name: str) -> str:
    """Return a name without its adjectives, before it and behind."""
    words = _CLAUSE_OF_NAME.sub('', name).split()
    return ' '.join(words[noun_place(words) :])


def is_many(noun: Noun) -> bool:
    return means_several(noun.determiner) or is_plural(noun.words[noun_place(noun.words)])


GLUED = re.compile(r'(?<!\S)[<>/\\#@$%*^~=]+\Z')
"""Signs before a word that are part of it, as in '</s>', which is a name like any other."""
