# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a verification found, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kosmos_ros.core.model.model_facts import ModelFacts
from kosmos_ros.verification.asking import AnswerTimes, AskedAgain
from kosmos_ros.verification.transcripts import FULL_PRECISION, PublishedSource


class ModelKind(Enum):
    """Which model was asked, as far as its name tells."""

    PUBLISHED = 'the published model'
    EMBEDDED = 'the embedded model'
    OTHER = 'another model'


@dataclass(frozen=True, eq=False)
class Verification:
    """
    The answers of a model beside the published ones, and what they cost.

    :param name: the model, as it was asked for.
    :param quantization: as in ``ModelSettings``.
    :param machine: as ``bench.machine`` describes it.
    :param when: date and time in UTC.
    :param peak_bytes: the most memory that the process took, ``gpu_bytes`` on a GPU.
    """

    name: str
    kind: ModelKind
    facts: ModelFacts
    quantization: str
    answers: Sequence[AskedAgain]
    times: AnswerTimes
    sources: Mapping[str, PublishedSource]
    machine: Mapping[str, Any]
    when: str
    peak_bytes: int
    gpu_bytes: int

    @property
    def as_published(self) -> int:
        """How many answers are as published."""
        return sum(one.compared.as_published for one in self.answers)

    @property
    def all_as_published(self) -> bool:
        """Whether every answer is."""
        return self.as_published == len(self.answers)


def verdict(result: Verification) -> str:
    """Return the result in a sentence."""
    if result.all_as_published:
        return f'as published: all {len(result.answers)} answers, token by token'
    count = len(result.answers) - result.as_published
    return f'{count} of {len(result.answers)} answers differ from the published ones'


def explanation(result: Verification) -> str:
    """Return what the result means, and what to do where something differs."""
    if result.all_as_published:
        return 'Weights, tokenizer, pictures and this machine do what the authors published.'
    if result.kind is ModelKind.EMBEDDED:
        return (
            'That is no fault: the embedded model is another model. It was trained on simulated '
            'tables alone and has neither seen a photograph nor a word such as "snowman", so it '
            'cannot answer as the published one. That it was loaded and asked shows that this '
            'installation runs.'
        )
    if result.kind is ModelKind.OTHER:
        return (
            f'If {result.name} was trained further, or is another model, that is no fault: only '
            f'the published weights answer as published. If it is a copy of them: {_cause(result)}'
        )
    return _cause(result)


def _cause(result: Verification) -> str:
    """Return why the published weights may answer otherwise."""
    if result.quantization != 'none':
        return (
            f'with --quantization {result.quantization} weights are rounded, and most '
            'transcripts are of unrounded ones. Leave it out before you suspect anything else.'
        )
    if FULL_PRECISION not in result.facts.precision:
        return (
            f'the transcripts were made in {FULL_PRECISION}, and this machine computed in '
            f'{result.facts.precision or "another format"}. Where two tokens are nearly as '
            f'probable, rounding decides; --dtype {FULL_PRECISION} leaves that out.'
        )
    return (
        'the files may be damaged ("kosmos-ros download MODEL --check" reads them all), the '
        'pictures may be others, or a library computes otherwise than in the tested set '
        '(constraints.txt). Please report it, with verify.json.'
    )
