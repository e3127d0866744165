# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What people ask: any text, of any task."""

from __future__ import annotations

from contextlib import suppress

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import GroundingRequest, Region, Task

_REGION = Region(0, 0, 1, 1)


def read(data: bytes) -> None:
    """Read the first byte as task and region, the others as the text."""
    text, first = data[1:].decode('utf-8', 'surrogatepass' if _is_wide(data) else 'replace'), 0
    if data:
        first = data[0]
    region = _REGION if first & 8 else None
    request = GroundingRequest(text, Task(first % 7), region, literal=bool(first & 16))
    with suppress(InvalidRequestError):
        resolved = resolve(request)
        assert resolved.task is not Task.AUTO
        for phrase in parse_instruction(resolved.query):
            assert 0 <= phrase.start < phrase.end <= len(resolved.query)


def _is_wide(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        data[1:].decode('utf-8', 'surrogatepass')
        return True
    return False
