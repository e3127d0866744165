# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The scripted backend does what its script says."""

import math

import numpy as np
import pytest

from kosmos_ros.backends.scripted import located, NOTHING, ScriptedBackend
from kosmos_ros.core.errors import GroundingStoppedError, ModelError
from kosmos_ros.core.grounder import Grounder, ignore, never
from kosmos_ros.core.model.backend import GeneratedToken, queries_about
from kosmos_ros.core.model.grammar import Cell, Prompt, Tag
from kosmos_ros.core.types import Box, GroundingRequest, Status

IMAGE = np.zeros((10, 20, 3), dtype=np.uint8)
BOXES = (Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.9, 0.9))
CUBE = located('the cube', *BOXES)
PROMPT = Prompt((Tag.GROUNDING, ' An image of'))
ANSWER = '<phrase> a cube</phrase><object><patch_index_0044><patch_index_0863></object> < a mug.'


def test_phrases_are_looked_up_with_their_limit() -> None:
    backend = ScriptedBackend(located={'the cube': CUBE})
    frame = backend.encode([IMAGE])[0]
    found = backend.locate(queries_about(frame, ['the cube', 'the mug']), 1, never)
    assert [len(place.boxes) for place in found] == [1, 0]
    assert found[0].boxes[0].box == BOXES[0]
    assert found[1] == NOTHING


def test_a_function_may_answer() -> None:
    backend = ScriptedBackend(located=lambda phrase: located(phrase, BOXES[1]))
    assert (
        backend.locate(queries_about(backend.encode([IMAGE])[0], ['x']), 3, never)[0]
        .boxes[0]
        .label
        == 'x'
    )


def test_it_stops_at_the_next_token() -> None:
    backend = ScriptedBackend(generated={str(PROMPT): ' word' * 1000}, token_seconds=0.001)
    heard: list[GeneratedToken] = []
    with pytest.raises(GroundingStoppedError):
        backend.generate(
            backend.encode([IMAGE])[0], PROMPT, 1000, lambda: len(heard) == 3, heard.append
        )
    assert len(heard) == 3


def test_text_is_written_in_tokens_of_the_grammar() -> None:
    backend = ScriptedBackend(generated={str(PROMPT): ANSWER})
    heard: list[GeneratedToken] = []
    answer = backend.generate(backend.encode([IMAGE])[0], PROMPT, 99, never, heard.append)
    assert answer.finished
    assert heard == list(answer.tokens)
    ids = backend.vocabulary.ids
    written = [token.id for token in answer.tokens]
    assert written[0] == ids.tags[Tag.PHRASE]
    assert [ids.cell_of(token) for token in written[5:7]] == [Cell(44), Cell(863)]
    assert backend.vocabulary.decode(written) == ' a cube < a mug.'


def test_text_ends_at_the_limit() -> None:
    backend = ScriptedBackend(generated=lambda prompt: ' one two three')
    answer = backend.generate(backend.encode([IMAGE])[0], PROMPT, 2, never, ignore)
    assert (len(answer.tokens), answer.finished) == (2, False)


def test_errors_come_once_each() -> None:
    backend = ScriptedBackend(located={'the cube': CUBE}, errors=[ModelError('first')])
    frame = backend.encode([IMAGE])[0]
    with pytest.raises(ModelError, match='first'):
        backend.locate(queries_about(frame, ['the cube']), 1, never)
    assert backend.locate(queries_about(frame, ['the cube']), 1, never)[0].boxes


def test_it_hangs_until_it_is_stopped() -> None:
    asked = iter([False, False, True])
    backend = ScriptedBackend(seconds=math.inf)
    with pytest.raises(GroundingStoppedError):
        backend.locate(queries_about(backend.encode([IMAGE])[0], ['x']), 1, lambda: next(asked))


def test_writing_stops_between_tokens() -> None:
    heard: list[GeneratedToken] = []
    backend = ScriptedBackend(generated=lambda prompt: ' one two three')
    frame = backend.encode([IMAGE])[0]
    with pytest.raises(GroundingStoppedError):
        backend.generate(frame, PROMPT, 9, lambda: len(heard) == 2, heard.append)


def test_calls_are_recorded() -> None:
    backend = ScriptedBackend()
    frame = backend.encode([IMAGE])[0]
    backend.locate(queries_about(frame, ['x', 'y']), 1, never)
    backend.generate(frame, PROMPT, 1, never, ignore)
    assert backend.calls.encoded == [(10, 20, 3)]
    assert backend.calls.located == [('x', 'y')]
    assert backend.calls.generated == ['<grounding> An image of']


def test_a_grounder_works_with_it() -> None:
    grounder = Grounder(ScriptedBackend(located={'the cube': CUBE}))
    grounding = grounder.ground(IMAGE, GroundingRequest('the cube'))
    assert grounding.status is Status.FOUND
    assert {found.box for found in grounding.detections} == set(BOXES)
