# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The English words that give a query its structure; every other word belongs to an object.

Words of closed classes are few and listed in ``english.ini``: determiners, prepositions,
particles, pronouns and words that exclude. What a phrase is *for* follows from its verb's frame
(``verbs``) and its preposition. Names of objects are not listed: the model alone judges them.
"""

from __future__ import annotations

from enum import auto, Enum

from kosmos_ros.core.language.words.word_lists import expressions, names, word_set


class Link(Enum):
    """What a preposition says about the phrase behind it."""

    GOAL = auto()  # where something goes, whatever the verb
    BESIDE_GOAL = auto()  # 'to the left of': where it goes, or where it is
    SURFACE = auto()  # what it is on or in, or is put there
    NEIGHBOUR = auto()  # what it is beside, or is put there
    AIM = auto()  # what is looked or pointed at
    SOURCE = auto()  # where it is taken from
    TOOL = auto()  # what it is done with
    HAVING = auto()  # 'wearing', 'labeled': what it has, does or says
    RANK = auto()  # 'from the left': from where its kind is counted
    EXCEPT = auto()  # what is excluded: 'except the red one'
    IS_NOT = auto()  # what it is not: 'that is not red'
    LACKS = auto()  # what it does not have: 'without a handle'


EXCLUDING = (Link.EXCEPT, Link.IS_NOT, Link.LACKS)
"""Links to exclusions."""


class Word(Enum):
    """What else a closed-class word does."""

    DETERMINER = auto()
    OBJECT_PRONOUN = auto()  # stands for an object named before, or pointed at
    PERSON_PRONOUN = auto()
    AND = auto()
    COMMA = auto()
    STEP = auto()  # one step ends, another one begins
    LINKER = auto()  # 'that is': nothing but a relation may follow
    FILLER = auto()  # tells how, not what
    NOT = auto()  # what follows is not to be done
    OF = auto()
    CONTENT = auto()  # any other word


INDEFINITE_WORDS = frozenset(('a', 'an', 'any', 'some', 'one', 'another'))
"""Words of determiners after which any fitting object will do."""

POSSESSIVES = frozenset(('my', 'your', 'his', 'her', 'its', 'our', 'their'))
"""Owners cannot be seen; the model is asked for 'the' object."""

SELF_NOUNS = word_set('self nouns')
"""Parts of the robot are not looked for."""

TRAILING_DIRECTIONS = word_set('trailing directions')
"""Words for a direction at the end of a phrase: 'push the cube left'."""

SCENERY = word_set('scenery')
"""Surroundings of everything in view, so that nothing is singled out by them."""

EVERYTHING = word_set('everything')
"""Words that name no kind of object."""

ADJECTIVES = word_set('adjectives')
"""Words after which a comma or an 'and' does not end a phrase: 'the big, red mug'."""

NOUNS_TOO = word_set('nouns too')
"""Adjectives that are also nouns: 'the glass'."""

COLLECTIVES = word_set('collectives')
"""Nouns that make one object of two: 'the mug and bowl set'."""

FIXED_PAIRS = word_set('fixed pairs')
"""Pairs of words that name one object, except salt and pepper at the end of a phrase."""

PARTICIPLES = word_set('participles')
"""Words behind a noun that tell what it has, does or says: 'the man wearing a hat'."""

NEGATIVE_WORDS = word_set('negative words')
"""Words that take something back in ways that are not read."""

BARRED = word_set('barred')
"""Prohibitions behind a name that are not understood."""

LEXICON: dict[tuple[str, ...], tuple[Link | Word, ...]] = {}
"""Every closed-class expression as its words, and what it can be, likeliest first."""

_KINDS: dict[str, Link | Word] = {kind.name.lower(): kind for kind in (*Link, *Word)}

for _name in names('kinds'):
    for _expression in expressions(_name, 'kinds'):
        _words, _kind = tuple(_expression.split()), _KINDS[_name]
        if _kind not in LEXICON.get(_words, ()):
            LEXICON[_words] = (*LEXICON.get(_words, ()), _kind)

DIRECTION_LINKS: dict[tuple[str, ...], Link] = {
    tuple(expression.replace('the ', stressed).split()): Link[kind.upper()]
    for kind in names('places')
    for stressed in ('the ', 'the far ', 'the very ')
    for expression in expressions(kind, 'places')
}
"""Expressions for places without an object, as their words."""

LONGEST_EXPRESSION = max(map(len, (*LEXICON, *DIRECTION_LINKS)))
