# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How each task is run: which part of the image the model sees, what it is asked, what counts.

The text of an answer, which the spans of its phrases fit:

=========  ===========================================================================
LOCATE     the phrases asked for, joined by '; '
DESCRIBE   the caption; the brief one begins with the prompt's 'An image of'
IDENTIFY   the expression alone ('a red cube'), one phrase, whose detection is the region
ASK        the answer alone; the question stays in the prompt
INSTRUCT   the instruction
RAW        the prompt's text and what the model wrote after it
=========  ===========================================================================

A region is cut out and shown to the model alone, and boxes are mapped back onto the image; only
IDENTIFY and questions about 'this', 'that' or 'it' show the whole image and point at the region
with location tokens. Boxes that stand in a prompt are no detections.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.tasks.instruct import instruct
from kosmos_ros.core.tasks.job import Job, Outcome
from kosmos_ros.core.tasks.locate import locate
from kosmos_ros.core.tasks.words import ask, describe, identify, raw
from kosmos_ros.core.types import Task

_BOX_TASKS: dict[Task, Callable[[Job, Sequence[Cutout]], tuple[Outcome, ...]]] = {
    Task.LOCATE: locate,
    Task.INSTRUCT: instruct,
}
_WORD_TASKS: dict[Task, Callable[[Job, Cutout], Outcome]] = {
    Task.DESCRIBE: describe,
    Task.IDENTIFY: identify,
    Task.ASK: ask,
    Task.RAW: raw,
}


def run(task: Task, job: Job, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
    """
    Answer the same request about each view; boxes all together, words one after the other.

    :param task: any but AUTO.
    :param cutouts: the views, and the region of each that the request is about.
    :raises InvalidRequestError: as ``Grounder.ground`` does, like the others.
    :raises GroundingStoppedError: so too.
    :raises ModelError: so too.
    """
    if task in _BOX_TASKS:
        return _BOX_TASKS[task](job, cutouts)
    return tuple(_WORD_TASKS[task](job, cutout) for cutout in cutouts)
