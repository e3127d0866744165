# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a request asks for, as far as no image is needed to tell."""

from __future__ import annotations

from collections.abc import Callable

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.auto_task import choose_task, DETAILS, named_things
from kosmos_ros.core.language.instructions import forbids_only, parse_instruction
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.types import GroundingRequest, Task


def resolve_task(request: GroundingRequest, query: str) -> tuple[Task, str]:
    """
    Return the task of a request and what it works on.

    AUTO is resolved. Line breaks separate what LOCATE and INSTRUCT read, and are spaces elsewhere.

    :param query: the request's query as ``check_query`` returned it.
    :raises InvalidRequestError: if no image at all could be asked this, with what to ask instead.
    """
    task, has_region = request.task, request.region is not None
    if task is Task.AUTO:
        task = choose_task(query, has_region)
    if task not in (Task.LOCATE, Task.INSTRUCT):
        query = query.replace('\n', ' ')
    if not (request.literal and query and task is Task.LOCATE):
        _CHECKS[task](query, has_region)
    if request.alternatives and task is not Task.LOCATE:
        raise InvalidRequestError(
            f'alternatives are for LOCATE, got {request.alternatives} for {task.name}'
        )
    return task, query


def _check_locate(query: str, _: bool) -> None:
    things = named_things(query)[1]
    if things.names and not any(name.excludes and not name.phrase for name in things.names):
        return
    if not things.names and not things.forbidden:
        raise InvalidRequestError(
            "LOCATE needs a phrase such as 'the red cube'; several are separated by ';'"
        )
    if not things.names:
        raise InvalidRequestError(
            f'{query!r} says only what is not wanted; say of which kind of thing the others are, '
            "as in 'the plates that are not white'"
        )
    raise _not_understood(query)


def _check_describe(query: str, _: bool) -> None:
    if query and query.lower() not in DETAILS:
        raise InvalidRequestError(
            f"DESCRIBE takes no query, 'brief' or 'detailed', got {query!r}; "
            'questions are for ASK, phrases for LOCATE'
        )


def _check_identify(query: str, has_region: bool) -> None:
    if not has_region:
        raise InvalidRequestError('IDENTIFY needs a region: the part of the image to name')
    if query:
        raise InvalidRequestError(
            f'IDENTIFY takes no query, got {query!r}; questions about a region are for ASK'
        )


def _check_ask(query: str, _: bool) -> None:
    if not query:
        raise InvalidRequestError("ASK needs a question such as 'what is on the table?'")


def _check_instruct(query: str, _: bool) -> None:
    phrases = parse_instruction(query)
    if any(phrase.unclear for phrase in phrases):
        raise _not_understood(query)
    if phrases:
        return
    if forbids_only(query):
        raise InvalidRequestError(
            f'{query!r} forbids only, or names only what is not meant; say what is to be done, '
            "and with which thing, such as 'put the mug on the plate'"
        )
    raise InvalidRequestError(
        "INSTRUCT needs an instruction that names an object, such as 'put the mug on the "
        f"plate', got {query!r}"
    )


def _not_understood(query: str) -> InvalidRequestError:
    return InvalidRequestError(
        f'{query!r} excludes something in words that are not understood; '
        "say it as in 'the plates that are not white' or 'the mugs except the red one'"
    )


def _check_raw(query: str, _: bool) -> None:
    if not query:
        raise InvalidRequestError("RAW needs a prompt such as '<grounding> An image of'")
    raw_prompt(query)


_CHECKS: dict[Task, Callable[[str, bool], None]] = {
    Task.LOCATE: _check_locate,
    Task.DESCRIBE: _check_describe,
    Task.IDENTIFY: _check_identify,
    Task.ASK: _check_ask,
    Task.INSTRUCT: _check_instruct,
    Task.RAW: _check_raw,
}
