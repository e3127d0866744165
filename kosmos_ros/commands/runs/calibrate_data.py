# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a calibration is fitted on and judged by: simulated scenes, or the halves of a data set."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random
import sys
from typing import Protocol

from tqdm import tqdm

from kosmos_ros.commands.eval_data import data_settings, FIT_SEED, FLICKR30K, SCENES, TABLETOP
from kosmos_ros.commands.runs.eval import open_photos
from kosmos_ros.core.errors import InvalidDataError, InvalidImageError, InvalidRequestError
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.types import Grounding
from kosmos_ros.datasets.levels import FAR
from kosmos_ros.datasets.tabletop import TabletopSet
from kosmos_ros.evaluation.protocols import OwnProtocol
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.evaluation.questions.items import OpenedSample, Sample
from kosmos_ros.evaluation.questions.labels import label_case, Labels, written_cases
from kosmos_ros.evaluation.report.calibration_report import Origin, origin_of_scenes
from kosmos_ros.evaluation.runner import check_seeds, evaluate, records
from kosmos_ros.evaluation.scoring.closer_looks import closer_cases
from kosmos_ros.evaluation.scoring.evidence import Evidence, SCORED
from kosmos_ros.evaluation.studies.recorder import Recorder

MIN_PHRASES = 25
"""Phrases for what is there, and for what is not, that each half of a data set needs."""

_SPLIT_SEED = 20_26

_ONE_OF_MANY = 'a caption names a thing in one way of many, so that no other can be called wrong'
"""Why the wording for a region is not asked for."""


class LabelledData(Protocol):
    """Images about which answers are known: one half for fitting, one for judging."""

    @property
    def origin(self) -> Origin:
        """What was asked about, for the report."""
        ...

    @property
    def skipped(self) -> dict[str, str]:
        """Ids of images that cannot be used, and why."""
        ...

    def ask(self, backend: Backend) -> tuple[Evidence, Evidence]:
        """
        Ask about both halves, and return the raw scores.

        :raises KosmosError: if the model, the renderer or the data are of no use.
        """
        ...


def open_data(arguments: Namespace) -> LabelledData:
    """
    Open what the arguments name.

    :raises InvalidRequestError: if there is no such data, or too little of it.
    """
    if arguments.data != TABLETOP:
        return Photos.open(arguments)
    scenes = SCENES if arguments.scenes is None else arguments.scenes
    first = FIT_SEED if arguments.seed is None else arguments.seed
    fit_on, judge_by = check_seeds(first, scenes), check_seeds(0, scenes)
    if fit_on.start < judge_by.stop:
        raise InvalidRequestError(
            f'fitting and judging need different scenes: --seed must be {scenes} or more, '
            f'got {first}'
        )
    return Scenes(fit_on, judge_by)


@dataclass(frozen=True)
class Scenes:
    """Simulated scenes, by their seeds."""

    fit_on: range
    judge_by: range
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """Their seeds."""
        return origin_of_scenes(self.fit_on, self.judge_by)

    def ask(self, backend: Backend) -> tuple[Evidence, Evidence]:
        """Render and ask."""
        return self._ask(backend, self.fit_on, 'fitting'), self._ask(
            backend, self.judge_by, 'judging'
        )

    @staticmethod
    def _ask(backend: Backend, seeds: range, what: str) -> Evidence:
        evidence, recorder = Evidence(), Recorder(backend, Calibration())

        def add(case: Case, answer: Grounding) -> None:
            evidence.add(case, answer, recorder.signals)

        grounder = _grounder(recorder)
        with tqdm(total=len(seeds), unit='scene', desc=what, file=sys.stderr) as bar:
            evaluate(grounder, seeds, lambda _: bar.update(), add, SCORED)
        far = TabletopSet(seeds, (FAR,))
        with far, tqdm(far, unit='scene', desc=f'{what}, far', file=sys.stderr) as bar:
            for sample in bar:
                _look_closer(grounder, recorder, sample.open(), evidence)
        return evidence


