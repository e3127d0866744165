# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The English words that give an instruction its structure; every other word belongs to an object.

Words of closed classes are few and listed here: determiners, prepositions, particles, pronouns,
and verbs as far as they take a destination. What a phrase is *for* follows from its verb's frame
and its preposition. Names of objects are nowhere listed: the model alone judges them.
"""

from __future__ import annotations

from enum import auto, Enum
import re
from typing import NamedTuple


class Link(Enum):
    """What a preposition says about the phrase behind it."""

    GOAL = auto()  # where something goes, whatever the verb
    BESIDE_GOAL = auto()  # 'to the left of': where it goes, or where it is
    SURFACE = auto()  # what it is on or in, or is put there
    NEIGHBOUR = auto()  # what it is beside, or is put there
    AIM = auto()  # what is looked or pointed at
    SOURCE = auto()  # where it is taken from
    TOOL = auto()  # what it is done with


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


class Frame(NamedTuple):
    """
    Which prepositions of a verb tell a destination; those of the others single out an object.

    ``gives``: of two objects in a row the first is who receives. ``has_tool``: 'with' names a
    second object, and no part of the first.
    """

    destinations: frozenset[Link]
    gives: bool = False
    has_tool: bool = False


_MOVE = frozenset({Link.GOAL, Link.BESIDE_GOAL})
_PLACE = _MOVE | {Link.SURFACE, Link.NEIGHBOUR, Link.AIM}

_ACT = Frame(frozenset({Link.GOAL}))
_ACT_WITH = Frame(frozenset({Link.GOAL}), has_tool=True)
_GIVE = Frame(frozenset({Link.GOAL}), gives=True)
_PUSH = Frame(_MOVE, has_tool=True)
_TURN = Frame(_MOVE)
_PUT = Frame(_PLACE)
_AIM = Frame(frozenset({Link.GOAL, Link.AIM}))

DEFAULT_FRAME = _ACT
"""Of verbs that are not listed."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(frame: Frame, words: str) -> dict[str, Frame]:
    return dict.fromkeys(words.split(), frame)


PLAIN_VERBS: dict[str, Frame] = {
    **_table(_ACT, 'pick grab grasp take remove'),
    **_table(_PUT, 'put insert pour move'),
    **_table(_GIVE, 'bring give fetch deliver'),
    **_table(_TURN, 'rotate'),
    **_table(_ACT_WITH, 'align'),
}
"""Verbs that open an instruction whatever follows."""

AMBIGUOUS_VERBS: dict[str, Frame] = {
    **_table(_ACT, 'open close hold lift release touch reach drive go get collect'),
    **_table(_TURN, 'turn flip'),
    **_table(_ACT_WITH, 'press wipe clean cover poke tap hit knock shake fill cut stir swap'),
    **_table(_ACT_WITH, 'replace connect attach switch empty'),
    **_table(_AIM, 'point look aim gaze'),
    **_table(_PUSH, 'push pull slide drag roll carry transfer kick nudge'),
    **_table(_PUT, 'place stack drop set lay store leave hang lean throw toss stand shift return'),
    **_table(_GIVE, 'hand pass show'),
}
"""Verbs that are also nouns or adjectives: 'open box', 'stack of plates'."""

VERBS: dict[str, Frame] = {**PLAIN_VERBS, **AMBIGUOUS_VERBS}


def _gerunds(verb: str) -> tuple[str, ...]:
    return f'{verb}ing', f'{verb[:-1]}ing', f'{verb}{verb[-1]}ing'


GERUNDS: dict[str, Frame] = {
    gerund: frame for verb, frame in VERBS.items() for gerund in _gerunds(verb)
}
"""Verbs behind 'would you mind'; those that do not exist do no harm."""

_DETERMINERS = """
    the, a, an, my, your, his, its, our, their, some, any, all, both, every, each, another,
    all the, both the, all of the, both of the, one of the, each of the, some of the, any of the,
    all these, all those, all my, all your, the two, the three, the four, these two, those two,
    two, three, four, five, six, two of the, three of the, one, this, that, these, those, her
"""
_OBJECT_PRONOUNS = (
    'it, them, they, one, this, that, these, those, both, each, all of them, one of them'
)
_PERSON_PRONOUNS = 'me, us, him, her, you, myself, yourself, i, we, he, she'
_NEGATIONS = "don't, do not, never, avoid, stop"
_SEVERAL = """
    all, both, every, each, these, those, some, two, three, four, five, six
"""
SEVERAL_WORDS = frozenset(_SEVERAL.replace(',', ' ').split())
"""Words of determiners after which more than one object is meant."""

INDEFINITE_WORDS = frozenset(('a', 'an', 'any', 'some', 'one', 'another'))
"""Words of determiners after which any fitting object will do."""

POSSESSIVES = frozenset(('my', 'your', 'his', 'her', 'its', 'our', 'their'))
"""Whose it is cannot be seen; the model is asked for 'the' object."""

SELF_NOUNS = _words('gripper grippers robot arm arms hand hands fingers claw effector')
"""Parts of the robot are not looked for."""

TRAILING_DIRECTIONS = _words('left right forward forwards backward backwards')
"""Words that tell where to when they end a phrase: 'push the cube left'."""

