# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tasks whose answer the model writes about one view: IDENTIFY, ASK and RAW."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
import math
from typing import Protocol

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.geometry import within
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.looks.merge import SMALL
from kosmos_ros.core.looks.windows import is_strip, MODEL_SIDE, zoomed
from kosmos_ros.core.model.answer_reader import ParsedAnswer, ParsedPhrase
from kosmos_ros.core.model.backend import GeneratedToken, TokenListener
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.prompts import ask_prompt, has_pointer, identify_prompt
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import AnswerStream, parse, Progress
from kosmos_ros.core.tasks.answer import answer_in_words, Findings, FoundPhrase, no_answer
from kosmos_ros.core.tasks.ask_model import vocabulary_note
from kosmos_ros.core.tasks.plan import Looks, Outcome, TaskContext
from kosmos_ros.core.types import Box, GroundingRequest, ScoredBox

Reading = Callable[[ParsedAnswer, Sequence[GeneratedToken]], Findings]
"""From the model's output so far, parsed and raw, to the answer so far."""


class Writing(Protocol):
    """
    A plan whose answers the model writes, about one view after the other.

    ``read`` raises ``InvalidRequestError`` for queries that the task cannot take.
    """

    def run(self, context: TaskContext, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
        """Answer about each view."""
        return tuple(self.answer(context, cutout) for cutout in cutouts)

    def answer(self, context: TaskContext, cutout: Cutout) -> Outcome:
        """Answer about a view."""


@dataclass(frozen=True)
class Identify(Writing):
    """Name a region."""

    @classmethod
    def read(cls, query: str, request: GroundingRequest) -> Identify:
        """Require a region alone."""
        if request.region is None:
            raise InvalidRequestError('IDENTIFY needs a region: the part of the image to name')
        if query:
            raise InvalidRequestError(
                f'IDENTIFY takes no query, got {query!r}; questions about a region are for ASK'
            )
        return cls()

    def answer(self, context: TaskContext, cutout: Cutout) -> Outcome:
        """Write an expression alone ('a red cube'), one phrase, whose detection is the region."""
        shown, box = _pointed_at(context, cutout)

        def name(parsed: ParsedAnswer, tokens: Sequence[GeneratedToken]) -> Findings:
            text = parsed.without_prompt().text.rstrip(' .')
            # The box was given, so that only the name can be right or wrong: existence and score
            # are the probability of the whole expression.
            probability = min(1.0, math.prod(token.probability for token in tokens))
            score = context.backend.calibration.words(probability)
            phrase = FoundPhrase(text, 0, len(text), score, (ScoredBox(cutout.box(), score),))
            return answer_in_words([phrase], text, context.limits) if text else no_answer(text)

        return write(context, identify_prompt(box), shown, name)


@dataclass(frozen=True)
class Ask(Writing):
    """Answer a question."""

    question: str

    @classmethod
    def read(cls, query: str, _: GroundingRequest) -> Ask:
        """Require a question."""
        if not query:
            raise InvalidRequestError("ASK needs a question such as 'what is on the table?'")
        return cls(query)

    def answer(self, context: TaskContext, cutout: Cutout) -> Outcome:
        """Write the answer alone; the question stays in the prompt."""
        if cutout.region is not None and has_pointer(self.question):
            shown, box = _pointed_at(context, cutout)
            prompt = ask_prompt(self.question, box)
        else:
            prompt = ask_prompt(self.question)
            shown = cutout
        outcome = write(context, prompt, shown, words_of(context, shown, with_prompt=False))
        note = vocabulary_note(context, self.question)
        return replace(outcome, answer=with_note(outcome.answer, note))


@dataclass(frozen=True)
class Raw(Writing):
    """Continue a prompt of the caller's own."""

    prompt: Prompt

    @classmethod
    def read(cls, query: str, _: GroundingRequest) -> Raw:
        """Read a prompt."""
        if not query:
            raise InvalidRequestError("RAW needs a prompt such as '<grounding> An image of'")
        return cls(raw_prompt(query))

    def answer(self, context: TaskContext, cutout: Cutout) -> Outcome:
        """Write on; the answer begins with the prompt's text."""
        return write(context, self.prompt, cutout, words_of(context, cutout, with_prompt=True))


def _pointed_at(context: TaskContext, cutout: Cutout) -> tuple[Cutout, Box]:
    """
    Return what to show of a region to point at, and where the region is in that, normalised.

    That is the whole image, or what is around the region where that would be small in it.
    """
    width, height = cutout.whole().size()
    box = cutout.box()
    is_small = max(box.width, box.height) < SMALL and max(width, height) > MODEL_SIDE
    if context.limits.max_looks == 1 or not (is_small or is_strip(width, height)):
        return cutout.whole(), box
    part = zoomed(box, width, height)
    return Cutout(cutout.view, part), within(box, part, width, height)


def write(context: TaskContext, prompt: Prompt, shown: Cutout, reading: Reading) -> Outcome:
    """Have the model continue a prompt, and report on it meanwhile if somebody listens."""
    frame = context.encode([shown])[0]
    generation = context.backend.generate(
        frame,
        prompt,
        context.settings.max_new_tokens,
        context.should_stop,
        _listener(context, prompt, reading),
    )
    parsed = parse(prompt, generation, context.backend.vocabulary)
    answer = reading(parsed, generation.tokens)
    if not generation.finished:
        answer = with_note(answer, f'the answer was cut off after {len(generation.tokens)} tokens')
    return Outcome(str(prompt), answer, Looks((shown.region,), 1), parsed.dropped)


def with_note(answer: Findings, note: str) -> Findings:
    message = '; '.join(filter(None, (answer.status_message, note)))
    return replace(answer, status_message=message)


def _listener(context: TaskContext, prompt: Prompt, reading: Reading) -> TokenListener:
    on_progress = context.on_progress
    if on_progress is None:
        return context.on_token
    stream = AnswerStream(prompt, context.backend.vocabulary)
    tokens: list[GeneratedToken] = []

    def listen(token: GeneratedToken) -> None:
        context.on_token(token)
        tokens.append(token)
        stream.read(token)
        answer = reading(stream.so_far(), tokens)
        on_progress(Progress(len(tokens), answer.text, answer.phrases, answer.detections))

    return listen


def words_of(context: TaskContext, shown: Cutout, with_prompt: bool) -> Reading:
    """Return what reads text with phrases about what the model was shown."""

    def read(parsed: ParsedAnswer, _: Sequence[GeneratedToken]) -> Findings:
        told = parsed if with_prompt else parsed.without_prompt()
        phrases = [_found(context, shown, phrase) for phrase in told.phrases]
        wrote_words = parsed.answer_start < len(parsed.text)
        if wrote_words or any(phrase.boxes for phrase in phrases):
            return answer_in_words(phrases, told.text, context.limits)
        return no_answer(told.text)

    return read


def _found(context: TaskContext, shown: Cutout, phrase: ParsedPhrase) -> FoundPhrase:
    """
    Place the boxes of a phrase in the picture; those of the prompt are no detections.

    A model boxes nearly every name that it has written, right or wrong. So the evidence that the
    object is there is that one of its boxes is right.
    """
    calibration = context.backend.calibration
    boxes = tuple(
        ScoredBox(shown.onto_picture(box.box), calibration.written(min(1.0, box.score)))
        for box in phrase.boxes
        if not box.given
    )
    return FoundPhrase(
        text=phrase.text,
        start=phrase.start,
        end=phrase.end,
        existence=max((box.score for box in boxes), default=min(1.0, phrase.existence)),
        boxes=boxes,
    )