@dataclass(frozen=True)
class Photos:
    """
    The images of a data set, one half for fitting, the other for judging, always the same.

    :param labels: tells by the id of an image what is known of the things in it.
    :param unasked: of which scores, by name, nothing is asked, and why.
    """

    origin: Origin
    halves: tuple[Sequence[Sample], Sequence[Sample]]
    labels: Callable[[str], Labels]
    unasked: Mapping[str, str]
    skipped: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, arguments: Namespace) -> Photos:
        """
        Open a data set, and divide its images.

        :raises InvalidDataError: if its files are of no use, or its labels too few.
        """
        data_set = open_photos(arguments, absent=True)
        for warning in data_set.warnings:
            print(warning, file=sys.stderr)
        samples = list(islice(data_set, arguments.limit))
        Random(_SPLIT_SEED).shuffle(samples)
        halves = samples[: len(samples) // 2], samples[len(samples) // 2 :]
        for half in halves:
            kinds = (one.case for sample in half for one in data_set.questions(sample.id))
            _require_enough(Counter(bool(case.things) for case in kinds), len(samples))
        fitted, judged = map(len, halves)
        unasked = dict(_unasked(arguments))
        origin = Origin(
            f'{fitted} images of {data_set.name}',
            f'{judged} others',
            {
                'settings': data_settings(arguments, with_extent=True),
                'fitted_on_images': fitted,
                'judged_on_images': judged,
            },
            unasked,
        )
        return cls(origin, halves, data_set.labels, unasked)

    def ask(self, backend: Backend) -> tuple[Evidence, Evidence]:
        """Read the images and ask; those that cannot be used are skipped."""
        fitting, judging = self.halves
        images = len(fitting) + len(judging)
        found = self._ask(backend, fitting, 'fitting'), self._ask(backend, judging, 'judging')
        for evidence in found:
            _require_enough(evidence.phrases(), images - len(self.skipped))
        return found

    def _ask(self, backend: Backend, half: Sequence[Sample], what: str) -> Evidence:
        evidence, recorder = Evidence(), Recorder(backend, Calibration())
        grounder = _grounder(recorder)
        asker = OwnProtocol(grounder)
        with tqdm(half, unit='image', desc=what, file=sys.stderr) as bar:

            def skip(item_id: str, why: str) -> None:
                self.skipped[item_id] = why
                bar.write(f'skipped {item_id}: {why}', file=sys.stderr)

            for sample in bar:
                asked = replace(sample, open=lambda sample=sample: self._opened(sample))
                for record in records(asker, [asked], kinds=SCORED, on_unusable=skip):
                    evidence.add(record.case, record.answer, recorder.signals)
                with suppress(InvalidDataError, InvalidImageError):  # was reported above
                    _look_closer(grounder, recorder, sample.open(), evidence)
        return evidence

    def _opened(self, sample: Sample) -> OpenedSample:
        """Open an image, with questions for words too, but without asking for other places."""
        opened = sample.open()
        named = None if 'words' in self.unasked else label_case(opened, sample.id)
        labels = Labels() if 'written' in self.unasked else self.labels(sample.id)
        return replace(
            opened,
            questions=(
                *(replace(one, case=one.case.without_alternatives()) for one in opened.questions),
                *([named] if named else ()),
                *written_cases(labels, sample.id),
            ),
        )


def _look_closer(
    grounder: Grounder, recorder: Recorder, opened: OpenedSample, evidence: Evidence
) -> None:
    """Ask about what is small in an image, enlarged."""
    cases = [one.case for one in opened.questions]
    for part, case in closer_cases(opened.image, cases, opened.seed):
        answer = grounder.ground(part, case.without_alternatives().request)
        evidence.add(case, answer, recorder.signals, closer=True)


def _unasked(arguments: Namespace) -> Iterator[tuple[str, str]]:
    if arguments.data == FLICKR30K:
        yield 'words', _ONE_OF_MANY
    if arguments.texts is False:
        yield 'written', 'not asked for, --no-texts'


def _grounder(recorder: Recorder) -> Grounder:
    """Return what gives raw scores, of boxes of absent objects too: which to refuse is open."""
    return Grounder(
        recorder,
        GrounderSettings(existence_threshold=0.0, raw_existence_threshold=0.0, max_looks=1),
    )


def _require_enough(phrases: Counter[bool], images: int) -> None:
    """
    Refuse what would be fitted to chance.

    :param phrases: of one half, whether what they name is there.
    :raises InvalidDataError: telling what is needed.
    """
    there, absent = phrases[True], phrases[False]
    if min(there, absent) >= MIN_PHRASES:
        return
    told = (
        f'of {images} images, one half has {there} phrases for what is there and {absent} for '
        f'what its labels exclude; each half needs {MIN_PHRASES} of both'
    )
    if there and not absent:
        raise InvalidDataError(f'{told}: label images in which some of the categories are missing')
    if not there:
        raise InvalidDataError(f'{told}: label more images')
    needed = -(-images * MIN_PHRASES // min(there, absent))
    raise InvalidDataError(f'{told}: label about {needed} images like these, better 500')
