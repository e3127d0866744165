# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which tokens may follow which."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.backends.kosmos2.decoding.decoder import Decoder
from kosmos_ros.backends.kosmos2.frames import TransformersFrame
from kosmos_ros.backends.kosmos2.head import OutputHead
from kosmos_ros.backends.kosmos2.loading import LoadedModel
from kosmos_ros.backends.kosmos2.vocabulary import Kosmos2Vocabulary
from kosmos_ros.backends.kosmos2.writer import Writer
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.grounder import ignore, never
from kosmos_ros.core.model.backend import GeneratedToken, Generation
from kosmos_ros.core.model.grammar import Prompt, Tag
from kosmos_ros.core.model.prompts import ask_prompt, describe_prompt

Allowed = Callable[..., set[int]]


@pytest.fixture
def vocabulary(loaded: LoadedModel) -> Kosmos2Vocabulary:
    """Return the tiny checkpoint's vocabulary."""
    return loaded.vocabulary


@pytest.fixture
def allowed(
    loaded: LoadedModel, vocabulary: Kosmos2Vocabulary, allowed_tokens: Callable[..., set[int]]
) -> Allowed:
    """Return a function that lists what may follow cells (numbers) and tags."""
    head = OutputHead(loaded.model, vocabulary)

    def allowed(*history: Tag | int, ngram: int = 0) -> set[int]:
        ids = vocabulary.ids
        tokens = [ids.tags[part] if isinstance(part, Tag) else part for part in history]
        return allowed_tokens(vocabulary, Writer(head, vocabulary, ngram), tokens)

    return allowed


def cell(vocabulary: Kosmos2Vocabulary, row: int, column: int) -> int:
    """Return the id of a cell."""
    return vocabulary.ids.first_cell + row * 32 + column


@pytest.mark.parametrize('opener', [Tag.OBJECT, Tag.DELIMITER])
def test_a_box_begins_with_any_cell(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed, opener: Tag
) -> None:
    first = vocabulary.ids.first_cell
    assert allowed(0, opener) == set(range(first, first + 1024))


def test_a_box_is_not_inverted(vocabulary: Kosmos2Vocabulary, allowed: Allowed) -> None:
    follows = allowed(0, Tag.OBJECT, cell(vocabulary, 30, 29))
    expected = {cell(vocabulary, row, column) for row in (30, 31) for column in (29, 30, 31)}
    assert follows == expected


def test_a_box_ends_or_another_one_begins(vocabulary: Kosmos2Vocabulary, allowed: Allowed) -> None:
    box = (cell(vocabulary, 1, 1), cell(vocabulary, 2, 2))
    tags = vocabulary.ids.tags
    follows = allowed(0, Tag.OBJECT, *box)
    assert follows == {tags[Tag.OBJECT_END], tags[Tag.DELIMITER]}


def test_text_goes_on_with_words_tags_or_the_end(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed
) -> None:
    ids = vocabulary.ids
    words = vocabulary.encode_text(' the red cube')
    follows = allowed(0, *words)
    assert set(words) <= follows
    tags = {ids.tags[tag] for tag in (Tag.PHRASE, Tag.PHRASE_END, Tag.OBJECT)}
    assert follows & vocabulary.control == {ids.eos, *tags}
    assert max(follows) < len(vocabulary)


def test_words_may_not_repeat_but_tags_may(
    vocabulary: Kosmos2Vocabulary, allowed: Allowed
) -> None:
    the, red, cube = vocabulary.encode_text(' the red cube')
    ids = vocabulary.ids
    said = (the, red, cube, Tag.PHRASE_END, the, red)
    assert cube not in allowed(*said, ngram=3)
    assert cube in allowed(*said, ngram=0)
    assert ids.tags[Tag.PHRASE_END] in allowed(*said, cube, ngram=3)


def test_rows_of_the_model_without_a_token_are_never_written(
    loaded: LoadedModel, vocabulary: Kosmos2Vocabulary
) -> None:
    head = SimpleNamespace(
        width=len(vocabulary) + 5,
        device=torch.device('cpu'),
        full=lambda hidden: torch.arange(len(vocabulary) + 5.0).repeat(len(hidden), 1),
    )
    writer = Writer(head, vocabulary, 0)
    decoder = Decoder(loaded.model, vocabulary.image.slots)
    frame = TransformersFrame(torch.zeros(1, vocabulary.image.count, 64))
    ids = vocabulary.encode_prompt(describe_prompt(detailed=False))
    written = writer.write(decoder, frame, ids, 1, never, ignore)
    assert written.tokens[0].id < len(vocabulary)


