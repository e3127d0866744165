# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Reading a query: is it acceptable, which task does it ask for, which phrases does it name.

The rules of AUTO, first match wins:

1. no query: IDENTIFY with a region, DESCRIBE without;
2. 'brief' or 'detailed': DESCRIBE;
3. 'find', 'locate', 'show me' and the like with nothing to be done afterwards: LOCATE; they are
   no part of the phrase;
4. an imperative to act ('pick up the cube', 'can you give me the mug?'): INSTRUCT;
5. a question mark, a question word, or a request for words ('tell me ...'): ASK, also for
   'where is the mug?', whose answer comes in words and boxes;
6. anything else: LOCATE.

The words are English, as the models' are.
"""

from __future__ import annotations

import re
import unicodedata

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.instruct_chunks import acts_later, opens_instruction
from kosmos_ros.core.instruct_grammar import POLITE
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
    request = POLITE.sub('', text)
    if _SEARCH.match(request):
        return Task.INSTRUCT if acts_later(text) else Task.LOCATE
    if opens_instruction(text):
        return Task.INSTRUCT
    return Task.ASK if _is_question(text) else Task.LOCATE


def without_search_words(query: str) -> str:
    """Return what an AUTO query of LOCATE names: 'find the red mug' -> 'the red mug'."""
    request = POLITE.sub('', query.strip())
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
