# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
The protocol between page and server over the WebSocket.

Text messages are JSON objects with the protocol's version ``v`` and a ``type``. The page sends
``look``, ``shown`` and ``ask``; whatever it sends is untrusted. A frame goes to the page as a
binary message: the length of its JSON header in four bytes, big-endian, the header, and the JPEG.
"""

from __future__ import annotations

from dataclasses import dataclass
import json
import reprlib
from typing import Any, Union

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.auto_task import check_query
from kosmos_ros.core.types import Region, Task

VERSION = 1

MAX_MESSAGE_BYTES = 64 * 1024
"""Larger messages of a page end its connection: a question of 1000 characters is far shorter."""

_MAX_CAMERAS = 32
_MAX_NAME = 200
_MAX_PIXEL = 2**32 - 1


class ProtocolError(InvalidRequestError):
    """An invalid message; ``ask`` is the number of the question in it, if any."""

    def __init__(self, message: str, ask: int | None = None) -> None:
        super().__init__(message)
        self.ask = ask


@dataclass(frozen=True)
class Look:
    """Which cameras the page shows."""

    cameras: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """The page has shown a frame of this camera, and is ready for the next."""

    camera: str


@dataclass(frozen=True)
class PageQuestion:
    """
    A question; ``number`` is the page's own for it.

    ``camera`` is empty for the node's first one, or '*'; ``region`` is in pixels of the camera's
    image; ``min_score`` 0 is the node's own limit.
    """

    number: int
    task: Task
    query: str
    camera: str
    region: Region | None
    min_score: float


FromPage = Union[Look, Shown, PageQuestion]


def parse(text: str) -> FromPage:
    """
    Read a message of the page.

    :raises ProtocolError: saying what was expected and what came.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f'expected a message in JSON: {error}') from None
    if not isinstance(data, dict):
        raise ProtocolError(f'expected a JSON object, got {_shown(data)}')
    if data.get('v') != VERSION:
        raise ProtocolError(
            f'this server speaks version {VERSION}, got {_shown(data.get("v"))}: reload the page'
        )
    kind = data.get('type')
    if kind == 'look':
        return Look(_cameras(data.get('cameras')))
    if kind == 'shown':
        return Shown(_text(data, 'camera', _MAX_NAME))
    if kind == 'ask':
        return _ask(data)
    raise ProtocolError(f"expected the type 'look', 'shown' or 'ask', got {_shown(kind)}")


def encode(kind: str, /, **fields: Any) -> str:
    """Make a text message to the page."""
    return json.dumps({'v': VERSION, 'type': kind, **fields}, allow_nan=False)


def encode_frame(header: dict[str, Any], jpeg: bytes) -> bytes:
    """Make a binary message to the page."""
    head = encode('frame', **header).encode()
    return len(head).to_bytes(4, 'big') + head + jpeg


def _ask(data: dict[str, Any]) -> PageQuestion:
    number: Any = data.get('ask')
    if not _is_whole(number) or not 0 <= number < 2**53:
        raise ProtocolError(f'ask must be a whole number, got {_shown(number)}')
    try:
        return PageQuestion(
            number,
            _task(data.get('task', 'AUTO')),
            check_query(data.get('query', '')),
            _text(data, 'camera', _MAX_NAME),
            _region(data.get('region')),
            _probability('min_score', data.get('min_score', 0.0)),
        )
    except InvalidRequestError as error:
        raise ProtocolError(str(error), number) from None


def _task(name: object) -> Task:
    try:
        return Task[str(name)]
    except KeyError:
        known = ', '.join(task.name for task in Task)
        raise InvalidRequestError(f'task must be one of {known}, got {_shown(name)}') from None


def _region(value: object) -> Region | None:
    if value is None:
        return None
    names = ('x', 'y', 'width', 'height')
    sides: list[Any] = [value.get(name) for name in names] if isinstance(value, dict) else [None]
    if not all(_is_whole(side) and abs(side) <= _MAX_PIXEL for side in sides):
        raise InvalidRequestError(
            f'region takes x, y, width and height in whole pixels, got {_shown(value)}'
        )
    return Region(*sides)


def _cameras(value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > _MAX_CAMERAS
        or not all(isinstance(name, str) and len(name) <= _MAX_NAME for name in value)
    ):
        raise ProtocolError(
            f'cameras must be a list of at most {_MAX_CAMERAS} names, got {_shown(value)}'
        )
    return tuple(dict.fromkeys(value))


def _text(data: dict[str, Any], name: str, limit: int) -> str:
    value = data.get(name, '')
    if not isinstance(value, str) or len(value) > limit or not value.isprintable():
        raise ProtocolError(
            f'{name} must be printable text of at most {limit} characters, got {_shown(value)}'
        )
    return value


def _probability(name: str, value: Any) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0.0 <= value <= 1.0:  # NaN is not, either
        raise InvalidRequestError(f'{name} must be within 0..1, got {_shown(value)}')
    return float(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: object) -> str:
    """Describe a value that may be large or deeply nested."""
    return reprlib.repr(value)[:200]
