# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""An answer compared with a published one: token by token, then text, entities and boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
import re

from kosmos_ros.core.model.answer_reader import ParsedAnswer
from kosmos_ros.core.model.backend import GeneratedToken, Generation, Vocabulary
from kosmos_ros.core.model.grammar import Tag
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.verification.transcripts import PublishedEntity, Transcript

END = '(the end)'
"""What an answer continues with that is over."""

_NEXT = re.compile(r'</?\w+/?>|\s*[^\s<]+|.', re.DOTALL)
"""A tag, a location token, or a word with the space before it."""

_HALF_CHARACTER = '\ufffd'
"""What decoders write for a character of which some bytes are still to come."""


@dataclass(frozen=True)
class SpelledToken:
    """A token as the model card spells it, and its probability (0..1)."""

    text: str
    probability: float


@dataclass(frozen=True)
class Difference:
    """
    Where an answer leaves the published one.

    :param token: its number in the answer, from 1.
    :param published: what was published from there on, as far as the next space or tag.
    :param here: the token that came instead.
    :param probability: of that token (0..1); None where the answer ended.
    """

    token: int
    published: str
    here: str
    probability: float | None

    def __str__(self) -> str:
        """Return it in words."""
        sure = '' if self.probability is None else f' (probability {self.probability:.2f})'
        return f'token {self.token}: published {self.published!r}, here {self.here!r}{sure}'


@dataclass(frozen=True)
class ComparedAnswer:
    """
    How an answer compares.

    :param here: the whole answer in the spelling of the model card.
    :param text: without tags, as ``Transcript.text``.
    :param first: the first token that differs, None if none does.
    :param same_entities: whether phrases and their spans are the published ones.
    :param same_boxes: whether the boxes of all phrases are.
    """

    here: str
    text: str
    tokens: int
    first: Difference | None
    same_text: bool
    same_entities: bool
    same_boxes: bool

    @property
    def as_published(self) -> bool:
        """Whether nothing differs."""
        return self.first is None and self.same_text and self.same_entities and self.same_boxes


def compare_with(
    transcript: Transcript, tokens: Sequence[GeneratedToken], vocabulary: Vocabulary
) -> ComparedAnswer:
    """Compare what a model wrote after the transcript's prompt with what was published."""
    spelled = list(spelled_tokens(tokens, vocabulary))
    parsed = _parsed(transcript, tokens, vocabulary)
    entities = _entities(parsed)
    return ComparedAnswer(
        here=transcript.prompt + ''.join(token.text for token in spelled),
        text=parsed.text,
        tokens=len(spelled),
        first=first_difference(spelled, transcript.continuation),
        same_text=parsed.text == transcript.text,
        same_entities=_spans(entities) == _spans(transcript.entities),
        same_boxes=[one.boxes for one in entities] == [one.boxes for one in transcript.entities],
    )


def spelled_tokens(
    tokens: Sequence[GeneratedToken], vocabulary: Vocabulary
) -> Iterator[SpelledToken]:
    """Spell tokens; text that only becomes clear with the next token is spelled with that one."""
    tags: dict[int, Tag] = {number: tag for tag, number in vocabulary.ids.tags.items()}
    run: list[int] = []
    known = ''
    for token in tokens:
        control = tags.get(token.id) or vocabulary.ids.cell_of(token.id)
        if control is not None:
            run, known = [], ''
            spelling = control.value if isinstance(control, Tag) else str(control)
            yield SpelledToken(spelling, token.probability)
            continue
        run.append(token.id)
        text = vocabulary.decode(run).rstrip(_HALF_CHARACTER)
        yield SpelledToken(text.removeprefix(known), token.probability)
        known = text


def first_difference(spelled: Sequence[SpelledToken], published: str) -> Difference | None:
    """Return where an answer leaves the published continuation of its prompt, if it does."""
    rest = published
    for number, token in enumerate(spelled, start=1):
        if not rest.startswith(token.text):
            return Difference(number, _next_of(rest), token.text, token.probability)
        rest = rest[len(token.text) :]
    return Difference(len(spelled) + 1, _next_of(rest), END, None) if rest else None


def _next_of(text: str) -> str:
    found = _NEXT.match(text)
    return found[0] if found else END


def _parsed(
    transcript: Transcript, tokens: Sequence[GeneratedToken], vocabulary: Vocabulary
) -> ParsedAnswer:
    """Read an answer with boxes of whole cells, as the published ones."""
    coarse = tuple(replace(token, corner=None) for token in tokens)
    return parse(raw_prompt(transcript.prompt), Generation(coarse, finished=True), vocabulary)


def _entities(parsed: ParsedAnswer) -> list[PublishedEntity]:
    """Return the phrases that have boxes, which are the ones that transformers returns."""
    found = []
    for phrase in parsed.phrases:
        boxes = tuple((one.box.x0, one.box.y0, one.box.x1, one.box.y1) for one in phrase.boxes)
        if boxes:
            found.append(PublishedEntity(phrase.text, phrase.start, phrase.end, boxes))
    return found


def _spans(entities: Sequence[PublishedEntity]) -> list[tuple[str, int, int]]:
    return [(one.text, one.start, one.end) for one in entities]
