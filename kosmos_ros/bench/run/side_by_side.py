# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""This package beside other recipes: each pair stays loaded and is asked in turn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kosmos_ros.backends.settings import EMBEDDED_MODEL
from kosmos_ros.bench.machine import available_memory
from kosmos_ros.bench.plan import make_plan
from kosmos_ros.bench.run.attempts import Attempts, memory_for, WEIGHT_BYTES
from kosmos_ros.bench.run.pairs import measure_pairs, PAIRS, Pairs, PEER_PAIRS
from kosmos_ros.bench.run.resident import Resident
from kosmos_ros.core.errors import MissingDependencyError

OPENVINO = 'openvino'
"""Name of the peer on the command line, and of the job that answers by it."""

PEER_WEIGHTS: dict[str, dict[str, Any]] = {'bfloat16': {}, 'int8': {'quantization': 'int8'}}
"""Weights of a peer, and the settings of this package that each is compared with."""

_PACKAGES = ('openvino', 'nncf')

_COPIES = 3
"""Of the weights, while two models are loaded: OpenVINO keeps its file beside what it computes
with."""


@dataclass(frozen=True)
class Subject:
    """
    A model to compare with.

    :param source: as ModelSettings takes it.
    :param caption_tokens: that a recipe writes for a caption.
    """

    name: str
    source: str
    large: bool
    parameters: int
    caption_tokens: int

    @property
    def weights(self) -> float:
        """Bytes in bfloat16."""
        return self.parameters * WEIGHT_BYTES['bfloat16']


def peer_versions() -> dict[str, str]:
    """
    Return the versions of what OpenVINO's recipe needs.

    :raises MissingDependencyError: if it is not installed.
    """
    try:
        return {name: version(name) for name in _PACKAGES}
    except PackageNotFoundError as error:
        raise MissingDependencyError(
            f"OpenVINO's recipe needs {error.name}: pip install openvino nncf"
        ) from error


def check_peer(attempts: Attempts) -> dict[str, Any]:
    """Return how many tokens OpenVINO's recipe writes as it should, or why it is left out."""
    work = partial(attempts.work, 'peer_check', 'openvino check', EMBEDDED_MODEL)
    return attempts.attempt("OpenVINO's recipe writes the same", 0.0, work)


def beside_recipe(attempts: Attempts, subject: Subject) -> dict[str, Any]:
    """Ask the model card's recipe in bfloat16 and the default precision in turn."""
    recipe = _resident(attempts, subject, 'recipe', 'recipe', {'dtype': 'bfloat16'})
    ours = _resident(attempts, subject, 'ours', 'ours', {'settings': {}})
    what = f'{subject.name}, recipe and default in turn'
    work = partial(_ask, attempts, subject, recipe, ours, PAIRS, 2)
    return attempts.attempt(what, subject.weights, work)


def beside_openvino(attempts: Attempts, subject: Subject) -> dict[str, Any]:
    """Ask OpenVINO's recipe and this package in turn, by the weights of the former."""
    with TemporaryDirectory(prefix='openvino_', dir=attempts.folder) as folder:
        return {
            weights: attempts.attempt(
                f'{subject.name}, OpenVINO in {weights} and ours in turn',
                2 * subject.weights,
                partial(_ask_openvino, attempts, subject, Path(folder), weights),
            )
            for weights in PEER_WEIGHTS
        }


def _ask_openvino(
    attempts: Attempts, subject: Subject, folder: Path, weights: str
) -> dict[str, Any]:
    options = {'folder': str(folder), 'weights': weights}
    name = f'{subject.name} openvino {weights} export'
    exported = attempts.work('peer_export', name, subject.source, subject.large, options)
    peer = _resident(attempts, subject, OPENVINO, f'openvino {weights}', exported)
    settings = {'settings': PEER_WEIGHTS[weights]}
    ours = _resident(attempts, subject, 'ours', f'ours beside openvino {weights}', settings)
    return _ask(attempts, subject, peer, ours, PEER_PAIRS, _COPIES)


def _resident(
    attempts: Attempts, subject: Subject, kind: str, name: str, options: dict[str, Any]
) -> Resident:
    options = {'caption_tokens': subject.caption_tokens, **options}
    name = f'{subject.name} {name} in turn'
    return attempts.resident(kind, name, subject.source, subject.large, options)


def _ask(
    attempts: Attempts,
    subject: Subject,
    other: Resident,
    ours: Resident,
    pairs: Pairs,
    copies: int,
) -> dict[str, Any]:
    """Ask two models in turn; one after the other, where so many copies do not fit."""

    def leave() -> None:
        other.close()
        ours.close()

    fit = memory_for(copies * subject.weights) <= available_memory()
    rounds = make_plan(attempts.quick, subject.large).rounds
    with other, ours:
        return measure_pairs(other.ask, ours.ask, rounds, None if fit else leave, pairs)
