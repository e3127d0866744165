# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Token ids of prompts and text, built so that words of a user never become control tokens.

The stock tokenizer turns a spelled-out ``<object>`` into the control token even with
``split_special_tokens``, because KOSMOS-2's tags are added but not special tokens. Text is
therefore encoded by a copy of the tokenizer that knows no control tokens at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
import json
from typing import Any

from tokenizers import Tokenizer
from transformers import Kosmos2Processor

from kosmos_ros.core.errors import ModelLoadError
from kosmos_ros.core.model.grammar import Cell, CELL_COUNT, GrammarIds, Prompt, PromptPart, Tag

_UNTYPEABLE = '\ufdd0'
"""A Unicode noncharacter: marks pieces that no text may match."""


@dataclass(frozen=True)
class ImageTokens:
    """The control tokens that hold the image: ``<image>``, one slot per latent, ``</image>``."""

    begin: int
    first_slot: int
    count: int
    end: int

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids in order."""
        slots = range(self.first_slot, self.first_slot + self.count)
        return (self.begin, *slots, self.end)

    @property
    def slots(self) -> slice:
        """Positions of the image's tokens in a prompt: behind ``<s>`` and ``<image>``."""
        return slice(2, 2 + self.count)


class Kosmos2Vocabulary:
    """
    The tokenizer of a KOSMOS-2 checkpoint as this package uses it.

    :param processor: the stock processor of the checkpoint.
    :param latents: image tokens per image, ``latent_query_num`` of the model's config.
    :raises ModelLoadError: if the tokenizer lacks the grammar's tokens.
    """

    def __init__(self, processor: Kosmos2Processor, latents: int) -> None:
        tokenizer = processor.tokenizer
        self.ids = _grammar_ids(processor)
        """Ids of the grammar's control tokens."""
        self.image = ImageTokens(
            begin=tokenizer.convert_tokens_to_ids(processor.boi_token),
            first_slot=tokenizer.unk_token_id + 1,
            count=latents,
            end=tokenizer.convert_tokens_to_ids(processor.eoi_token),
        )
        self._pieces: list[str] = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        self._unknown: int = tokenizer.unk_token_id
        self.control = _control_ids(tokenizer, self.image, self._pieces)
        """Every id that is not text: special tokens, tags, image marks and cells."""
        self._text = _text_tokenizer(tokenizer, self.control)

    def __len__(self) -> int:
        """Return the number of token ids."""
        return len(self._pieces)

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the plain text of ids, leading space kept, control tokens left out."""
        pieces = [self._pieces[token] for token in token_ids if token not in self.control]
        # Decoders may strip the first piece's space, so that must not be a piece of the text.
        text: str = self._text.decoder.decode(['x', *pieces])
        return text[1:]

    def knows(self, word: str) -> bool:
        """
        Tell whether a word is in the vocabulary, whole or in pieces of several letters.

        Numbers and words of one or two Latin letters count as known, as pieces are hardly shorter.
        """
        if not word or word.isdecimal() or (word.isascii() and len(word) <= 2):
            return True
        ids = self.encode_text(f' {word}')
        if self._unknown in ids:
            return False
        pieces = sum(1 for token in ids if self._pieces[token] != '\u2581')
        return pieces < len(word) or pieces == 1

    def spellings(self, word: str) -> tuple[int, ...]:
        """Return the tokens that are a word, with or without a space and in any case."""
        return tuple(
            token
            for token, piece in enumerate(self._pieces)
            if piece.removeprefix('\u2581').lower() == word and token not in self.control
        )

    def encode_text(self, text: str) -> tuple[int, ...]:
        """Return the ids of plain text; spelled-out control tokens stay plain text."""
        return tuple(self._text.encode(text, add_special_tokens=False).ids)

    def encode_prompt(self, prompt: Prompt) -> tuple[int, ...]:
        """
        Return the model's input: ``<s>``, the image tokens, the prompt.

        Spaces are treated as the stock processor treats them in the spelled-out prompt: one
        before a leading text, none before tags and at the end.
        """
        parts = prompt.parts
        if parts and isinstance(parts[0], str):
            parts = (f' {parts[0].lstrip()}', *parts[1:])
        ids = chain.from_iterable(self._part_ids(part) for part in parts)
        return (self.ids.bos, *self.image.ids, *ids)

    def _part_ids(self, part: PromptPart) -> tuple[int, ...]:
        if isinstance(part, str):
            return self.encode_text(part.rstrip())
        if isinstance(part, Tag):
            return (self.ids.tags[part],)
        return (self.ids.first_cell + part.index,)


def _grammar_ids(processor: Kosmos2Processor) -> GrammarIds:
    tokenizer = processor.tokenizer
    cells = [str(Cell(index)) for index in range(CELL_COUNT)]
    cell_ids = tokenizer.convert_tokens_to_ids(cells)
    tags = {tag: tokenizer.convert_tokens_to_ids(tag.value) for tag in Tag}
    special = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
    unknown = tokenizer.unk_token_id
    if None in special or unknown is None:
        raise ModelLoadError('the tokenizer lacks one of its <s>, </s>, <pad>, <unk> tokens')
    if cell_ids != list(range(cell_ids[0], cell_ids[0] + CELL_COUNT)) or cell_ids[0] == unknown:
        raise ModelLoadError(f'the tokenizer lacks {CELL_COUNT} consecutive location tokens')
    if unknown in tags.values():
        raise ModelLoadError('the tokenizer lacks some of the tags of the KOSMOS-2 grammar')
    bos, eos, pad = special
    return GrammarIds(bos, eos, pad, tags, first_cell=cell_ids[0], size=len(tokenizer))


def _control_ids(tokenizer: Any, image: ImageTokens, pieces: Sequence[str]) -> frozenset[int]:
    """
    Return the ids that are not text.

    KOSMOS-2 uses ordinary words as image slots; other vocabularies may reserve pieces for them,
    spelled like tags.
    """
    slots = range(image.first_slot, image.first_slot + image.count)
    reserved = {slot for slot in slots if pieces[slot].startswith('<')}
    return frozenset(reserved.union(tokenizer.added_tokens_decoder, tokenizer.all_special_ids))


def _text_tokenizer(tokenizer: Any, control: frozenset[int]) -> Tokenizer:
    """Copy a tokenizer so that no text can reach the ``control`` ids."""
    backend = getattr(tokenizer, 'backend_tokenizer', None)
    if backend is None:
        raise ModelLoadError('the checkpoint needs a tokenizer.json (a fast tokenizer)')
    spec = json.loads(backend.to_str())
    if spec['model']['type'] != 'Unigram':
        raise ModelLoadError(f'expected a Unigram tokenizer, got {spec["model"]["type"]}')
    spec |= {'added_tokens': [], 'post_processor': None, 'truncation': None, 'padding': None}
    # The unigram model lists <s> and the like as pieces with the best score of all.
    for index, entry in enumerate(spec['model']['vocab']):
        if index in control:
            entry[0] = f'{_UNTYPEABLE}{index}'
    return Tokenizer.from_str(json.dumps(spec))
