# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.model.streaming``: what is told of an answer before it is finished."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.backends.scripted import ScriptedBackend, WordVocabulary
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.views import ArrayPicture
from kosmos_ros.core.model.answer_reader import ParsedAnswer
from kosmos_ros.core.model.backend import GeneratedToken, Generation
from kosmos_ros.core.model.calibration import Calibration, Scaling
from kosmos_ros.core.model.cells import box_from_cells
from kosmos_ros.core.model.grammar import Cell, GrammarIds, Tag
from kosmos_ros.core.model.raw_prompt import raw_prompt
from kosmos_ros.core.model.streaming import AnswerStream, parse, Progress
from kosmos_ros.core.types import Box, GroundingRequest, Region, Task

PROMPT = raw_prompt('<grounding> An image of')
A, B, C, D = (f'<patch_index_{index:04d}>' for index in (44, 863, 6, 879))
SNOWMAN = box_from_cells(Cell(44), Cell(863))
NEXT = '</delimiter_of_multi_objects/>'
CAPTION = f'<phrase> a snowman</phrase><object>{A}{B}{NEXT}{C}{D}</object> by a fire.'
IMAGE = np.zeros((48, 64, 3), np.uint8)


class ByteVocabulary:
    """Every byte of UTF-8 is a token, as with vocabularies that fall back to bytes."""

    ids = GrammarIds(
        bos=300,
        pad=301,
        eos=302,
        tags={tag: 310 + n for n, tag in enumerate(Tag)},
        first_cell=400,
        size=1424,
    )

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of bytes; what is no character yet is a replacement character."""
        return bytes(token for token in token_ids if token < 256).decode(errors='replace')


def tokens_of(text: str) -> list[GeneratedToken]:
    return [GeneratedToken(token, 0.5) for token in text.encode()]


def stream(tokens: Sequence[GeneratedToken], vocabulary: object) -> list[ParsedAnswer]:
    """Read tokens one by one; return what is told after each, and in the end."""
    reader, told = AnswerStream(PROMPT, vocabulary), []
    for token in tokens:
        reader.read(token)
        told.append(reader.so_far())
    return [*told, reader.finish()]


def test_words_come_as_they_are_written_and_tags_never() -> None:
    vocabulary = WordVocabulary()
    tokens = [GeneratedToken(token, 0.5) for token in vocabulary.encode(CAPTION)]
    told = stream(tokens, vocabulary)
    assert [one.text for one in told] == [
        'An image of', 'An image of a', *['An image of a snowman'] * 9,
        'An image of a snowman by', 'An image of a snowman by a',
        *['An image of a snowman by a fire.'] * 2,
    ]  # fmt: skip


def test_phrases_and_boxes_come_when_they_are_finished() -> None:
    vocabulary = WordVocabulary()
    tokens = [GeneratedToken(token, 0.5) for token in vocabulary.encode(CAPTION)]
    told = stream(tokens, vocabulary)
    boxes = [[len(phrase.boxes) for phrase in one.phrases] for one in told]
    #  <phrase>, a, snowman, </phrase>, <object>, A, B, next, C, D, </object>, ...
    assert boxes[:11] == [[], [], [], [0], [0], [0], [0], [1], [1], [1], [2]]
    assert told[7].phrases[0].boxes[0].box == SNOWMAN


def test_characters_of_several_tokens_come_whole() -> None:
    snow, man, tea = '\u96ea', '\u2603', '\U0001f375'
    told = [one.text for one in stream(tokens_of(f' {snow}{man} {tea}.'), ByteVocabulary())]
    texts = ['', f' {snow}', f' {snow}{man}', f' {snow}{man} {tea}', f' {snow}{man} {tea}.']
    assert list(dict.fromkeys(told)) == [f'An image of{text}' for text in texts]


def test_what_stays_half_a_character_is_told_in_the_end() -> None:
    told = stream(tokens_of(' a \u2603')[:-1], ByteVocabulary())
    assert [one.text for one in told[-2:]] == ['An image of a', 'An image of a \ufffd']


def test_nothing_counts_after_the_end_token() -> None:
    end = GeneratedToken(ByteVocabulary.ids.eos, 1.0)
    told = stream([*tokens_of(' a'), end, *tokens_of(' b')], ByteVocabulary())
    assert told[-1].text == 'An image of a'


ids = st.one_of(
    st.integers(0, 255),
    st.sampled_from([*' a\u2603'.encode(), *ByteVocabulary.ids.tags.values(), 400, 444, 1423]),
    st.integers(-5, 2000),
)


@given(st.lists(st.builds(GeneratedToken, id=ids, probability=st.floats(0.0, 1.0)), max_size=40))
def test_whoever_listens_the_answer_is_the_same(tokens: list[GeneratedToken]) -> None:
    tokens = [token for token in tokens if token.id >= 0]
    told = stream(tokens, ByteVocabulary())
    whole = parse(PROMPT, Generation(tuple(tokens), finished=True), ByteVocabulary())
    assert told[-1] == whole
    for one, following in pairwise(told):
        assert following.text.startswith(one.text)
        assert len(following.phrases) >= len(one.phrases)


class TestProgressOfAGrounder:
    @staticmethod
    def told(backend: ScriptedBackend, **request: object) -> tuple[list[Progress], object]:
        told: list[Progress] = []
        answer = Grounder(backend).ground(
            ArrayPicture(IMAGE), GroundingRequest(**request), on_progress=told.append
        )
        return told, answer

    def test_the_last_is_the_answer(self) -> None:
        backend = ScriptedBackend(generated={str(PROMPT): CAPTION})
        told, answer = self.told(backend)
        assert [one.tokens for one in told] == list(range(1, len(told) + 1))
        assert told[-1].text == answer.text == 'An image of a snowman by a fire.'
        assert (told[-1].phrases, told[-1].detections) == (answer.phrases, answer.detections)

    def test_boxes_are_calibrated_and_in_the_whole_image(self) -> None:
        calibration = Calibration(written=Scaling(shift=1.0))
        backend = ScriptedBackend(generated={str(PROMPT): CAPTION}, calibration=calibration)
        told, answer = self.told(backend, task=Task.DESCRIBE, region=Region(32, 24, 32, 24))
        first = next(one for one in told if one.detections)
        assert first.detections == answer.detections[:1]
        assert first.detections[0].box.x0 >= 0.5
        assert first.detections[0].score == pytest.approx(calibration.written(0.9**3))

    def test_the_text_is_that_of_the_task(self) -> None:
        backend = ScriptedBackend(generated=lambda _: ' a red cube.')
        told, _ = self.told(backend, region=Region(0, 0, 32, 24))
        assert [one.text for one in told] == ['a', 'a red', 'a red cube']
        assert told[-1].detections[0].box == Box(0.0, 0.0, 0.5, 0.5)
        told, _ = self.told(backend, query='what is there?')
        assert [one.text for one in told] == ['a', 'a red', 'a red cube.']

    def test_tokens_are_told_as_well(self) -> None:
        backend = ScriptedBackend(generated=lambda _: ' a cube')
        heard: list[object] = []
        Grounder(backend).ground(
            IMAGE, GroundingRequest(), on_token=heard.append, on_progress=heard.append
        )
        kinds = [type(one) for one in heard]
        assert kinds == [GeneratedToken, Progress, GeneratedToken, Progress]
