# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Prompts that a user spells with tags: read by grammar, never trusted."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
import re
from typing import Union

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, Prompt, PromptPart, Tag

_TOKEN = re.compile(r'(</?[A-Za-z_][\w-]*/?>)')
"""Anything spelled like a control token."""

_CELL = re.compile(r'<patch_index_([0-9]{4})>')


class _State(Enum):
    """Where in a prompt a part stands; the value is for messages."""

    START = 'at the beginning'
    TEXT = 'in the text'
    PHRASE = 'at the beginning of a phrase'
    PHRASE_TEXT = 'inside a phrase'
    NAMED = 'after a phrase'
    OBJECT = 'at the beginning of a box'
    HALF_BOX = 'after the first cell of a box'
    BOX = 'after a box'


_Step = dict[Union[type, Tag], _State]

_OUTSIDE: _Step = {str: _State.TEXT, Tag.PHRASE: _State.PHRASE}

_STEPS: dict[_State, _Step] = {
    _State.START: {Tag.GROUNDING: _State.TEXT, **_OUTSIDE},
    _State.TEXT: _OUTSIDE,
    _State.PHRASE: {str: _State.PHRASE_TEXT},
    _State.PHRASE_TEXT: {Tag.PHRASE_END: _State.NAMED},
    _State.NAMED: {Tag.OBJECT: _State.OBJECT, **_OUTSIDE},
    _State.OBJECT: {Cell: _State.HALF_BOX},
    _State.HALF_BOX: {Cell: _State.BOX},
    _State.BOX: {Tag.DELIMITER: _State.OBJECT, Tag.OBJECT_END: _State.TEXT},
}
"""What may follow: the grammar of the model card."""


def raw_prompt(text: str) -> Prompt:
    """
    Read a prompt in the spelling of the model card.

    It may end wherever the model shall go on, even inside a phrase or an object. Text that is not
    spelled like a tag is taken literally.

    :raises InvalidRequestError: if it is empty, names a control token outside the grammar or a
        cell outside the grid, holds an inverted box, or breaks the order ``<grounding> text
        <phrase> text </phrase> <object> cell cell (delimiter cell cell)* </object>``.
    """
    parts = tuple(_parts(text))
    if all(part is Tag.GROUNDING for part in parts):
        raise InvalidRequestError('a raw prompt needs text, such as "<grounding> An image of"')
    _check_order(parts)
    _check_boxes(parts)
    if isinstance(parts[0], str) and not parts[0].startswith(' '):
        # Tokenizers of these models hold a word together with the space in front of it.
        parts = (f' {parts[0]}', *parts[1:])
    return Prompt(parts)


def _parts(text: str) -> Iterator[PromptPart]:
    for place, piece in enumerate(_TOKEN.split(text)):
        if place % 2:
            yield _control(piece)
        elif piece:
            yield piece


def _control(spelling: str) -> Tag | Cell:
    cell = _CELL.fullmatch(spelling)
    if cell and int(cell.group(1)) < CELL_COUNT:
        return Cell(int(cell.group(1)))
    try:
        return Tag(spelling)
    except ValueError:
        known = ' '.join(tag.value for tag in Tag)
        raise InvalidRequestError(
            f'{spelling} is not allowed in a raw prompt; expected {known} or '
            f'<patch_index_0000>..<patch_index_{CELL_COUNT - 1}>'
        ) from None


def _check_order(parts: tuple[PromptPart, ...]) -> None:
    state = _State.START
    for part in parts:
        kind = part if isinstance(part, Tag) else type(part)
        steps = _STEPS[state]
        if kind not in steps:
            got = part.value if isinstance(part, Tag) else str(part).strip() or 'a space'
            raise InvalidRequestError(
                f'{got} is out of place {state.value} of a raw prompt; expected '
                + ' or '.join(_spelling(step) for step in steps)
            )
        state = steps[kind]


def _check_boxes(parts: tuple[PromptPart, ...]) -> None:
    """Refuse inverted boxes; the order of the parts is checked, so that cells come in pairs."""
    cells = [part for part in parts if isinstance(part, Cell)]
    try:
        for upper_left, lower_right in zip(cells[::2], cells[1::2], strict=False):
            box_from_cells(upper_left, lower_right)
    except ValueError as error:
        raise InvalidRequestError(f'raw prompt: {error}') from error


def _spelling(kind: type | Tag) -> str:
    if isinstance(kind, Tag):
        return kind.value
    return '<patch_index_....>' if kind is Cell else 'text'
