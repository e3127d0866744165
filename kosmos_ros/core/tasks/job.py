# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a task gets to work with, and what it hands back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kosmos_ros.core.errors import GroundingStoppedError
from kosmos_ros.core.images.views import Cutout
from kosmos_ros.core.model.backend import Backend, EncodedFrame, StopCheck, TokenListener
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.model.streaming import ProgressListener
from kosmos_ros.core.settings import GrounderSettings
from kosmos_ros.core.tasks.answer import Answer, Limits


@dataclass(frozen=True)
class Job:
    """
    A request that ``resolve_task`` has checked, without its images.

    ``query`` is what the task works on, ``literal`` whether it is one phrase of LOCATE.
    """

    backend: Backend
    settings: GrounderSettings
    frames: FrameCache
    query: str
    limits: Limits
    should_stop: StopCheck
    on_token: TokenListener
    on_progress: ProgressListener | None = None
    alternatives: int = 0
    literal: bool = False

    def encode(self, cutouts: Sequence[Cutout]) -> tuple[EncodedFrame, ...]:
        """
        Return the frames of what the model is to be shown.

        :raises GroundingStoppedError: if ``should_stop()`` says so.
        """
        if self.should_stop():
            raise GroundingStoppedError('stopped before the image was shown to the model')
        return self.frames.encode(self.backend, cutouts)


@dataclass(frozen=True)
class Outcome:
    """An answer, the prompt that led to it, and the count of malformed entities left out."""

    prompt: str
    answer: Answer
    dropped: int = 0
