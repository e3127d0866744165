# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks a grounder about held-out scenes, as the camera's pixels show them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.pictures import FrameKey
from kosmos_ros.core.types import Grounding
from kosmos_ros.evaluation.cases import Case, Kind
from kosmos_ros.evaluation.metrics import Tally
from kosmos_ros.evaluation.questions import make_cases
from kosmos_ros.sim.frame import Frame

HELD_OUT_SEEDS = 100_000
"""Seeds below are for evaluation and demonstration; training uses seeds from a million on."""


def check_seeds(first: int, scenes: int) -> range:
    """
    Return the seeds of an evaluation.

    :raises ValueError: if there are none, or some are not held out.
    """
    if scenes < 1:
        raise ValueError(f'an evaluation needs at least one scene, got {scenes}')
    if not 0 <= first <= first + scenes <= HELD_OUT_SEEDS:
        raise ValueError(
            f'held-out scenes have the seeds 0..{HELD_OUT_SEEDS - 1}, '
            f'got {first}..{first + scenes - 1}'
        )
    return range(first, first + scenes)


def held_out_scenes(seeds: range) -> Iterator[tuple[Frame, list[Case]]]:
    """
    Render scenes at 640x480 and ask about each.

    :raises MissingDependencyError: if this machine cannot render.
    """
    from kosmos_ros.sim.renderer import TabletopRenderer  # noqa: PLC0415
    from kosmos_ros.sim.scene import sample_scene  # noqa: PLC0415

    with TabletopRenderer() as renderer:
        for seed in seeds:
            frame = renderer.render(sample_scene(seed))
            yield frame, make_cases(frame, seed)


def evaluate(
    grounder: Grounder,
    seeds: range,
    on_scene: Callable[[Tally], None] = lambda _: None,
    on_answer: Callable[[Case, Grounding], None] = lambda _, __: None,
    kinds: Collection[Kind] = tuple(Kind),
    on_frame: Callable[[Frame, int], None] = lambda _, __: None,
) -> Tally:
    """
    Measure a grounder.

    :param on_scene: told the figures so far after each scene.
    :param on_answer: told each answer.
    :param kinds: of questions that are asked.
    :param on_frame: told each scene and its seed before the answers about it.
    """
    tally = Tally()
    for seed, (frame, cases) in zip(seeds, held_out_scenes(seeds), strict=True):
        on_frame(frame, seed)
        source = FrameKey('held-out scenes', 0, seed)
        for case in cases:
            if case.kind not in kinds:
                continue
            answer = grounder.ground(frame.rgb, case.request, source=source)
            tally.add(case, answer)
            on_answer(case, answer)
        on_scene(tally)
    return tally
