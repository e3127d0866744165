# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Words around what is asked for: politeness, wishes, words of searching.

'could you please find the mug?', 'I am looking for the mug, thanks' and 'the mug' name the same
object.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import auto, Enum
import re
from typing import NamedTuple

_A = r"(?:'|\u2019)?"  # people leave apostrophes out

_GREETING = (
    r'(?:(?:hey|hi|hello|ok|okay|please|pls|plz|kindly|now|then|robot|just|first(?= *,)|so|'
    r'well|sorry|excuse me|go ahead and|maybe|alright|all right|also)\b[\s,.!:]*'
)
POLITE = re.compile(
    '^' + _GREETING + r'|(?:can|could|would|will|are) you (?:be able to\s+|able to\s+|'
    r'do me a favou?r and\s+|mind\s+|be so (?:kind|good) (?:as )?to\s+|'
    r'possibly\s+|maybe\s+|kindly\s+|just\s+|help me(?: to)?\s+)?\b[\s,]*'
    rf'|(?:i|we) (?:would like|want|need) you to\s+|i{_A}d like you to\s+'
    r'|(?:you|the robot) (?:should|must|need to|needs to|have to|has to|can|may|shall)\s+'
    r'(?:now\s+)?(?!not\b)'
    rf'|(?:let{_A}s|let us|help me(?: to)?|(?:start|begin) by)\s+'
    r'|(?:try|make sure|be sure|remember|be careful|take care|ensure|see to it)'
    r'(?: that)? (?:to\s+|(?=not to\b|you\b))'
    rf'|it{_A}s time to\s+|i (?:said|mean|meant),?\s+|(?:task|goal|command|instruction)\s*:\s*'
    r'|i think(?: that)? (?=there\b)'
    r'|(?:go|come) (?:and )?'
    r'(?=(?:get|find|fetch|pick|grab|take|bring|look|search|put|open|close)\b)'
    rf'|i (?:would like|want|need)\s+|i{_A}d like\s+|(?:your|the|next) (?:task|job|goal) is to\s+'
    r'|it would be (?:nice|great|good) if you(?: could)?\s+'
    r'|i would appreciate (?:it )?if you(?: could| would)?\s+|do you mind\s+(?=not\b)|'
    r'do me a favou?r(?: and|,|:)\s+|time to\s+)+',
    re.IGNORECASE,
)
"""Words before an instruction or a question that do not change it."""

_SUBJECT = rf'(?:(?:i|we)(?:{_A}m|{_A}re| am| are)?(?: still| really| just| also| only)*\s+)'
_WISHES = (
    # 'I want to lift the mug' asks for more than its place.
    rf'(?:all|what) (?:i|we) (?:want|need) is\s+|{_SUBJECT}(?:interested in|after)\s+',
    rf'{_SUBJECT}?(?:(?:{_A}d |would )?want|need|require|desire|wish for|'
    rf'wanna have|would like|would love|{_A}d like|'
    rf'{_A}d love|could use|like)(?: to have| to get)?\s+(?!you\b|to\b)',
    rf'i{_A}(?:d|ll)(?: really)? (?:like|love|need|take|have)(?: to have| to get)?\s+'
    r'(?!you\b|to\b)',
    rf'(?:i{_A}ve been |{_SUBJECT})?(?:looking|searching|hunting|asking)\s+(?:around\s+)?for\s+',
    rf'(?:i wish (?:i had|for)|{_SUBJECT}?in (?:search|need) of|i{_A}ve (?:lost|misplaced))\s+',
    r'(?:the|this|that) (?:image|picture|photo|scene) (?:shows|contains)\s+',
    rf'{_SUBJECT}(?:look|search|seek|miss|missed|lost|misplaced|have lost|{_A}ve lost|'
    r'seem to have lost|forgot)\s+(?:for\s+)?',
    rf'{_SUBJECT}?(?:can{_A}t|cannot|can not|could not|couldn{_A}t) (?:find|see|spot|locate)\s+',
    r'there (?:should|must|ought to|has to|might|may|could|has got to) (?:also )?be\s+',
    rf'there(?:{_A}s| is| are| was| were)\s+',
    r'do you (?:have|own|happen to (?:have|see))\s+',
    r'(?:(?:have you|you|has (?:any|some)(?:one|body)|did you) (?:got|seen|see)|'
    r'got(?=.*\?)|seen(?= (?:my|the)\b))\s+',
    r'(?:any sign of|any idea where) ',
)
_WISH = re.compile('^(?:' + '|'.join(_WISHES) + ')', re.IGNORECASE)

