# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Rendered scenes with their questions, and a grounder that knows all answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kosmos_ros.backends.scripted import located, ScriptedBackend
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.types import Grounding, GroundingRequest
from kosmos_ros.evaluation.questions.cases import Case, Kind, NamedBox
from kosmos_ros.evaluation.questions.simulated import make_cases
from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

SEEDS = range(7, 27)


@pytest.fixture(scope='session')
def frames() -> dict[int, RenderedFrame]:
    """Return frames by their seeds."""
    with TabletopRenderer() as renderer:
        return {seed: renderer.render(sample_scene(seed)) for seed in SEEDS}


@pytest.fixture(scope='session')
def cases(frames: dict[int, RenderedFrame]) -> list[tuple[RgbImage, Case]]:
    """Return all questions about the frames."""
    return [
        (frame.rgb, case) for seed, frame in frames.items() for case in make_cases(frame, seed)
    ]


def spelled(thing: NamedBox) -> str:
    """Return a grounded phrase."""
    cells = ''.join(str(cell) for cell in cells_from_box(thing.box))
    return f'<phrase> a {thing.name}</phrase><object>{cells}</object>'


def right_words(case: Case) -> str:
    """Return what a perfect model writes."""
    if case.kind is Kind.EMPTY:
        return ' an empty table.'
    if case.things:
        return ','.join(spelled(thing) for thing in case.things) + '.'
    return f' a {case.text}.'


def answer_rightly(image: RgbImage, case: Case) -> Grounding:
    """Answer through the real grounder, by a backend that knows the answer."""
    query = case.request.query
    boxes = (thing.box for thing in case.things)
    existence = 0.9 if case.things else 0.1
    script = {query: located(query, *boxes, existence=existence)}
    # In the order of the text, as the parts are.
    for phrase, (_, thing) in zip(parse_instruction(query), case.parts, strict=False):
        where = located('', thing.box) if thing else located('', existence=0.1)
        script |= {phrase.head: where, phrase.asked: where}
    backend = ScriptedBackend(located=script, generated=lambda _: right_words(case))
    # The script knows whole phrases and whole images, not their parts.
    settings = GrounderSettings(relations_by_boxes=False, max_looks=1)
    return Grounder(backend, settings).ground(image, case.request)


@pytest.fixture(scope='session')
def oracle() -> Callable[[RgbImage, Case], Grounding]:
    """Return ``answer_rightly``."""
    return answer_rightly


@pytest.fixture(scope='session')
def unknowing() -> Callable[[RgbImage, GroundingRequest], Grounding]:
    """Return a grounder that finds nothing and has nothing to say."""
    return Grounder(ScriptedBackend()).ground
