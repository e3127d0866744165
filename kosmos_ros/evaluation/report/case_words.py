# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A question, its right answer and the answer given, in words for people."""

from __future__ import annotations

from kosmos_ros.core.tasks.table import TABLE
from kosmos_ros.core.types import Grounding, Role, Status, Task
from kosmos_ros.evaluation.questions.cases import Case, NamedBox
from kosmos_ros.evaluation.scoring.metrics import overlaps

_MOST_BOXES = 6


def question_words(case: Case, answer: Grounding) -> str:
    """Return what was asked, with its task."""
    region = case.request.region
    where = '' if region is None else f' in {region.x},{region.y},{region.width},{region.height}'
    asked = f'{case.before} [{case.request.query}]' if case.before else case.request.query
    return f'{answer.task.name}{where} {asked}'.strip()


def right_words(case: Case) -> str:
    """Return what is right."""
    if case.parts:
        return '; '.join(_part_words(role, thing) for role, thing in case.parts)
    if case.text:
        return case.text
    return ', '.join(thing.name for thing in case.things) or 'nothing'


def answer_words(case: Case, answer: Grounding) -> str:
    """Return what was answered."""
    if answer.status is Status.NOT_FOUND and not answer.detections:
        existence = max((phrase.existence for phrase in answer.phrases), default=0.0)
        return f'nothing (existence {existence:.2f})' if answer.phrases else 'nothing'
    if TABLE[answer.task].writes and answer.text:
        return answer.text
    roles = [role.name.lower() if role else '' for role in answer.roles]
    words = [
        f'{role}: {found.label} {found.score:.2f}' if role else f'box {found.score:.2f}'
        for role, found in zip(roles, answer.detections, strict=True)
    ]
    more = len(words) - _MOST_BOXES
    words[_MOST_BOXES:] = [f'{more} more'] if more > 0 else []
    return ', '.join(words) + _overlap_words(case, answer)


def _overlap_words(case: Case, answer: Grounding) -> str:
    if answer.task is not Task.LOCATE or not case.things:
        return ''
    return '; IoU ' + ', '.join(f'{overlap:.2f}' for overlap in overlaps(case, answer))


def _part_words(role: Role, thing: NamedBox | None) -> str:
    return f'{role.name.lower()}: {thing.name if thing else "not there"}'
