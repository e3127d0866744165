# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What a child answers, as JSON.

A child may have been taken over by a picture or a checkpoint: its answers are read as values of
known types, never as pickled objects, which could run code here.
"""

from __future__ import annotations

import json
import logging
from typing import Any, NamedTuple

from kosmos_ros.core import errors
from kosmos_ros.core.errors import KosmosError, ModelError
from kosmos_ros.core.plain import to_plain
from kosmos_ros.isolation.channel import GarbledError

RESULT, EVENT, ERROR = 'result', 'event', 'error'

_KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, KosmosError)
}

_logger = logging.getLogger(__name__)


class ChildReply(NamedTuple):
    """A result, something that happens before it, or an error; for JSON."""

    kind: str
    value: Any


def written(kind: str, value: object) -> bytes:
    """
    Write a reply.

    :param value: as ``to_plain`` takes it; numbers of numpy too.
    """
    return json.dumps([kind, to_plain(value)], default=lambda number: number.item()).encode()


def written_error(error: BaseException) -> bytes:
    """Write an error; of those that are not foreseen, the trace is logged."""
    for kind in type(error).__mro__:
        if kind.__name__ in _KINDS:
            return written(ERROR, (kind.__name__, str(error)))
    _logger.error('unexpected', exc_info=error)
    return written(ERROR, (ModelError.__name__, f'{type(error).__name__}: {error}'))


def read(data: bytes) -> ChildReply:
    """
    Read a reply.

    :raises GarbledError: if it is none.
    """
    try:
        kind, value = json.loads(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise GarbledError(f'expected a reply: {error}') from error
    return ChildReply(kind, value)


def error_of(value: Any) -> KosmosError:
    """
    Return the error that a reply tells of.

    :raises GarbledError: if it is none.
    """
    try:
        name, message = value
        return _KINDS[name](str(message))
    except (KeyError, TypeError, ValueError) as error:
        raise GarbledError(f'expected an error: {error!r}') from error
