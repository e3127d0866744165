# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Asks a model what was published, and measures how fast it answers on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
import time

from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import FrameKey
from kosmos_ros.core.model.backend import Backend, GeneratedToken, Located
from kosmos_ros.core.model.cells import cells_from_box
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.types import Grounding, GroundingRequest, Task
from kosmos_ros.evaluation.studies.recorder import Recorder
from kosmos_ros.verification.comparing import compare_with, ComparedAnswer
from kosmos_ros.verification.transcripts import Transcript

_PHRASE = 'the fire'
_REPEATS = 3


@dataclass(frozen=True, eq=False)
class AskedAgain:
    """
    A transcript's question, answered here.

    :param image: what was shown, (H, W, 3) uint8 RGB.
    :param grounding: the answer as users of this package get it.
    :param seconds: from the question to the whole answer.
    :param gaps: seconds between tokens that were written one after the other.
    """

    transcript: Transcript
    image: RgbImage
    grounding: Grounding
    compared: ComparedAnswer
    seconds: float
    gaps: tuple[float, ...]


@dataclass(frozen=True)
class AnswerTimes:
    """
    Seconds of this machine.

    :param first_box: to locate a phrase in a picture that is new to the model, median of three.
    :param later_box: the same in a picture that was asked about before.
    :param token: between two tokens of a written answer, the median; 0 if too few were written.
    """

    first_box: float
    later_box: float
    token: float


def ask_again(
    backend: Backend, transcripts: Sequence[Transcript], images: Mapping[str, RgbImage]
) -> Iterator[AskedAgain]:
    """
    Ask what was published, one question after the other.

    :param images: by ``Transcript.picture``.
    :raises ModelError: if the model fails.
    """
    recorder = Recorder(backend)
    grounder = Grounder(recorder)
    keys = {picture: _key(number) for number, picture in enumerate(images)}
    for one in transcripts:
        yield _ask(grounder, recorder, one, images[one.picture], keys[one.picture])


def answer_times(backend: Backend, image: RgbImage, answers: Sequence[AskedAgain]) -> AnswerTimes:
    """
    Measure how long a phrase takes, and take the time of tokens from what was answered.

    :raises ModelError: if the model fails.
    """
    grounder = Grounder(backend)
    first = [_seconds(grounder, image, _key(-number)) for number in range(1, _REPEATS + 1)]
    later = [_seconds(grounder, image, _key(-1)) for _ in range(_REPEATS)]
    gaps = [gap for one in answers for gap in one.gaps]
    return AnswerTimes(median(first), median(later), median(gaps) if gaps else 0.0)


def _ask(
    grounder: Grounder, recorder: Recorder, one: Transcript, image: RgbImage, key: FrameKey
) -> AskedAgain:
    request = _locate(one.locate) if one.locate else GroundingRequest(one.prompt, Task.RAW)
    times: list[float] = []
    started = time.perf_counter()
    grounding = grounder.ground(
        image, request, on_token=lambda _: times.append(time.perf_counter()), source=key
    )
    seconds = time.perf_counter() - started
    tokens = _tokens(recorder)
    gaps = tuple(later - earlier for earlier, later in pairwise(times))
    compared = compare_with(one, tokens, recorder.vocabulary)
    return AskedAgain(one, image, grounding, compared, seconds, gaps)


def _tokens(recorder: Recorder) -> tuple[GeneratedToken, ...]:
    """Return what was written, or what a located phrase would be written as."""
    if recorder.written is not None:
        return recorder.written[1].tokens
    return _written_out(recorder.located[0], recorder)


def _written_out(located: Located, backend: Backend) -> tuple[GeneratedToken, ...]:
    """Return the first box as the tokens that mean it, each with the probability of the box."""
    if not located.boxes:
        return ()
    box = located.boxes[0]
    ids = backend.vocabulary.ids
    cells = located.cells[0] if located.cells else cells_from_box(box.box)
    cell_ids = (ids.first_cell + cell.index for cell in cells)
    numbers = (ids.tags[Tag.OBJECT], *cell_ids, ids.tags[Tag.OBJECT_END])
    return tuple(GeneratedToken(number, min(1.0, box.score)) for number in numbers)


def _seconds(grounder: Grounder, image: RgbImage, key: FrameKey) -> float:
    started = time.perf_counter()
    grounder.ground(image, _locate(_PHRASE), source=key)
    return time.perf_counter() - started


def _locate(phrase: str) -> GroundingRequest:
    """Return a request for one box in a single look, as the published answers are."""
    return GroundingRequest(phrase, Task.LOCATE, max_detections=1, literal=True, max_looks=1)


def _key(serial: int) -> FrameKey:
    return FrameKey('verify', 0, serial)
