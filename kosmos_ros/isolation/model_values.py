# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the model's process tells the node, beside values of the core."""

from __future__ import annotations

from dataclasses import dataclass

from kosmos_ros.core.model.backend import Generation, Located
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.model.grammar import GrammarIds


@dataclass(frozen=True)
class LoadedFacts:
    """A loaded model; ``device`` and ``precision`` are empty where the backend does not tell."""

    model_name: str
    ids: GrammarIds
    calibration: Calibration
    device: str = ''
    precision: str = ''


@dataclass(frozen=True)
class HeldFrame:
    """A frame in the model's process, by its number, and the bytes of memory that it takes."""

    number: int
    nbytes: int


@dataclass(frozen=True)
class EncodeReply:
    """The frames of images; ``kept`` if the backend still uses the memory of these."""

    frames: tuple[HeldFrame, ...]
    kept: bool


@dataclass(frozen=True)
class LocateReply:
    """Answers to all queries, and the distinct frames that they were about."""

    located: tuple[Located, ...]
    frames: tuple[HeldFrame, ...]


@dataclass(frozen=True)
class GenerateReply:
    """What was written, and the frame that it was about."""

    generation: Generation
    frame: HeldFrame
