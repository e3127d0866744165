# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The English words that give a query its structure; every other word belongs to an object.

Words of closed classes are few and listed here: determiners, prepositions, particles, pronouns
and words that exclude. What a phrase is *for* follows from its verb's frame (``verbs``) and
its preposition. Names of objects are not listed: the model alone judges them.
"""

from __future__ import annotations

from enum import auto, Enum
from itertools import pairwise

from kosmos_ros.core.language.words.quantities import NUMBER_WORDS


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


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_COUNTED = ','.join(
    form.format(word)
    for word in NUMBER_WORDS
    if word != 'one'
    for form in (
        *('{}', 'the {}', 'all {}', 'all the {}', 'these {}', 'those {}', 'any {}', 'my {}'),
        *('{} of the', '{} of these', '{} of those', 'all {} of the', 'exactly {}', 'only {}'),
        *('at least {}', 'up to {}', 'some {}', 'just {}', 'another {}', '{} more', '{} x'),
        *('at most {}', 'no more than {}', 'not more than {}', 'a maximum of {}', 'maximum {}'),
        *('no less than {}', 'no fewer than {}', 'a minimum of {}', 'minimum {}', 'either {}'),
        *('precisely {}', '{} or more', '{} or so', '{} dozen', 'the other {}'),
        *('more than {}', 'less than {}', 'fewer than {}', 'about {}', 'around {}', 'roughly {}'),
    )
)
_COUNTED += ''.join(f',{few} or {more},{few} to {more}' for few, more in pairwise(NUMBER_WORDS))
_DETERMINERS = f"""
    the, a, an, my, your, his, its, our, their, some, any, all, both, every, each, another,
    all the, both the, all of the, both of the, one of the, each of the, some of the, any of the,
    all these, all those, all my, all your, one, this, that, these, those, her, both of these,
    both of those, all of these, all of those, both my, both your, every one of the,
    any one of the,
    every single, each and every, only one, exactly one, any one, one more,
    several, several of the, many, many of the, a few, a few of the, the few, a lot of, lots of,
    a number of, a pair of, the pair of, pair of, a couple of, the couple of, couple of, a dozen,
    both of my, both of your, each one of the, all of my, all of your, either, either of the,
    either one of the, thirty, forty, fifty, a hundred, a trio of, a single, one single,
    just one, at least one, at most one, no more than one,
    not more than one, more than one, up to one, one of my, one of your, one of these,
    one of those, any of my, any of these, any of those, either of these, either of those,
    half a dozen, another pair of, most of the, most, various, multiple,
    {_COUNTED}
"""
_OBJECT_PRONOUNS = (
    'it, them, they, one, this, that, these, those, both, each, all of them, one of them'
)
_PERSON_PRONOUNS = 'me, us, him, her, you, myself, yourself, i, we, he, she'
_NEGATIONS = """
    don't, do not, never, avoid, stop, must not, mustn't, should not, shouldn't, cannot, can not,
    may not, you must not, you mustn't, you should not, you shouldn't, you may not, you cannot,
    you can't, stay away from, keep away from, keep off, keep clear of, stay clear of,
    steer clear of, stay off, keep your hands off, hands off, watch out for, beware of,
    be careful with, be careful of,
    careful with, look out for, there should be no, there must be no, under no circumstances,
    not to, do never, don't ever, never ever, refrain from, no need to, ignore, skip,
    i don't want, i do not want, i don't need, i do not need, we don't want, we don't need,
    i don't want you to, i do not want you to, i don't like, i'm not looking for,
    i am not looking for, not looking for, i never want, i forbid you to, it is forbidden to,
    it's forbidden to, you are not allowed to, you aren't allowed to, you're not allowed to,
    you are not supposed to, you're not supposed to, i'd rather you didn't, you don't, you do not,
    you never, there must not be, there mustn't be, there should not be, there shouldn't be,
    keep your distance from, keep a distance from, keep at a distance from, avoiding,
    while avoiding, forget, forget about, nevermind, never mind, don't worry about,
    quit, cease, avoid contact with, avoid any contact with, keep your gripper off,
    keep your gripper away from, keep your arm away from, keep your hands away from,
    by no means, in no case, on no account, you don't need to, you do not need to, please don't
