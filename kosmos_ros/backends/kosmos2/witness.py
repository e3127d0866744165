# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Signals that a phrase's object is in the image, from passes made for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch

from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.signals import log_likelihoods, phrase_length, ratios
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.kosmos2.writer import Writer
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.model.answer_reader import ParsedPhrase
from kosmos_ros.core.model.backend import check_stop, Located, StopCheck
from kosmos_ros.core.model.prompts import describe_prompt, is_there_prompts, locate_prompt
from kosmos_ros.core.model.signals import includes, log_ratio
from kosmos_ros.core.model.streaming import parse
from kosmos_ros.core.types import ScoredBox

_REMEMBERED = 4096
"""Phrases whose likelihood without an image is kept."""

_CAPTION_TOKENS = 128

_WHAT = 'while measuring whether phrases are in the image'

_ARTICLES = frozenset(('a', 'an', 'the'))


class Witness:
    """
    Adds the signals that take passes of their own.

    :param make_decoder: makes a fresh one.
    """

    def __init__(
        self,
        make_decoder: Callable[[], Decoder],
        head: OutputHead,
        vocabulary: Kosmos2Vocabulary,
        writer: Writer,
    ) -> None:
        self._make_decoder = make_decoder
        self._head = head
        self._vocabulary = vocabulary
        self._writer = writer
        self._yes, self._no = (vocabulary.spellings(word) for word in ('yes', 'no'))
        self._unseen: dict[str, tuple[float, ...]] = {}
        self.decoders = 0
        """Made so far, one for each question to the model."""

    def testify(
        self,
        level: str,
        located: Sequence[Located],
        heard: Sequence[Sequence[float]],
        frames: Sequence[TransformersFrame],
        phrases: Sequence[str],
        should_stop: StopCheck,
    ) -> tuple[Located, ...]:
        """
        Return answers with the signals up to a level.

        :param heard: log-probabilities of the tokens of each phrase behind its image.
        :raises GroundingStoppedError: if ``should_stop()`` says so.
        :raises ModelError: if the model fails.
        """
        found = tuple(located)
        if includes(level, 'phrase'):
            check_stop(should_stop, _WHAT)
            added = (ratios(*pair) for pair in zip(heard, self.unseen(phrases), strict=True))
            found = _with(found, ('phrase_ratio', 'worst_ratio'), added)
        if includes(level, 'question'):
            check_stop(should_stop, _WHAT)
            answers = self._ask_whether(frames, phrases)
            found = _with(found, ('plain_yes', 'grounded_yes', 'tagged_yes'), answers)
        if includes(level, 'caption'):
            captions = [self._caption(frame, should_stop) for frame in frames]
            added = (
                agreement(phrase, one.boxes[0] if one.boxes else None, caption)
                for phrase, one, caption in zip(phrases, found, captions, strict=True)
            )
            found = _with(found, ('caption_words', 'caption_match'), added)
        return found

    def unseen(self, phrases: Sequence[str]) -> list[tuple[float, ...]]:
        """Return the log-probabilities of the tokens of phrases without an image."""
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in self._unseen]
        known = {phrase: self._unseen[phrase] for phrase in phrases if phrase not in new}
        if new:
            known |= dict(zip(new, self._without_image(new), strict=True))
        # Those used last are kept.
        for phrase in phrases:
            self._unseen.pop(phrase, None)
        self._unseen |= known
        for phrase in list(self._unseen)[: max(0, len(self._unseen) - _REMEMBERED)]:
            del self._unseen[phrase]
        return [known[phrase] for phrase in phrases]

    def _without_image(self, phrases: Sequence[str]) -> list[tuple[float, ...]]:
        """Run phrases behind ``<s>`` alone, all in one pass."""
        vocabulary, behind = self._vocabulary, 1 + len(self._vocabulary.image.ids)
        prompts = [vocabulary.encode_prompt(locate_prompt(phrase)) for phrase in phrases]
        lengths = [phrase_length(prompt, vocabulary.ids.tags) for prompt in prompts]
        decoder = self._decoder()
        decoder.start_without_image(len(prompts))
        rows = [[prompt[0], *prompt[behind:-1]] for prompt in prompts]
        log = self._head.full_log(decoder.feed(rows, keep=max(lengths)))
        return [
            log_likelihoods(own[-length:], prompt[-length:])
            for prompt, length, own in zip(prompts, lengths, log, strict=True)
        ]

    def _ask_whether(
        self, frames: Sequence[TransformersFrame], phrases: Sequence[str]
    ) -> list[tuple[float, ...]]:
        """Return the log-odds of yes to each form of the question, all in one pass."""
        encode = self._vocabulary.encode_prompt
        prompts = [encode(prompt) for phrase in phrases for prompt in is_there_prompts(phrase)]
        forms = len(prompts) // len(phrases)
        asked = [frame for frame in frames for _ in range(forms)]
        hidden = ask(self._decoder(), self._vocabulary, asked, prompts, keep=1)[:, 0]
        logits = self._head.rows(hidden, [*self._yes, *self._no])
        yes, no = logits.split([len(self._yes), len(self._no)], dim=1)
        odds = (torch.logsumexp(yes, 1) - torch.logsumexp(no, 1)).tolist()
        kept = [log_ratio(one) for one in odds]
        return [tuple(kept[start : start + forms]) for start in range(0, len(kept), forms)]

    def _caption(
        self, frame: TransformersFrame, should_stop: StopCheck
    ) -> tuple[ParsedPhrase, ...]:
        """Return the phrases of an image's brief caption, written once."""
        if frame.caption is None:
            prompt = describe_prompt(detailed=False)
            ids = self._vocabulary.encode_prompt(prompt)
            written = self._writer.write(
                self._decoder(), frame, ids, _CAPTION_TOKENS, should_stop, lambda _: None
            )
            frame.caption = parse(prompt, written, self._vocabulary).phrases
        return frame.caption

    def _decoder(self) -> Decoder:
        self.decoders += 1
        return self._make_decoder()


def agreement(
    phrase: str, box: ScoredBox | None, caption: Sequence[ParsedPhrase]
) -> tuple[float, float]:
    """
    Return how well a caption agrees with a phrase (0..1): in words, and in words and place.

    :param box: where the phrase was located.
    """
    own = content_words(phrase)
    shares = [_shared(own, content_words(named.text)) for named in caption]
    places = [
        max((iou(box.box, other.box) for other in named.boxes), default=0.0) if box else 0.0
        for named in caption
    ]
    both = [share * place for share, place in zip(shares, places, strict=True)]
    return max(shares, default=0.0), max(both, default=0.0)


def content_words(text: str) -> frozenset[str]:
    """Return the words of a phrase without articles and endings of the plural."""
    words = (word.strip('.,;:!?\'"').lower() for word in text.split())
    return frozenset(word.removesuffix('s') for word in words if word and word not in _ARTICLES)


def _shared(first: frozenset[str], second: frozenset[str]) -> float:
    return len(first & second) / max(1, len(first | second))


def _with(
    located: Sequence[Located], names: tuple[str, ...], values: Iterable[Sequence[float]]
) -> tuple[Located, ...]:
    """Add signals to answers that have some."""
    return tuple(
        replace(one, signals=replace(one.signals, **dict(zip(names, own, strict=True))))
        if one.signals
        else one
        for one, own in zip(located, values, strict=True)
    )
