# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Simulated scenes that were held out from training, level by level."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from kosmos_ros.core.closing import Closing
from kosmos_ros.datasets.levels import LEVELS, name_of_levels, STANDARD
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.questions.items import OpenedSample, Sample, TraitedCase
from kosmos_ros.evaluation.questions.simulated import make_cases
from kosmos_ros.evaluation.questions.wording_questions import wording_cases
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene, Scene

_WIDTHS = (16, 32, 64, 128)
"""Pixels between which widths of objects are counted together."""

_WHOLE = 0.95
"""Visible share from which on an object counts as not hidden."""


class TabletopSet(Closing):
    """
    Scenes, each with its questions.

    Scenes of the same seed have the same objects in several levels, as far as the level allows: in
    another light, on another table.

    :param seeds: held-out ones, see ``check_seeds``; the same for each level.
    :param levels: names of ``LEVELS``.
    """

    def __init__(self, seeds: Sequence[int], levels: Collection[str] = (STANDARD,)) -> None:
        self._seeds, self._levels = seeds, tuple(levels)
        self.name = f'tabletop-{name_of_levels(self._levels)}'
        self.group_texts = {level: LEVELS[level].text for level in self._levels}
        self.warnings: tuple[str, ...] = ()
        """Empty: scenes are made, not read."""
        self._renderers: dict[tuple[int, int], TabletopRenderer] | None = None

    def __len__(self) -> int:
        return len(self._seeds) * len(self._levels)

    def __iter__(self) -> Iterator[Sample]:
        """Return the scenes, level by level."""
        return (self._item(level, seed) for level in self._levels for seed in self._seeds)

    def item(self, item_id: str) -> Sample:
        """Return the scene of an id."""
        level, _, seed = item_id.removeprefix('tabletop-').partition('/')
        if level not in self._levels or not seed.isdecimal() or int(seed) not in self._seeds:
            raise KeyError(item_id)
        return self._item(level, int(seed))

    def __enter__(self) -> TabletopSet:
        """
        Open the renderers, one for each size of images.

        :raises MissingDependencyError: if this machine cannot render.
        """
        shots = [LEVELS[level].shot(seed) for level in self._levels for seed in self._seeds]
        sizes = dict.fromkeys((shot.width, shot.height) for shot in shots)
        self._renderers = {}
        for size in sizes:
            self._renderers[size] = TabletopRenderer(*size)
        return self

    def close(self) -> None:
        for renderer in (self._renderers or {}).values():
            renderer.close()

    def _item(self, level: str, seed: int) -> Sample:
        return Sample(f'tabletop-{level}/{seed:05}', level, partial(self._open, level, seed))

    def _open(self, level: str, seed: int) -> OpenedSample:
        if self._renderers is None:
            raise RuntimeError('enter the data set before opening its scenes')
        shot = LEVELS[level].shot(seed)
        frame = self._renderers[shot.width, shot.height].render(scene_of(level, seed))
        frame = replace(frame, least_share=shot.least_share)
        cases = (*make_cases(frame, seed), *wording_cases(frame, seed))
        questions = tuple(TraitedCase(case, traits_of(case, frame)) for case in cases)
        change = LEVELS[level].change
        image = change(frame.rgb, seed) if change else frame.rgb
        return OpenedSample(image, questions, frame, seed)


def scene_of(level: str, seed: int) -> Scene:
    """
    Draw the scene of a level and a seed.

    Where its camera sees no room for as many objects as the level wants, it has fewer.
    """
    wanted = LEVELS[level].shot(seed).options
    for fewer in range(wanted.min_objects):
        with suppress(ValueError):
            return sample_scene(seed, replace(wanted, min_objects=wanted.min_objects - fewer))
    return sample_scene(seed, replace(wanted, min_objects=0))


def traits_of(case: Case, frame: RenderedFrame) -> dict[str, str]:
    """
    Return the traits that figures of a question are split by.

    Always the number of visible ``objects``; for a question about one object its ``shape``,
    ``color``, ``size``, and whether it is partly ``hidden``; for one about something absent what
    its words say; and the ``relation`` or superlative that singles an object out. For a question
    about one object also how many pixels wide it is, in images of each size.
    """
    traits = {'objects': str(len(frame.objects))}
    if case.kind in (Kind.RELATION, Kind.SUPERLATIVE):
        traits['relation'] = _relation(case)
    thing = _thing(case, frame)
    if thing is not None:
        hidden = 'no' if thing.visible >= _WHOLE else 'partly'
        about = {'shape': thing.shape, 'color': thing.color, 'size': thing.size, 'hidden': hidden}
        height, width = frame.rgb.shape[:2]
        about[f'pixels across in {width}x{height}'] = _range_of(thing.box.width * width)
        return traits | about
    if case.kind is Kind.ABSENT:
        color, shape = case.request.query.split()[-2:]
        traits |= {'shape': shape, 'color': color}
    return traits


def _range_of(pixels: float) -> str:
    low = max((edge for edge in _WIDTHS if edge <= pixels), default=0)
    high = min((edge for edge in _WIDTHS if edge > pixels), default=None)
    return f'{low} and more' if high is None else f'{low} to {high}'


def _thing(case: Case, frame: RenderedFrame) -> VisibleObject | None:
    """Return the one object that a question is about, if it is about one."""
    if case.kind is Kind.CAPTION:
        return None
    if case.request.region is not None:
        height, width = frame.rgb.shape[:2]
        region = case.request.region
        near = [
            (abs(thing.box.x0 * width - region.x) + abs(thing.box.y0 * height - region.y), thing)
            for thing in frame.objects
            if thing.name.endswith(case.text) or thing.name.startswith(case.text)
        ]
        return min(near, key=lambda pair: pair[0])[1] if near else None
    if len(case.things) != 1:
        return None
    return next((thing for thing in frame.objects if thing.box == case.things[0].box), None)


def _relation(case: Case) -> str:
    """Return 'left of' of 'the cube left of the red bowl', 'largest' of 'the largest object'."""
    words = case.request.query.split()
    if case.kind is Kind.SUPERLATIVE:
        return words[1]
    return ' '.join(words[2 : words.index('the', 1)])
