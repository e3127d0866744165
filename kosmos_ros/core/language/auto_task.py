# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Reading a query: is it acceptable, what kind of wording is it, and what does it name.

AUTO chooses the task by the wording (``core.tasks.table``). First match wins:

1. no query: REGION with a region, NOTHING without;
2. 'find', 'locate', 'show me' and the like, with no action afterwards: OBJECTS;
3. an imperative to act ('pick up the cube', 'dock at the charger', 'can you give me the mug?') or
   a prohibition ('do not touch the vase'): INSTRUCTION;
4. a wish ('I need the mug', 'do you have a pen?'): OBJECTS;
5. a question mark, a question word, or a request for words ('tell me ...'): QUESTION, also for
   'where is the mug?', whose answer comes in words and boxes; but OBJECTS where it asks for the
   places of several objects, or of objects named by number, order or exception;
6. anything else: OBJECTS.

The words are English, as the models' are.
"""

from __future__ import annotations

from enum import Enum
import re
import unicodedata

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.names import parse_names
from kosmos_ros.core.language.object_phrases import Name, Names
from kosmos_ros.core.language.polite_forms import clauses, Framing, polite_end, unframed
from kosmos_ros.core.language.steps import acts_later, opens_instruction, opens_prohibition
from kosmos_ros.core.language.words.word_lists import word_set

MAX_QUERY_LENGTH = 1000
"""Characters; prompts of KOSMOS-2 are far shorter."""

_QUESTION_MARKS = ('?', '\uff1f', '\u061f')
_QUESTION_WORDS = word_set('question words')

_SIGN = re.compile(r"^(?:do not|don['\u2019]?t)\s(?:\S+ ){1,3}signs?$", re.IGNORECASE)
"""A sign, named by what is written on it."""

_DOUBT = re.compile(
    r'(?:check|see|verify|confirm|find out|determine) (?:if|whether|that)\b', re.IGNORECASE
)

_WORD = re.compile(r"[\w'-]+")


def check_query(query: str) -> str:
    """
    Return the query without outer white space, with plain line breaks, and tabs as spaces.

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
    text = re.sub(r'\r\n|[\r\v\f\x85\u2028\u2029]', '\n', text).replace('\t', ' ')
    for position, character in enumerate(text):
        if character != '\n' and unicodedata.category(character) in ('Cc', 'Cs'):
            raise InvalidRequestError(
                f'the query holds the control character U+{ord(character):04X} at position '
                f'{position}'
            )
    return text


class QueryForm(Enum):
    """Kinds of queries, by their wording."""

    NOTHING = 'neither query nor region'
    REGION = 'a region alone'
    OBJECTS = 'names of objects'
    QUESTION = 'a question, or a request for words'
    INSTRUCTION = 'an imperative to act, or a prohibition'


def wording_of(query: str, has_region: bool) -> QueryForm:
    """
    Tell the kind of a query by the rules above.

    :param has_region: whether a region of interest came with it.
    """
    text = query.strip()
    if not text:
        return QueryForm.REGION if has_region else QueryForm.NOTHING
    framed = unframed(text)
    if framed.framing in (Framing.SEARCH, Framing.WISH):
        # "can you find the mug?" asks for a box, not for an answer in words.
        return QueryForm.INSTRUCTION if acts_later(text) else QueryForm.OBJECTS
    if _asks_for_words(text):
        is_where = framed.framing is Framing.WHERE
        return QueryForm.OBJECTS if is_where and _needs_boxes(text) else QueryForm.QUESTION
    if opens_instruction(text):
        return QueryForm.INSTRUCTION
    return QueryForm.QUESTION if text.endswith(_QUESTION_MARKS) else QueryForm.OBJECTS


def named_objects(query: str, literal: bool = False) -> tuple[str, Names]:
    """
    Read what a query of LOCATE names: 'find the mug; the bowl' -> the mug, the bowl.

    :param literal: take it as the name of one object, whatever its words.
    :returns: the part of the query that names objects, with single spaces, and the objects in it.
        Words that cannot be read name one object.
    """
    if literal:
        text = ' '.join(query.split())
        return text, Names((Name(0, len(text)),))
    framed = unframed(query)
    text = re.sub(r'[^\S\n]+', ' ', query[framed.start : framed.end].strip())
    read = [parse_names(text, *clause) for clause in clauses(text)]
    names = Names(
        tuple(name for one in read for name in one.names), any(one.forbidden for one in read)
    )
    if not names.names and not names.forbidden and text.strip(' \n;,.!?|&'):
        return text, Names((Name(0, len(text)),))
    return text, names


def _needs_boxes(text: str) -> bool:
    """Tell whether a 'where' question needs boxes for its answer."""
    _, names = named_objects(text)
    return len(names.names) > 1 or any(
        name.excludes or (name.phrase is not None and name.phrase.is_counted)
        for name in names.names
    )


def _asks_for_words(text: str) -> bool:
    """Tell whether a text begins as a question, or as a request for words."""
    start = polite_end(text)
    words = _words(text[start:]) or _words(text)
    if not words or _SIGN.search(text):
        return False
    if _DOUBT.match(text[start:]):
        return True
    # 'can' is also a noun: "can of soda".
    is_can = words[0] == 'can' and words[1:2] != ['of'] and len(words) > 2
    if not (is_can or words[0] in _QUESTION_WORDS):
        return False
    is_request = start > 0 or not text.endswith(_QUESTION_MARKS)
    return not (is_request and opens_prohibition(text))


def _words(text: str) -> list[str]:
    return [word.replace('\u2019', "'").lower() for word in _WORD.findall(text)]