"""

INDEFINITE_WORDS = frozenset(('a', 'an', 'any', 'some', 'one', 'another'))
"""Words of determiners after which any fitting object will do."""

POSSESSIVES = frozenset(('my', 'your', 'his', 'her', 'its', 'our', 'their'))
"""Owners cannot be seen; the model is asked for 'the' object."""

SELF_NOUNS = word_set('gripper grippers robot arm arms hand hands fingers claw effector')
"""Parts of the robot are not looked for."""

TRAILING_DIRECTIONS = word_set('left right forward forwards backward backwards')
"""Words for a direction at the end of a phrase: 'push the cube left'."""

SCENERY = word_set('table desk tabletop counter floor ground image picture photo scene')
"""Surroundings of everything in view, so that nothing is singled out by them."""

EVERYTHING = word_set('everything anything something nothing all objects things items')
"""Names of no kind of thing."""

ADJECTIVES = word_set(
    """
    red orange yellow green blue purple violet pink brown black white grey gray golden silver
    dark light bright big large small little medium tiny huge tall short long round flat square
    left right leftmost rightmost topmost bottommost nearest closest farthest largest biggest
    smallest first second last other same new old empty full open closed clean dirty
    wooden metal plastic glass heavy soft hard shiny striped broken transparent beige cyan
    turquoise magenta thin thick wide narrow ceramic wet dry hot cold
    """
)
"""Words after which a comma or an 'and' does not end a phrase: 'the big, red mug'."""

NOUNS_TOO = word_set('glass orange light metal plastic square')
"""Adjectives that are things as well: 'the glass'."""

COLLECTIVES = word_set(
    'set sets kit kits pair pairs combo combination collection shaker shakers grinder grinders'
)
"""Nouns that make one thing of two: 'the mug and bowl set'."""

FIXED_PAIRS = frozenset(
    (
        *('black and white', 'salt and pepper', 'suit and tie', 'mac and cheese'),
        *('fish and chips', 'bow and arrow', 'gin and tonic', 'nuts and bolts'),
        *('ham and cheese', 'butter and jelly', 'bread and butter', 'bed and breakfast'),
        *('rock and roll', 'lost and found', 'bride and groom', 'cup and saucer'),
    )
)
"""Two words of one thing, but for salt and pepper at the end of a phrase."""

PARTICIPLES = word_set(
    """
    wearing holding carrying containing showing saying reading labeled labelled marked called
    named riding filled covered leaning wrapped attached connected tied facing pointing having
    made painted mounted stored kept using eating drinking pushing pulling full topped decorated
    """
)
"""Words behind a noun that tell what it has, does or says: 'the man wearing a hat'."""

NEGATIVE_WORDS = word_set(
    "never nobody nowhere unless hardly barely hasn't haven't doesn't don't won't wouldn't"
)
"""Words that take something back in ways that are not read."""

BARRED = frozenset(
    (
        *(
            f'{word} be'
            for word in (
                *('must not', "mustn't", 'must never', 'should not', "shouldn't"),
                *('should never', 'may not', 'may never', 'cannot', "can't", 'can not'),
                *('is not to', 'are not to', "isn't to"),
            )
        ),
        *(
            f'{be} {word}'
            for be in ('is', 'are', "isn't", "aren't", 'is not', 'are not')
            for word in ('allowed', 'permitted', 'forbidden', 'prohibited', 'off limits', 'taboo')
        ),
    )
)
BARRED |= {'anywhere but', 'anywhere except', 'anywhere other than', 'somewhere other than'}
"""Prohibitions behind a name that are not understood."""

UNNAMED = frozenset(
    ('left most', 'right most', 'top most', 'front most', 'bottom most', 'far most')
)
"""Words of names that mean something else one by one."""

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
    Link.EXCEPT: """
        except, except for, excepting, except from, with the exception of, other than, but not,
        and not, or not, excluding, not including, apart from, aside from, besides, rather than,
        instead of, minus, barring, save for, not, but no, with exception of, different from,
        different than, not counting, leaving out
    """,
    Link.LACKS: """
        zero, with neither, that has neither, which has neither, missing a, missing an,
        missing the, missing its, that misses, which misses,
        without, without any, with no, having no, lacking, that has no, which has no, that have no,
        which have no, who has no, that doesn't have, which doesn't have, who doesn't have,
        that does not have, which does not have, who does not have, that don't have,
        which don't have, who don't have, that do not have, which do not have, that lacks,
        which lacks, not having, free of, no, that is without, that are without, not with
    """,
}

_RELATIVES = ('that', 'which', 'who')
_COPULAS = ('is', 'are', 'was', 'were')
LINKS[Link.IS_NOT] = ', '.join(
    (
        *(f'{who} {be} not' for who in _RELATIVES for be in _COPULAS),
        *(f"{who} {be}n't" for who in _RELATIVES for be in _COPULAS),
        *(f"{who}'s not" for who in _RELATIVES),
        *(f"{who} ain't" for who in _RELATIVES),
        *(f'{who} {be} neither' for who in _RELATIVES for be in _COPULAS),
        *(f'{who} {be} never' for who in _RELATIVES for be in _COPULAS),
        *(f'{who} {be} anything but' for who in _RELATIVES for be in _COPULAS),
        *('neither', 'not being', "isn't", "aren't", 'is not', 'are not'),
    )
)

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
    Link.RANK: ', '.join(
        (
            *(
                form.format(side)
                for side in ('left', 'right', 'top', 'bottom', 'back', 'front')
                for form in (
                    *('from the {}', 'from {}', 'counting from the {}', 'counted from the {}'),
                    *('from the {} side', 'from your {}', 'from my {}', 'starting from the {}'),
                )
            ),
            *('from left to right', 'from right to left', 'left to right', 'right to left'),
            *('from top to bottom', 'from bottom to top', 'in the row', 'in a row', 'of the row'),
            *('in the line', 'in line', 'of the line', 'in the queue', 'in the stack'),
        )
    ),
}
"""Places without an object; before a word that may be one, they are not taken for such."""

_FILLERS = """
    if you see, if you find, if there is, when you see, either, please, kindly, now, carefully,
    gently, slowly, quickly, just, again, also, too, together, afterwards, for me, for us, for
    him, for her, for them, thanks, thank you, if you can, if possible, if you could, will you,
    would you, could you, can you, okay, ok, right now, upside down, a bit, a little, a little
    bit, slightly, for a moment, first, finally, up, down, back, out, apart, straight, only,
    forward, forwards, whatever you do, thx, pls, plz, instead, etc, and so on, and so forth,
    of any color, of any colour, in any color,
    in any colour, of a color, of a colour,
    of a different color, of a different colour, of another color, of another colour,
    in a different color, in another color, in a color, in a colour, at all,
    immediately, safely, directly, as well
