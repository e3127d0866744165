# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What a request asks for, as far as that is known without an image.

It is resolved once, where the request comes in, and carried along from there.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.language.auto_task import check_query
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks.answer import Limits
from kosmos_ros.core.tasks.plan import Plan
from kosmos_ros.core.tasks.table import choose_task, TABLE
from kosmos_ros.core.types import GroundingRequest, Region, Task


@dataclass(frozen=True)
class ResolvedRequest:
    """
    A checked request, with all that is decided about it.

    ``query`` has been cleaned, ``task`` is not AUTO, and ``plan`` is what the task has read in the
    query. The others are as in ``GroundingRequest``.
    """

    query: str
    task: Task
    plan: Plan
    region: Region | None = None
    min_score: float = 0.0
    max_detections: int = 0
    max_looks: int = 0

    def limits(self, settings: GrounderSettings, until: float = math.inf) -> Limits:
        """Return which boxes a grounder returns, and how long it may look."""
        most = self.max_detections or settings.max_boxes
        looks = self.max_looks or settings.max_looks
        return Limits(self.min_score, min(most, settings.max_boxes), looks, until)


def resolve(request: GroundingRequest) -> ResolvedRequest:
    """
    Check a request, and decide what can be decided without an image.

    :raises InvalidRequestError: if no image at all could be asked this, with what to ask instead.
    """
    query = check_query(request.query)
    task = request.task
    if task is Task.AUTO:
        task = choose_task(query, request.region is not None)
    rules = TABLE[task]
    plan = rules.read(query if rules.reads_lines else query.replace('\n', ' '), request)
    if request.alternatives and not rules.has_alternatives:
        able = ' and '.join(one.name for one, row in TABLE.items() if row.has_alternatives)
        raise InvalidRequestError(
            f'alternatives are for {able}, got {request.alternatives} for {task.name}'
        )
    return ResolvedRequest(
        query=query,
        task=task,
        plan=plan,
        region=request.region,
        min_score=request.min_score,
        max_detections=request.max_detections,
        max_looks=request.max_looks,
    )
