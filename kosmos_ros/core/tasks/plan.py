# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The plan a task reads from a request, the context it runs in, and its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.model.backend import Backend, EncodedFrame, StopCheck, TokenListener
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.model.streaming import ProgressListener
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks.answer import Findings, Limits
from kosmos_ros.core.types import Region


@dataclass(frozen=True)
class TaskContext:
    """What a plan runs with: the model, limits, and listeners to its progress."""

    backend: Backend
    settings: GrounderSettings
    frames: FrameCache
    limits: Limits
    should_stop: StopCheck
    on_token: TokenListener
    on_progress: ProgressListener | None = None

    def encode(self, cutouts: Sequence[Cutout]) -> tuple[EncodedFrame, ...]:
        """Return the frames of what to show; raises ``GroundingStoppedError`` if told to stop."""
        if self.should_stop():
            raise GroundingStoppedError('stopped before the image was shown to the model')
        return self.frames.encode(self.backend, cutouts)


@dataclass(frozen=True)
class Looks:
    """
    What of an image the model was shown, in pixels of the upright picture (None: all of it).

    ``wanted`` is how many looks there would have been without a limit.
    """

    regions: tuple[Region | None, ...]
    wanted: int

    def __add__(self, other: Looks) -> Looks:
        """Return both, one after the other."""
        return Looks(self.regions + other.regions, self.wanted + other.wanted)


@dataclass(frozen=True)
class Outcome:
    """
    An answer, the prompt that led to it, and the looks that were taken.

    ``dropped`` counts malformed entities that were left out.
    """

    prompt: str
    answer: Findings
    looks: Looks
    dropped: int = 0


class Plan(Protocol):
    """What a task has read in a request and does with images; plans can be compared."""

    def run(self, context: TaskContext, cutouts: Sequence[Cutout]) -> tuple[Outcome, ...]:
        """
        Answer about each view; tasks for boxes take all together, tasks for words one by one.

        :param cutouts: the views, and the region of each that the request is about.
        :raises InvalidRequestError: if there is more to look for than ``context.settings`` allow.
        :raises GroundingStoppedError: if ``context.should_stop()`` says so.
        :raises ModelError: if the model fails.
        """
