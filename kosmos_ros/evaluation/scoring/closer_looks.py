# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Questions about parts of images, as a closer look shows them, to calibrate their scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from kosmos_ros.core.geometry import within
from kosmos_ros.core.images.images import crop, RgbImage
from kosmos_ros.core.looks.merge import SMALL
from kosmos_ros.core.looks.windows import zoomed
from kosmos_ros.core.tasks.instruct import sought
from kosmos_ros.core.tasks.locate import Locate
from kosmos_ros.core.tasks.request import resolve
from kosmos_ros.core.types import Box, Task
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.evaluation.scoring.evidence import LOCATED

_OFF = 0.15
"""Standard deviation of the error of the box that a closer look is made for, in its sizes."""


def closer_cases(
    image: RgbImage, cases: Sequence[Case], seed: int
) -> Iterator[tuple[RgbImage, Case]]:
    """
    Yield what is small in an image, enlarged, with the questions about one object or none.

    :param image: (H, W, 3) uint8 RGB.
    :param seed: the same gives the same parts.
    """
    height, width = image.shape[:2]
    rng = Random(seed)
    located = [case for case in cases if case.kind in LOCATED and _may_be_asked_of_a_part(case)]
    small = [case for case in located if case.things and _is_small(case.things[0].box)]
    for case in located:
        about = case if case in small else None if case.things else _any(rng, small)
        if about is None:
            continue
        box = about.things[0].box
        part = zoomed(_missed_a_little(rng, box), width, height)
        things = tuple(
            replace(one, box=within(one.box, part, width, height)) for one in case.things
        )
        yield crop(image, part), replace(case, things=things)


def _may_be_asked_of_a_part(case: Case) -> bool:
    """Tell whether a question is about one object or none, whatever else is in the image."""
    plan = resolve(replace(case.request, task=Task.LOCATE)).plan
    phrases = [
        name.phrase for name in (plan.names if isinstance(plan, Locate) else ()) if name.phrase
    ]
    asked = sought([one.asked for one in phrases], phrases)
    return len(case.things) < 2 and not any(one.by_the_rest for one in asked)


def _is_small(box: Box) -> bool:
    return max(box.width, box.height) < SMALL


def _any(rng: Random, cases: Sequence[Case]) -> Case | None:
    return rng.choice(cases) if cases else None


def _missed_a_little(rng: Random, box: Box) -> Box:
    """Return a box that a first look may have seen for another."""
    x, y = (rng.gauss(0.0, _OFF) * side for side in (box.width, box.height))
    grown = 1.0 + abs(rng.gauss(0.0, _OFF))
    across, down = box.width * grown, box.height * grown
    x0, y0 = min(max(0.0, box.x0 + x), 1.0 - across), min(max(0.0, box.y0 + y), 1.0 - down)
    return Box(max(0.0, x0), max(0.0, y0), min(1.0, x0 + across), min(1.0, y0 + down))
