# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The prompts that KOSMOS-2 was trained on, from its model card and its authors' evaluation scripts.

A user's words are text parts, whatever tags they spell; only ``raw_prompt`` reads tags.
"""

from __future__ import annotations

import re

from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Prompt, PromptPart, Tag
from kosmos_ros.core.types import Box

_POINTER = re.compile(r"\b(?:this|that|it)\b(?!['\u2019])", re.IGNORECASE)

_DETERMINER = re.compile(r'(?:the|an?|this|that|these|those|all)\s+', re.IGNORECASE)

_WORD = re.compile(r"\s+([\w'-]+)")


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEFORE_THAT = _word_set(
    'is are was does do did of in on at to from by with under behind about like and or'
)
"""Words after which 'that' points; elsewhere it opens a clause: 'the mug that is red'."""

_NO_NOUN = _word_set("""
    a an the is are was were be been of in on at to for from by with near and or but not made
    called used doing located standing lying sitting placed visible empty full here there
""")
"""Words that cannot continue 'this': 'is this a mug', 'what is this made of'."""

_MAX_NOUN_WORDS = 2


def locate_prompt(phrase: str) -> Prompt:
    """Ask for the boxes of a phrase."""
    return Prompt((Tag.GROUNDING, Tag.PHRASE, f' {phrase}', Tag.PHRASE_END))


def describe_prompt(detailed: bool) -> Prompt:
    """Ask for a grounded caption; the text of the brief prompt is the caption's beginning."""
    text = ' Describe this image in detail:' if detailed else ' An image of'
    return Prompt((Tag.GROUNDING, text))


def identify_prompt(box: Box) -> Prompt:
    """Ask for an expression that names a box of the image."""
    return Prompt((Tag.GROUNDING, *_grounded(' It', box), ' is'))


def ask_prompt(question: str, box: Box | None = None) -> Prompt:
    """
    Ask a question, about a box of the image where one is given.

    :param box: what the question's 'this', 'that' or 'it' means.
    :raises ValueError: if a box comes without such a word, see ``has_pointer``.
    """
    ending = '' if question.endswith(('?', '.', '!')) else '?'
    if box is None:
        return Prompt((Tag.GROUNDING, f' Question: {question}{ending} Answer:'))
    span = _pointing_span(question)
    if span is None:
        raise ValueError(f'nothing in the question {question!r} points at a box')
    start, end = span
    before = f' Question: {question[:start]}'.rstrip()
    phrase = _grounded(f' {question[start:end]}', box)
    return Prompt((Tag.GROUNDING, before, *phrase, f'{question[end:]}{ending} Answer:'))


def is_there_prompts(phrase: str) -> tuple[Prompt, Prompt, Prompt]:
    """
    Ask whether there is what a phrase names, in three forms.

    Without tags, as questions about images were learned; behind ``<grounding>``; and with the
    phrase marked too, as it is to be located.
    """
    words = phrase.strip().rstrip('.?!')
    match = _DETERMINER.match(words)
    noun = words[match.end() :] if match else words
    article = 'an' if noun[:1].lower() in set('aeiou') else 'a'
    text = f'{article} {noun}'
    plain = f' Question: Is there {text} in the image? Answer:'
    parts = (
        ' Question: Is there',
        Tag.PHRASE,
        f' {text}',
        Tag.PHRASE_END,
        ' in the image? Answer:',
    )
    return Prompt((plain,)), Prompt((Tag.GROUNDING, plain)), Prompt((Tag.GROUNDING, *parts))


def has_pointer(question: str) -> bool:
    """Tell whether a question has a 'this', 'that' or 'it' that a box can be given to."""
    return _pointing_span(question) is not None


def _grounded(text: str, box: Box) -> tuple[PromptPart, ...]:
    cells = cells_from_box(box)
    return (Tag.PHRASE, text, Tag.PHRASE_END, Tag.OBJECT, *cells, Tag.OBJECT_END)


def _pointing_span(question: str) -> tuple[int, int] | None:
    """Return start and end of 'this character', 'it', ... in a question."""
    for match in _POINTER.finditer(question):
        pointer = match.group().lower()
        before = question[: match.start()].lower().split()
        if pointer == 'that' and before and before[-1] not in _BEFORE_THAT:
            continue
        if pointer == 'it':
            return match.span()
        return match.start(), _end_of_noun(question, match.end())
    return None


def _end_of_noun(question: str, end: int) -> int:
    for _ in range(_MAX_NOUN_WORDS):
        word = _WORD.match(question, end)
        if word is None or word.group(1).lower() in _NO_NOUN:
            break
        end = word.end()
    return end