"""
_LINKERS = """
    that is, which is, that are, which are, that's, that stands, which stands, that lies,
    which lies, standing, lying, sitting, placed, located, resting, hanging, that is standing,
    that is lying, that is sitting, which is standing, which is lying, which is sitting, that sits,
    you see, that you see, who is, who are, who's, who stands, who sits
"""
VERBAL_IDIOMS = (
    'get rid of',
    'take care of',
    'get hold of',
    'take hold of',
    'let go of',
    'line up with',
    'catch up with',
    'keep up with',
    'run after',
    'go after',
    'home in on',
)
"""Verbs of several words."""

_STEPS = 'then, but, and then, after that, and after that, next, and finally, followed by'


LEXICON: dict[tuple[str, ...], tuple[Link | Word, ...]] = {}
"""Every closed-class expression as its words, and what it can be, likeliest first."""


def _enter(entry: Link | Word, expressions: str) -> None:
    for expression in expressions.split(','):
        words = tuple(expression.split())
        if words and entry not in LEXICON.get(words, ()):
            LEXICON[words] = (*LEXICON.get(words, ()), entry)


_ENTRIES: tuple[tuple[Link | Word, str], ...] = (
    (Word.FILLER, _FILLERS),
    (Word.LINKER, _LINKERS),
    (Word.NOT, _NEGATIONS),
    (Word.NOT, ','.join(BARRED)),
    (Word.CONTENT, ','.join((*UNNAMED, *VERBAL_IDIOMS))),
    (Word.STEP, _STEPS),
    (
        Word.AND,
        'and, or, plus, as well as, and also, along with, together with, nor, and/or, '
        "not forgetting, not to forget, not to mention, don't forget, do not forget, or even, "
        'and even, and maybe, or maybe',
    ),
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
