# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
What the published model answered where it was published: ``published.json``.

Prompts, answers, spans and boxes are those of the sources that the file names; spans and boxes are
written as ``Kosmos2Processor.post_process_generation`` of transformers returns them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from pathlib import Path

from kosmos_ros.core.plain import from_plain

FULL_PRECISION = 'float32'
_FILE = Path(__file__).with_name('published.json')


@dataclass(frozen=True)
class PublishedSource:
    """Where answers were published."""

    title: str
    address: str


@dataclass(frozen=True)
class PublishedEntity:
    """A phrase at ``text[start:end]`` of a transcript; boxes are x0, y0, x1, y1, normalised."""

    text: str
    start: int
    end: int
    boxes: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Transcript:
    """
    A prompt about a picture, and what the model wrote.

    :param source: its name among the sources.
    :param image: name of the picture's file.
    :param saved_as_jpeg: whether the picture was saved as JPEG and read again before it was shown,
        as the authors' demo does.
    :param weights: the number format of the weights.
    :param prompt: in the spelling of the model card, as ``generated``, which begins with it.
    :param text: the whole without tags, which the spans of the entities fit.
    :param locate: the phrase, where LOCATE is asked for it instead of the prompt.
    """

    name: str
    source: str
    image: str
    saved_as_jpeg: bool
    weights: str
    prompt: str
    generated: str
    text: str
    entities: tuple[PublishedEntity, ...]
    locate: str = ''

    @property
    def continuation(self) -> str:
        """What the model wrote after the prompt, tags and cells spelled out."""
        return self.generated.removeprefix(self.prompt)

    @property
    def picture(self) -> str:
        """What was shown, for people."""
        return f'{self.image}, saved as JPEG' if self.saved_as_jpeg else self.image


@dataclass(frozen=True)
class PublishedAnswers:
    """The transcripts, and their sources by name."""

    sources: Mapping[str, PublishedSource] = field(default_factory=dict)
    answers: tuple[Transcript, ...] = ()

    def of_weights(self, weights: str) -> tuple[Transcript, ...]:
        """Return one transcript of each question: of these weights if any, else of float32."""
        chosen: dict[tuple[str, ...], Transcript] = {}
        for wanted in (FULL_PRECISION, weights):
            for one in self.answers:
                if one.weights == wanted:
                    chosen[one.picture, one.prompt, one.locate] = one
        return tuple(chosen.values())


def published_answers() -> PublishedAnswers:
    """Read the transcripts that come with this package."""
    return from_plain(PublishedAnswers, json.loads(_FILE.read_text(encoding='utf-8')))