SCENERY = _words('table desk tabletop counter floor ground image picture photo scene')
"""What everything in view is on or in, so that nothing is singled out by it."""

ADJECTIVES = _words(
    """
    red orange yellow green blue purple violet pink brown black white grey gray golden silver
    dark light bright big large small little medium tiny huge tall short long round flat square
    left right leftmost rightmost topmost bottommost nearest closest farthest largest biggest
    smallest first second last other same new old empty full open closed clean dirty
    wooden metal plastic glass heavy soft hard shiny
    """
)
"""Words after which a comma or an 'and' does not end a phrase: 'the big, red mug'."""

LINKS: dict[Link, str] = {
    Link.GOAL: 'to, into, onto, in to, on to, toward, towards, over to',
    Link.BESIDE_GOAL: """
        to the left of, to the right of, to the left side of, to the right side of,
        to the side of, to the front of, to the back of
    """,
    Link.SURFACE: """
        on, on top of, onto the top of, upon, atop, in, inside, inside of, within,
        in the middle of, in the center of, in the centre of, in the corner of,
        on the edge of, at the edge of
    """,
    Link.NEIGHBOUR: """
        left of, right of, on the left of, on the right of, on the left side of,
        on the right side of, at the left of, at the right of, behind, in back of, in front of,
        above, over, below, under, underneath, beneath, next to, beside, by, near, near to,
        nearest, nearest to, close to, closest to, alongside, adjacent to, between,
        in between, among,
        against, around, opposite, across from, beyond, past
    """,
    Link.AIM: 'at, for',
    Link.SOURCE: 'from, off, off of, out of, away from',
    Link.TOOL: 'with, using',
}

DIRECTIONS: dict[Link, str] = {
    Link.GOAL: 'here, there, over here, over there, away, aside, to one side, in here, in there',
    Link.BESIDE_GOAL: """
        to the left, to the right, to the left side, to the right side, to the front, to the back,
        to the side, to the middle, to the center, to the centre, to the top, to the bottom
    """,
    Link.NEIGHBOUR: """
        on the left, on the right, on the left side, on the right side, on the left hand side,
        on the right hand side, at the left, at the right, in the middle, in the center,
        in the centre, in the back, in the front, at the back, at the front, at the top,
        at the bottom, in front, on top, on my left, on my right, on your left, on your right
    """,
}
"""Places without an object; before a word that may be one, they are not taken for such."""

_FILLERS = """
    if you see, if you find, if there is, when you see, either, please, kindly, now, carefully,
    gently, slowly, quickly, just, again, also, too, together, afterwards, for me, for us, for
    him, for her, for them, thanks, thank you, if you can, if possible, if you could, will you,
    would you, could you, can you, okay, ok, right now, upside down, a bit, a little, a little
    bit, slightly, for a moment, first, finally, up, down, back, out, apart, straight
"""
_LINKERS = """
    that is, which is, that are, which are, that's, that stands, which stands, that lies,
    which lies, standing, lying, sitting, placed, located, resting, hanging, that is standing,
    that is lying, that is sitting, which is standing, which is lying, which is sitting, that sits,
    you see, that you see
"""
_STEPS = 'then, but, and then, after that, and after that, next, and finally, followed by'

POLITE = re.compile(
    r'^(?:(?:hey|hi|hello|ok|okay|please|kindly|now|then|robot|just|first|go ahead and)\b[\s,]*'
    r'|(?:can|could|would|will) you (?:mind\s+)?\b[\s,]*'
    r"|i (?:would like|want|need) you to\s+|i(?:'|\u2019)d like you to\s+"
    r'|you (?:should|must|need to|have to|can)\s+|(?:let(?:\'|\u2019)s|let us|try to|help me)\s+'
    r"|i (?:would like|want|need)\s+|i(?:'|\u2019)d like\s+)+",
    re.IGNORECASE,
)
"""What people say before an instruction or a question without changing it."""

LEXICON: dict[tuple[str, ...], tuple[Link | Word, ...]] = {}
"""Every closed-class expression as its words, and what it can be, likeliest first."""


def _enter(entry: Link | Word, expressions: str) -> None:
    for expression in expressions.split(','):
        words = tuple(expression.split())
        LEXICON[words] = (*LEXICON.get(words, ()), entry)


_ENTRIES: tuple[tuple[Link | Word, str], ...] = (
    (Word.FILLER, _FILLERS),
    (Word.LINKER, _LINKERS),
    (Word.NOT, _NEGATIONS),
    (Word.STEP, _STEPS),
    (Word.AND, 'and, or, plus, as well as'),
    (Word.OF, 'of'),
    *LINKS.items(),
    (Word.DETERMINER, _DETERMINERS),
    (Word.OBJECT_PRONOUN, _OBJECT_PRONOUNS),
    (Word.PERSON_PRONOUN, _PERSON_PRONOUNS),
)
for _entry, _expressions in _ENTRIES:
    _enter(_entry, _expressions)

DIRECTION_LINKS: dict[tuple[str, ...], Link] = {
    tuple(expression.split()): link
    for link, expressions in DIRECTIONS.items()
    for stressed in ('the ', 'the far ', 'the very ')
    for expression in expressions.replace('the ', stressed).split(',')
}
LONGEST_EXPRESSION = max(map(len, (*LEXICON, *DIRECTION_LINKS)))
