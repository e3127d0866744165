# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a request asks for, as far as no image is needed to tell."""

from __future__ import annotations

from collections.abc import Callable

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.instruct_parser import parse_instruction
from kosmos_ros.core.raw_prompt import raw_prompt
from kosmos_ros.core.tasks import choose_task, DETAILS, split_phrases, without_search_words
from kosmos_ros.core.types import GroundingRequest, Task


def resolve_task(request: GroundingRequest, query: str) -> tuple[Task, str]:
    """
    Return the task of a request and what it works on.

    AUTO is resolved; its 'find' and the like are taken off the query.

    :param query: the request's query as ``check_query`` returned it.
    :raises InvalidRequestError: if no image at all could be asked this, with what to ask instead.
    """
    task, has_region = request.task, request.region is not None
    if task is Task.AUTO:
        task = choose_task(query, has_region)
        if task is Task.LOCATE:
            query = without_search_words(query)
    _CHECKS[task](query, has_region)
    if request.alternatives and task is not Task.LOCATE:
        raise InvalidRequestError(
            f'alternatives are for LOCATE, got {request.alternatives} for {task.name}'
        )
    return task, query


def _check_locate(query: str, _: bool) -> None:
    if not split_phrases(query):
        raise InvalidRequestError(
            "LOCATE needs a phrase such as 'the red cube'; several are separated by ';'"
        )


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
    if not parse_instruction(query):
        raise InvalidRequestError(
            "INSTRUCT needs an instruction that names an object, such as 'put the mug on the "
            f"plate', got {query!r}"
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