PROMPTS = (
    describe_prompt(detailed=False),
    describe_prompt(detailed=True),
    ask_prompt('what is on the table?'),
    describe_prompt(detailed=False),
)


class Desk:
    """The embedded model about a drawn table, with a writer that guesses and one that does not."""

    def __init__(self) -> None:
        self.backend = TransformersBackend.load(ModelSettings(device='cpu'))
        image = np.full((240, 320, 3), 150, np.uint8)
        image[80:130, 100:150] = (200, 20, 20)
        image[150:200, 200:250] = (20, 40, 200)
        (self._frame,) = self.backend.encode([image])
        self.passes = 0
        transformer = self.backend.loaded.model.text_model.model
        transformer.layers[0].register_forward_pre_hook(self._count)

    def _count(self, *_: object) -> None:
        self.passes += 1

    def frame(self) -> TransformersFrame:
        """Return the picture as if nobody had asked about it."""
        return TransformersFrame(self._frame.image_embeds)

    def writer(self, ngram: int, most_guesses: int) -> Writer:
        """Return a writer."""
        vocabulary = self.backend.vocabulary
        head = OutputHead(self.backend.loaded.model, vocabulary)
        return Writer(head, vocabulary, ngram, most_guesses)

    def write(
        self,
        writer: Writer,
        frame: TransformersFrame,
        prompt: Prompt,
        stop: Callable[[], bool] = never,
        listener: Callable[[GeneratedToken], None] = ignore,
        most: int = 60,
    ) -> Generation:
        """Write, and count passes anew."""
        self.passes = 0
        vocabulary = self.backend.vocabulary
        decoder = Decoder(self.backend.loaded.model, vocabulary.image.slots)
        ids = vocabulary.encode_prompt(prompt)
        return writer.write(decoder, frame, ids, most, stop, listener)


@pytest.fixture(scope='module')
def desk() -> Desk:
    """Load the embedded model."""
    return Desk()


@pytest.mark.parametrize('ngram', [0, 3])
def test_guesses_change_passes_and_nothing_else(desk: Desk, ngram: int) -> None:
    plain, guessing = desk.writer(ngram, 0), desk.writer(ngram, 15)
    frame = desk.frame()
    saved = []
    for prompt in PROMPTS:
        expected = desk.write(plain, desk.frame(), prompt)
        alone = desk.passes
        heard: list[GeneratedToken] = []
        written = desk.write(guessing, frame, prompt, listener=heard.append)
        saved.append(alone - desk.passes)
        assert heard == list(written.tokens)
        assert written.finished == expected.finished
        assert [one.id for one in written.tokens] == [one.id for one in expected.tokens]
        for one, other in zip(written.tokens, expected.tokens, strict=True):
            assert one.probability == pytest.approx(other.probability, abs=1e-4)
            assert (one.corner is None) == (other.corner is None)
            if one.corner is not None and other.corner is not None:
                assert (one.corner.x, one.corner.y) == pytest.approx(
                    (other.corner.x, other.corner.y), abs=1e-4
                )
    boxes = sum(one.corner is not None for one in expected.tokens) // 2
    assert boxes
    assert min(saved) >= boxes
    assert saved[-1] > max(saved[0], len(expected.tokens) // 2)


@pytest.mark.parametrize('most', [1, 7])
def test_no_more_is_written_than_asked_for(desk: Desk, most: int) -> None:
    frame, writer = desk.frame(), desk.writer(0, 15)
    expected = desk.write(desk.writer(0, 0), frame, PROMPTS[0], most=most)
    for _ in range(2):
        written = desk.write(writer, frame, PROMPTS[0], most=most)
        assert [one.id for one in written.tokens] == [one.id for one in expected.tokens]
        assert len(written.tokens) == most
        assert not written.finished


@pytest.mark.parametrize('after', [6, 8, 11])
def test_writing_stops_within_guesses_too(desk: Desk, after: int) -> None:
    frame, writer = desk.frame(), desk.writer(0, 15)
    desk.write(writer, frame, PROMPTS[0])
    heard: list[GeneratedToken] = []
    with pytest.raises(GroundingStoppedError, match=f'after {after} tokens'):
        desk.write(writer, frame, PROMPTS[0], lambda: len(heard) == after, heard.append)
    assert len(heard) == after


def test_earlier_texts_are_kept_once_and_not_for_ever(desk: Desk) -> None:
    frame, writer = desk.frame(), desk.writer(0, 15)
    for prompt in (*PROMPTS, *(ask_prompt(f'what is {number}?') for number in range(20))):
        desk.write(writer, frame, prompt, most=3)
    assert len(frame.texts) == len(set(frame.texts)) == 16