_SEARCHED = (
    r'(?!(?:on|in|at(?! least| most| maximum)|of|by|under|near|next|behind|between|and|or|is|are|'
    r'from|with|to)\b)(?=\S)'
)
_SEARCH = re.compile(
    rf'^(?:{_SUBJECT}?(?:want|need|would like|{_A}d like|try|trying|have|going)\s+to\s+)?'
    r'(?:to\s+)?(?:(?:find|locate|detect|spot|seek|highlight|show|get me)(?: out)?\s*:?\s+'
    r'(?:me\s+|us\s+|out\s+)?(?:where\s+)?|(?:search|look|hunt|scan|check)\s+(?:around\s+)?for\s+|'
    r'(?:point|pick) out\s+|know where\s+|see\s+where\s+|tell me where\s+|show where\s+|'
    r'(?:i |we )?wonder where\s+|'
    rf'(?:let me|(?:i|we) (?:want|need|would like) to|i{_A}d like to|(?:i |we )?wanna) '
    r'(?:see|have|look at)\s+|'
    r'(?:draw|put) an? (?:bounding )?box (?:around|on|over)\s+|'
    r'(?:take|have|get) a (?:good |close |closer |quick )?look (?:at|for)\s+|keep an eye on\s+)'
    + _SEARCHED,
    re.IGNORECASE,
)
_SHOW = re.compile(r'^show\s+(?!me\b|us\b|where\b)', re.IGNORECASE)

_WHERE = re.compile(
    rf'^(?:so\s+)?where(?:{_A}s|{_A}re|\s+(?:is|are|was|were|can i (?:find|see)|do you see|'
    r'exactly is))\s+',
    re.IGNORECASE,
)
_LABEL = re.compile(
    r'^(?:objects?|items?|things?|targets?|list|phrases?|quer(?:y|ies)|find|locate|labels?|classes|'
    r'categories|wanted|searching|search)\s*[:=]\s*',
    re.IGNORECASE,
)
_JOINT = re.compile(r'\s*(?:[,.;!?\n|&]|\b(?:and|then|or|but)\b)[\s,]*(?:and |then |but )?')
_ENDING = re.compile(
    r'(?:[\s,.;:!?]+(?:please|pls|plz|thanks(?: a lot)?|thank you(?: very much| so much)?|thx|'
    r'for me|for us|right now|now|asap|if you can|if possible|if you would|will you|would you|'
    r'could you|can you|ok|okay|(?:here )?somewhere(?: here| around)?|anywhere|around here|'
    r'quickly|around(?= *\?)|etc|and so on|'
    r'(?:is|are)(?= *[?.!]*$)|(?:is|are) (?:located|missing|gone|lost)|located|here|'
    rf'(?:that |which )?(?:i|we)(?:{_A}m|{_A}re| am| are)? (?:want|need|mean|meant|looking for)'
    r'|is what (?:i|we) (?:want|need)|immediately|(?<=,)\s*(?:robot|buddy))'
    r'(?=[\s,.;:!?]*$)|[\s,.;:!?]+$)',
    re.IGNORECASE,
)
"""Words after it; a single word stays."""


class Framing(Enum):
    """Words around what is asked for."""

    NONE = auto()
    WISH = auto()  # 'I want'
    SEARCH = auto()  # 'find'
    WHERE = auto()  # 'where is'


class Framed(NamedTuple):
    """What is asked for, ``text[start:end]``, and the words around it."""

    framing: Framing
    start: int
    end: int


def polite_end(text: str) -> int:
    """Return where politeness ends and the request begins."""
    match = POLITE.match(text)
    return match.end() if match else 0


def unframed(text: str) -> Framed:
    """Remove from a query the words around the objects that it names."""
    framing, start = _opening(text)
    end = len(text)
    while (ending := _ENDING.search(text, start, end)) and ending.start() > start:
        end = ending.start()
    return Framed(framing, start, end)


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a text that name objects: 'the mug and find the bowl' has two."""
    start = 0
    for joint in _JOINT.finditer(text):
        framing, length = _opening(text[joint.end() :])
        if joint.start() >= start and framing is not Framing.NONE:
            yield start, joint.start()
            start = joint.end() + length
    yield start, len(text)


def _opening(text: str) -> tuple[Framing, int]:
    """Return how a query begins, and where the words end that say so."""
    start, framing = len(text) - len(text.lstrip()), Framing.NONE
    while match := _next(text[start:]):
        found, length = match
        if start + length >= len(text.rstrip(' ?.!,;')):
            break  # it is all there is: an object called so
        start += length
        framing = framing if found is Framing.NONE else found
    return framing, start


def _next(text: str) -> tuple[Framing, int] | None:
    for framing, pattern in (
        (Framing.WISH, _WISH),
        (Framing.SEARCH, _SEARCH),
        (Framing.WHERE, _WHERE),
        (Framing.SEARCH, _LABEL),
        (Framing.NONE, POLITE),
    ):
        match = pattern.match(text)
        if match and match.end() and not (framing is Framing.SEARCH and _SHOW.match(text)):
            return framing, match.end()
    return None
