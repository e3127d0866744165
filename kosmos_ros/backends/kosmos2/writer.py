# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Greedy continuation of a prompt within the grammar of boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

import torch

from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder, model_errors
from kosmos_ros.backends.kosmos2.drafts import Drafts
from kosmos_ros.backends.kosmos2.frames import ask, TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.probabilities import (
    among,
    best_cell,
    corner_at,
    lower_right_cells,
    probability,
    RepeatGuard,
)
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.core.model.backend import (
    check_stop,
    GeneratedToken,
    Generation,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.grammar import Cell, Tag


class Place(Enum):
    """What the grammar expects next."""

    TEXT = 'words, tags or the end'
    UPPER_LEFT = 'any cell'
    LOWER_RIGHT = 'a cell that is neither left of nor above the one before'
    AFTER_BOX = 'the delimiter or the end of the object'


class _Text:
    """The ids of a prompt and its answer so far, and the tokens of the answer."""

    def __init__(self, prompt_ids: Sequence[int], guard: RepeatGuard) -> None:
        self.ids = list(prompt_ids)
        self.guard = guard
        self.tokens: list[GeneratedToken] = []

    def add(self, token: GeneratedToken) -> None:
        """Append a token of the answer."""
        self.tokens.append(token)
        self.ids.append(token.id)
        self.guard.add(token.id)


class Writer:
    """
    Continues prompts with tokens that may follow.

    Inside ``<object>`` only what makes a well-formed box: two corners, the second neither left of
    nor above the first, then the delimiter or the end. Outside no corners and no end of a box.
    Free text repeats no run of ``no_repeat_ngram_size`` tokens; unlike in the authors' decoder,
    tags and the end of the text are exempt, so that no phrase is left open by it.

    A pass also checks guesses at the tokens behind the next one, see ``Drafts``. That changes no
    token: each is chosen as if it were alone, and a guess only saves the pass that chooses it.

    :param most_guesses: the most guesses in a pass; 0: none.
    """

    def __init__(
        self,
        head: OutputHead,
        vocabulary: Kosmos2Vocabulary,
        no_repeat_ngram_size: int,
        most_guesses: int = 0,
    ) -> None:
        self._head = head
        self._most_guesses = most_guesses
        self._vocabulary = vocabulary
        self.ngram_size = no_repeat_ngram_size
        tags, eos = vocabulary.ids.tags, vocabulary.ids.eos
        self._openers = {tags[Tag.OBJECT], tags[Tag.DELIMITER]}
        self.after_box = (tags[Tag.OBJECT_END], tags[Tag.DELIMITER])
        written = {eos, *(tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT))}
        # Rows of the matrix behind the tokenizer's last token are padding.
        self.never_text = vocabulary.control.difference(written).union(
            range(len(vocabulary), head.width)
        )
        self._never_text = torch.tensor([*self.never_text], device=head.device)

    def place(self, history: Sequence[int]) -> Place:
        """Return what the grammar expects after tokens, at least one."""
        if history[-1] in self._openers:
            return Place.UPPER_LEFT
        if self._vocabulary.ids.cell_of(history[-1]) is None:
            return Place.TEXT
        return Place.LOWER_RIGHT if history[-2] in self._openers else Place.AFTER_BOX

    def repeating(self, guard: RepeatGuard) -> set[int]:
        """Return the tokens that may not come next in text, besides ``never_text``."""
        return guard.banned() - self._vocabulary.control

    def write(
        self,
        decoder: Decoder,
        frame: TransformersFrame,
        prompt_ids: Sequence[int],
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """
        Continue a prompt greedily.

        :param decoder: a fresh one.
        :param prompt_ids: the whole input, from ``<s>`` on.
        :raises: as ``Backend.generate``.
        """
        text = _Text(prompt_ids, RepeatGuard(self.ngram_size, prompt_ids))
        drafts = Drafts(frame.texts, 0 if decoder.recorded else self._most_guesses)
        drafts.add(self._of_prompt(prompt_ids))
        guessed: list[int] = []
        while len(text.tokens) < max_new_tokens:
            check_stop(should_stop, f'after {len(text.tokens)} tokens')
            if text.tokens:
                guessed = self._guess(text, drafts, max_new_tokens - len(text.tokens) - 1)
                hidden = decoder.feed([[text.ids[-1], *guessed]], keep=len(guessed) + 1)
            else:
                hidden = ask(decoder, self._vocabulary, [frame], [prompt_ids], keep=1)
            before = len(text.tokens)
            for token in self._read(hidden[0], guessed, text, should_stop):
                if token.id == self._vocabulary.ids.eos:
                    frame.remember([*self._of_prompt(text.ids), token.id])
                    return Generation(tuple(text.tokens), finished=True)
                text.add(token)
                on_token(token)
            new = text.ids[before - len(text.tokens) :]
            decoder.drop(len(guessed) + 1 - len(new))
            drafts.judge(len(guessed), len(new) - 1)
            drafts.add(new)
        frame.remember(self._of_prompt(text.ids))
        return Generation(tuple(text.tokens), finished=False)

    def _of_prompt(self, ids: Sequence[int]) -> Sequence[int]:
        """Return what stands behind the image, which is the same for all."""
        return ids[1 + len(self._vocabulary.image.ids) :]

    def _guess(self, text: _Text, drafts: Drafts, most: int) -> list[int]:
        """Guess tokens that the next pass may check beside the one that it is for."""
        ids, tags = text.ids, self._vocabulary.ids.tags
        likely = tags[Tag.OBJECT] if ids[-1] == tags[Tag.PHRASE_END] else None
        if self.place(ids) is Place.AFTER_BOX:
            likely = tags[Tag.OBJECT_END]

        def allowed(tokens: Sequence[int]) -> bool:
            return tokens[-1] in self._vocabulary.control or not text.guard.repeats(tokens)

        return drafts.next(likely, allowed, most)

    def _read(
        self, hidden: torch.Tensor, guessed: Sequence[int], text: _Text, should_stop: StopCheck
    ) -> Iterator[GeneratedToken]:
        """
        Choose tokens, each to be added to the text before the next: as long as guesses were right.

        :param hidden: (guesses + 1, width) states behind the text and behind each guess.
        """
        # The matrix of the output head is read once for all positions that need the whole of it.
        ids = [*text.ids, *guessed]
        first = len(text.ids)
        ends = [end for end in range(first, len(ids) + 1) if self.place(ids[:end]) is Place.TEXT]
        rows = [end - first for end in ends]
        logits = dict(zip(rows, self._head.full(hidden[rows]), strict=True)) if rows else {}
        for index, guess in enumerate([*guessed, None]):
            if index:
                check_stop(should_stop, f'after {len(text.tokens)} tokens')
            token = self._choose(hidden[index], logits.get(index), text)
            yield token
            if token.id != guess:
                return

    def _choose(
        self, hidden: torch.Tensor, logits: torch.Tensor | None, text: _Text
    ) -> GeneratedToken:
        """Choose the best token behind hidden states (width,), by (vocabulary,) logits in text."""
        if logits is not None:
            return self._choose_text(logits, self.repeating(text.guard))
        place = self.place(text.ids)
        if place is Place.AFTER_BOX:
            return self._choose_after_box(hidden)
        before = text.ids[-1] - self._vocabulary.ids.first_cell
        return self._choose_cell(hidden, Cell(before) if place is Place.LOWER_RIGHT else Cell(0))

    def _choose_text(self, logits: torch.Tensor, repeating: set[int]) -> GeneratedToken:
        """Choose among text tokens, with the probability among all tokens."""
        with model_errors(), torch.inference_mode():
            total = logits.logsumexp(dim=0)
            logits[self._never_text] = -torch.inf
            if repeating:
                logits[list(repeating)] = -torch.inf
            best, index = logits.max(dim=0)
            # Both at once: on a GPU each read has to wait for it.
            choice, log = torch.stack([index.double(), (best - total).double()]).tolist()
        return GeneratedToken(int(choice), probability(log))

    def _choose_after_box(self, hidden: torch.Tensor) -> GeneratedToken:
        """End the object or begin another box, with the probability among these two."""
        log = self._head.log_rows(hidden, self.after_box)
        best = int(log.argmax())
        return GeneratedToken(self.after_box[best], probability(log[best]))

    def _choose_cell(self, hidden: torch.Tensor, upper_left: Cell) -> GeneratedToken:
        """Choose a corner neither left of nor above a cell, with the mass around it."""
        log = among(self._head.log_cells(hidden), lower_right_cells(upper_left))
        cell = best_cell(log)
        corner = corner_at(cell, log)
        return GeneratedToken(self._vocabulary.ids.first_cell + cell.index, corner.mass, corner)
