# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A second look at what is left of a phrase that excludes something.

A model that is asked for the white bowls may overlook one of two, which would then count as not
white. Alone in the image it is not overlooked: so the excluded objects are looked for again, in a
square around each box that is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kosmos_ros.core.images.views import Cutout, View
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.looks.trail import Sought
from kosmos_ros.core.looks.windows import zoomed
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.tasks.ask_model import look_for, Sightings
from kosmos_ros.core.tasks.plan import TaskContext
from kosmos_ros.core.tasks.relations import is_among
from kosmos_ros.core.types import Box, ScoredBox


def with_closer_look(
    context: TaskContext, cutout: Cutout, phrases: Iterable[ObjectPhrase], sightings: Sightings
) -> Sightings:
    """
    Add excluded objects that were overlooked.

    :param phrases: those that exclude something get a closer look.
    :param sightings: with the answers to all their ``expressions``.
    """
    if not context.settings.closer_look:
        return sightings
    for phrase in [one for whole in phrases for one in whole.everything() if one.excluded]:
        seen = sightings.answers
        names = [one.head for one in phrase.excluded if not one.relations]
        known = [box.box for name in names for box in seen[name].boxes]
        left = [
            box.box
            for text in dict.fromkeys((phrase.head, phrase.asked))
            for box in seen[text].boxes
            if not is_among(box.box, known)
        ]
        if names and left:
            sightings = _with_overlooked(context, cutout, names, left, sightings)
    return sightings


def _with_overlooked(
    context: TaskContext,
    cutout: Cutout,
    names: Sequence[str],
    boxes: Sequence[Box],
    sightings: Sightings,
) -> Sightings:
    """Return what is seen of names, with the boxes that a closer look adds to them."""
    # These squares are not asked about again, so they must not push frames out of the cache.
    view = View(cutout.view.picture)
    squares = [Cutout(view, zoomed(box, view.picture.width, view.picture.height)) for box in boxes]
    once = replace(context, limits=replace(context.limits, max_looks=1))
    closer = look_for(once, squares, [Sought(name) for name in names], context.settings.max_boxes)
    answers = dict(sightings.answers)
    for name in names:
        confirmed = _confirmed(boxes, [one.answers[name] for one in closer])
        answers[name] = replace(answers[name], boxes=(*answers[name].boxes, *confirmed))
    looks = sum((one.looks for one in closer), sightings.looks)
    return replace(sightings, answers=answers, looks=looks)


def _confirmed(boxes: Sequence[Box], closer: Sequence[Located]) -> list[ScoredBox]:
    return [
        ScoredBox(box, found.existence)
        for box, found in zip(boxes, closer, strict=True)
        if is_among(box, [one.box for one in found.boxes])
    ]
