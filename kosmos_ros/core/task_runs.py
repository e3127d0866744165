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
RAW        the prompt's text and what the model wrote after it
=========  ===========================================================================

A region is cut out and shown to the model alone, and boxes are mapped back onto the image; only
IDENTIFY and questions about 'this', 'that' or 'it' show the whole image and point at the region
with location tokens. Boxes that stand in a prompt are no detections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
import math

from kosmos_ros.core.answers import (
    Answer,
    answer_in_boxes,
    answer_in_words,
    FoundPhrase,
    Limits,
    no_answer,
)
from kosmos_ros.core.backend import (
    Backend,
    EncodedFrame,
    Generation,
    Located,
    queries_about,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.errors import GroundingStoppedError, InvalidRequestError
from kosmos_ros.core.geometry import region_to_box, uncrop
from kosmos_ros.core.grammar import Prompt
from kosmos_ros.core.images import crop, RgbImage
from kosmos_ros.core.parser import parse, ParsedAnswer
from kosmos_ros.core.prompts import (
    ask_prompt,
    describe_prompt,
    identify_prompt,
    locate_prompt,
    points_at_something,
    raw_prompt,
)
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks import split_phrases
from kosmos_ros.core.types import Box, Region, ScoredBox, Task


@dataclass(frozen=True)
class Job:
    """
    A request that ``resolve_task`` has checked.

    ``region`` fits the image, ``query`` is what the task works on.
    """

    backend: Backend
    settings: GrounderSettings
    image: RgbImage
    query: str
    region: Region | None
    limits: Limits
    should_stop: StopCheck
    on_token: TokenListener


@dataclass(frozen=True)
class Outcome:
    """An answer, the prompt that led to it, and the count of malformed entities left out."""

    prompt: str
    answer: Answer
    dropped: int = 0


@dataclass(frozen=True)
class _Written:
    """What the model wrote about a view: a region of the image, or all of it (None)."""

    prompt: Prompt
    generation: Generation
    parsed: ParsedAnswer
    view: Region | None


def _locate(job: Job) -> Outcome:
    phrases = split_phrases(job.query)
    if len(phrases) > job.settings.max_phrases:
        raise InvalidRequestError(
            f'LOCATE takes at most {job.settings.max_phrases} phrases, got {len(phrases)}'
        )
    frame = _encode(job, job.region)
    queries = queries_about(frame, phrases)
    located = job.backend.locate(queries, job.limits.max_boxes, job.should_stop)
    text = '; '.join(phrases)
    found, start = [], 0
    for phrase, where in zip(phrases, located, strict=True):
        found.append(_found(job, phrase, start, where))
        start += len(phrase) + len('; ')
    prompt = '\n'.join(str(locate_prompt(phrase)) for phrase in phrases)
    return Outcome(prompt, answer_in_boxes(found, text, job.limits))


def _describe(job: Job) -> Outcome:
    detail = job.query.lower() or 'brief'
    written = _write(job, describe_prompt(detailed=detail == 'detailed'), job.region)
    return _in_words(job, written, with_prompt=detail == 'brief')


def _identify(job: Job) -> Outcome:
    if job.region is None:
        raise InvalidRequestError('IDENTIFY needs a region')
    box = _box_of(job.region, job.image)
    written = _write(job, identify_prompt(box), view=None)
    text = written.parsed.without_prompt().text.rstrip(' .')
    # Where the thing is was given, so that only its name can be right or wrong: existence and
    # score are the probability of the whole expression.
    probability = min(1.0, math.prod(token.probability for token in written.generation.tokens))
    score = job.backend.calibration.words(probability)
    phrase = FoundPhrase(text, 0, len(text), score, (ScoredBox(box, score),))
    answer = answer_in_words([phrase], text, job.limits) if text else no_answer(text)
    return _outcome(written, answer)


def _ask(job: Job) -> Outcome:
    if job.region is not None and points_at_something(job.query):
        prompt = ask_prompt(job.query, _box_of(job.region, job.image))
        written = _write(job, prompt, view=None)
    else:
        written = _write(job, ask_prompt(job.query), view=job.region)
    return _in_words(job, written, with_prompt=False)


def _raw(job: Job) -> Outcome:
    written = _write(job, raw_prompt(job.query), job.region)
    return _in_words(job, written, with_prompt=True)


RUNS: dict[Task, Callable[[Job], Outcome]] = {
    Task.LOCATE: _locate,
    Task.DESCRIBE: _describe,
    Task.IDENTIFY: _identify,
    Task.ASK: _ask,
    Task.RAW: _raw,
}
"""
How to run each task that is available.

All raise ``InvalidRequestError``, ``GroundingStoppedError`` and ``ModelError`` as
``Grounder.ground`` does.
"""


def _encode(job: Job, view: Region | None) -> EncodedFrame:
    if job.should_stop():
        raise GroundingStoppedError('stopped before the image was shown to the model')
    return job.backend.encode([job.image if view is None else crop(job.image, view)])[0]


def _write(job: Job, prompt: Prompt, view: Region | None) -> _Written:
    generation = job.backend.generate(
        _encode(job, view), prompt, job.settings.max_new_tokens, job.should_stop, job.on_token
    )
    parsed = parse(prompt, generation, job.backend.vocabulary)
    return _Written(prompt, generation, parsed, view)


def _in_words(job: Job, written: _Written, with_prompt: bool) -> Outcome:
    parsed = written.parsed if with_prompt else written.parsed.without_prompt()
    calibration = job.backend.calibration
    phrases = [
        FoundPhrase(
            text=phrase.text,
            start=phrase.start,
            end=phrase.end,
            existence=calibration.existence(min(1.0, phrase.existence)),
            boxes=tuple(
                ScoredBox(
                    _onto_image(job, box.box, written.view),
                    calibration.box(min(1.0, box.score)),
                )
                for box in phrase.boxes
                if not box.given
            ),
        )
        for phrase in parsed.phrases
    ]
    wrote_words = written.parsed.answer_start < len(written.parsed.text)
    if wrote_words or any(phrase.boxes for phrase in phrases):
        return _outcome(written, answer_in_words(phrases, parsed.text, job.limits))
    return _outcome(written, no_answer(parsed.text))


def _outcome(written: _Written, answer: Answer) -> Outcome:
    if not written.generation.finished:
        cut = f'the answer was cut off after {len(written.generation.tokens)} tokens'
        message = f'{answer.status_message}; {cut}' if answer.status_message else cut
        answer = replace(answer, status_message=message)
    return Outcome(str(written.prompt), answer, written.parsed.dropped)


def _found(job: Job, phrase: str, start: int, located: Located) -> FoundPhrase:
    """Place a located phrase in text and image; below the threshold it has no boxes."""
    calibration = job.backend.calibration
    existence = calibration.existence(located.existence)
    boxes = located.boxes if existence >= job.settings.existence_threshold else ()
    return FoundPhrase(
        text=phrase,
        start=start,
        end=start + len(phrase),
        existence=existence,
        boxes=tuple(
            replace(
                box,
                box=_onto_image(job, box.box, job.region),
                score=calibration.box(box.score),
            )
            for box in boxes
        ),
    )


def _onto_image(job: Job, box: Box, view: Region | None) -> Box:
    """Map a box of a view onto the image."""
    if view is None:
        return box
    height, width = job.image.shape[:2]
    return uncrop(box, view, width, height)


def _box_of(region: Region, image: RgbImage) -> Box:
    height, width = image.shape[:2]
    return region_to_box(region, width, height)
