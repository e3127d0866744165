# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Reading a query: is it acceptable, which task does it ask for, which phrases does it name.

The rules of AUTO, first match wins:

1. no query: IDENTIFY with a region, DESCRIBE without;
2. 'brief' or 'detailed': DESCRIBE;
3. an imperative to act ('pick up the cube', 'can you give me the mug?'): INSTRUCT;
4. a question mark, a question word, or a request for words ('tell me ...'): ASK, also for
   'where is the mug?', whose answer comes in words and boxes;
5. anything else: LOCATE; 'find', 'locate', 'show me' and the like in front are no part of the
   phrase.

The words are English, as the models' are.
"""

from __future__ import annotations

import re
import unicodedata

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.types import Task

MAX_QUERY_LENGTH = 1000
"""Characters; prompts of KOSMOS-2 are far shorter."""

DETAILS = ('brief', 'detailed')
"""What a query of DESCRIBE may say."""

_QUESTION_MARKS = ('?', '\uff1f', '\u061f')


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUESTION_WORDS = _word_set("""
    what what's which who who's whose whom where where's when when's why why's how how's
    is isn't are aren't was wasn't were weren't am do don't does doesn't did didn't has hasn't
    have haven't will won't would wouldn't should shouldn't could couldn't can't may might shall
    tell describe explain
""")

_ACTIONS = _word_set(
    'pick put move bring give grab grasp take fetch deliver insert remove rotate pour align'
)
"""Verbs that open an instruction whatever follows."""

_AMBIGUOUS_ACTIONS = _word_set("""
    place stack open close point look push pull turn drop set lay touch hold release go drive
    reach flip slide lift hand pass carry transfer throw press wipe clean
""")
"""Verbs that are also nouns or adjectives: 'open box', 'stack of plates'."""

_OBJECT_OPENERS = _word_set("""
    the a an this that these those it them my your his her its their me him us
    all every each both one two three
    up down at to on in into onto over away back out off toward towards behind near left right
""")
"""Words that make an ambiguous verb an imperative."""

_POLITE = re.compile(
    r'^(?:(?:please|now|then|robot)\b[\s,]*'
    r"|(?:can|could|would|will) you\b[\s,]*|i (?:want|need) you to\s+|i'd like you to\s+)+",
    re.IGNORECASE,
)

_SEARCH = re.compile(
    r'^(?:find|locate|detect|spot|search for|look for|show me|point out)\s+(?:me\s+)?',
    re.IGNORECASE,
)

_WORD = re.compile(r"[\w'-]+")


def check_query(query: str) -> str:
    """
    Return the query without outer white space, line breaks and tabs as spaces.

    :raises InvalidRequestError: if it is no text, longer than ``MAX_QUERY_LENGTH`` characters, or
        holds control characters or halves of surrogate pairs.
    """
    if not isinstance(query, str):
        raise InvalidRequestError(f'expected the query as text, got {type(query).__name__}')
    text = query.strip()
    if len(text) > MAX_QUERY_LENGTH:
        raise InvalidRequestError(
            f'the query has {len(text)} characters, the limit is {MAX_QUERY_LENGTH}'
        )
    text = re.sub(r'[\t\n\r\v\f\x85\u2028\u2029]', ' ', text)
    for position, character in enumerate(text):
        if unicodedata.category(character) in ('Cc', 'Cs'):
            raise InvalidRequestError(
                f'the query holds the control character U+{ord(character):04X} at position '
                f'{position}'
            )
    return text


def choose_task(query: str, has_region: bool) -> Task:
    """
    Choose the task of an AUTO request by the rules above.

    :param query: a checked query.
    :param has_region: whether a region of interest came with it.
    """
    text = query.strip()
    if not text:
        return Task.IDENTIFY if has_region else Task.DESCRIBE
    if text.lower() in DETAILS:
        return Task.DESCRIBE
    # "can you find the mug?" asks for a box, not for an answer in words.
    request = _POLITE.sub('', text)
    if _SEARCH.match(request):
        return Task.LOCATE
    if _is_imperative(request):
        return Task.INSTRUCT
    return Task.ASK if _is_question(text) else Task.LOCATE


def without_search_words(query: str) -> str:
    """Return what an AUTO query of LOCATE names: 'find the red mug' -> 'the red mug'."""
    request = _POLITE.sub('', query.strip())
    if not _SEARCH.match(request):
        return query.strip()
    return _SEARCH.sub('', request).rstrip(' ?.!')


def split_phrases(query: str) -> tuple[str, ...]:
    """
    Split a query of LOCATE at ';' into its phrases.

    White space is evened out; empty phrases and repetitions are left out.
    """
    phrases = (' '.join(part.split()) for part in query.split(';'))
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def _is_imperative(text: str) -> bool:
    words = _words(text)
    if not words:
        return False
    if words[0] in _ACTIONS:
        return len(words) > 1
    return words[0] in _AMBIGUOUS_ACTIONS and len(words) > 1 and words[1] in _OBJECT_OPENERS


def _is_question(text: str) -> bool:
    if text.endswith(_QUESTION_MARKS):
        return True
    words = _words(text)
    if not words:
        return False
    # A can is a thing as well: "can of soda".
    return words[0] in _QUESTION_WORDS or (
        words[0] == 'can' and words[1:2] != ['of'] and len(words) > 2
    )


def _words(text: str) -> list[str]:
    return [word.replace('\u2019', "'").lower() for word in _WORD.findall(text)]
