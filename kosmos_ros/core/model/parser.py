# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""From the tokens of a model to text, phrases and boxes."""

from __future__ import annotations

from kosmos_ros.core.model.answer_reader import ParsedAnswer, ParsedBox, ParsedPhrase
from kosmos_ros.core.model.backend import Generation, Vocabulary
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.streaming import AnswerStream

__all__ = ['ParsedAnswer', 'ParsedBox', 'ParsedPhrase', 'parse']


def parse(prompt: Prompt, generation: Generation, vocabulary: Vocabulary) -> ParsedAnswer:
    """
    Read what a model wrote after a prompt.

    :param prompt: what the model was given; its phrases and boxes are marked, not counted.
    :param generation: any ids at all; none of them makes this fail.
    :param vocabulary: the model's.
    """
    stream = AnswerStream(prompt, vocabulary)
    for token in generation.tokens:
        stream.read(token)
    return stream.finish()
