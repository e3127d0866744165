# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Verbs of instructions that need more than being recognised as verbs.

A word before a determiner that begins no noun phrase is taken for a verb whatever it is
('inspect the valve'). Listed are those that take a destination in ways of their own, those that
open an instruction before other words as well, and those that are nouns or adjectives elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

from kosmos_ros.core.language.words.lexicon import Link
from kosmos_ros.core.language.words.word_lists import expressions, word_set


class VerbFrame(NamedTuple):
    """
    Which prepositions of a verb introduce a destination; the others single out an object.

    ``gives``: of two objects in a row the first is the receiver. ``has_tool``: 'with' names a
    second object, and no part of the first. ``is_tool``: its object is the tool of the next step.
    """

    destinations: frozenset[Link]
    gives: bool = False
    has_tool: bool = False
    is_tool: bool = False


_MOVE = frozenset({Link.GOAL, Link.BESIDE_GOAL})
_PLACE = _MOVE | {Link.SURFACE, Link.NEIGHBOUR, Link.AIM}

_ACT = VerbFrame(frozenset({Link.GOAL}))
_ACT_WITH = VerbFrame(frozenset({Link.GOAL}), has_tool=True)
_GIVE = VerbFrame(frozenset({Link.GOAL}), gives=True)
_PUSH = VerbFrame(_MOVE, has_tool=True)
_TURN = VerbFrame(_MOVE)
_PUT = VerbFrame(_PLACE)
_AIM = VerbFrame(frozenset({Link.GOAL, Link.AIM}))
_USE = VerbFrame(frozenset({Link.GOAL}), is_tool=True)

DEFAULT_FRAME = _ACT
"""Of verbs that are not listed."""

NO_VERB = VerbFrame(frozenset())
"""Of objects that are only looked for: every preposition singles one out."""


def _table(frame: VerbFrame, words: str) -> dict[str, VerbFrame]:
    return dict.fromkeys(words.split(), frame)


PLAIN_VERBS: dict[str, VerbFrame] = {
    **_table(_ACT, 'pick grab grasp take remove inspect examine retrieve navigate follow verify'),
    **_table(_ACT, 'unplug unload unscrew untie unlock unpack unwrap assemble disassemble'),
    **_table(_PUT, 'put insert pour move'),
    **_table(_GIVE, 'bring give fetch deliver'),
    **_table(_TURN, 'rotate'),
    **_table(_ACT_WITH, 'align'),
    **dict.fromkeys(expressions('verbal idioms'), _ACT),
}
"""Verbs that open an instruction whatever follows."""

AMBIGUOUS_VERBS: dict[str, VerbFrame] = {
    **_table(_ACT, 'open close hold lift release touch reach drive go get collect approach'),
    **_table(_TURN, 'turn flip'),
    **_table(_ACT_WITH, 'press wipe clean cover poke tap hit knock shake fill cut stir swap'),
    **_table(_ACT_WITH, 'replace connect attach switch empty'),
    **_table(_AIM, 'point look aim gaze'),
    **_table(_PUSH, 'push pull slide drag roll carry transfer kick nudge'),
    **_table(_PUT, 'place stack drop set lay store leave hang lean throw toss stand shift return'),
    **_table(_GIVE, 'hand pass show'),
    **_table(_USE, 'use'),
}
"""Verbs that are also nouns or adjectives: 'open box', 'stack of plates'."""

VERBS: dict[str, VerbFrame] = {**PLAIN_VERBS, **AMBIGUOUS_VERBS}

GOING_VERBS = word_set('going verbs')
"""Verbs that open an instruction before 'at', 'by' and the like: 'dock at the charger'."""

PHRASAL_VERBS = word_set('phrasal verbs')
"""Verbs before 'up', 'down', 'out' and a determiner; others there are objects: 'cat up a tree'."""

NO_VERBS = word_set('no verbs')
"""Words before a determiner that are neither verbs nor adjectives."""

WAY_NOUNS = word_set('way nouns')
"""Nouns that 'to' may follow: 'the door to the kitchen'."""


def _gerunds(verb: str) -> tuple[str, ...]:
    return f'{verb}ing', f'{verb[:-1]}ing', f'{verb}{verb[-1]}ing'


GERUNDS: dict[str, VerbFrame] = {
    gerund: frame for verb, frame in VERBS.items() for gerund in _gerunds(verb)
}
"""Verbs behind 'would you mind'; those that do not exist do no harm."""
