# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""This package's way to an answer, through the public ``Grounder``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
import time
from typing import Any

import torch

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.bench.measure.counting import Counter, Counts, Pass
from kosmos_ros.bench.plan import IN_PICTURE, PHRASES
from kosmos_ros.bench.timing import Effort, repeat
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import ArrayPicture, FrameKey, View
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.types import Grounding, GroundingRequest, Task

_CACHED_FRAMES = 4


class OurModel:
    """
    A model as users of this package run it, with counters.

    :param backend: as the factory made it.
    :param max_new_tokens: of a caption.
    :raises TypeError: if it is of a kind that cannot be counted.
    """

    def __init__(self, backend: Backend, max_new_tokens: int) -> None:
        if not isinstance(backend, TransformersBackend):
            raise TypeError(f'cannot look into a {type(backend).__name__}')
        self.backend = backend
        self.counter = Counter(backend.loaded.model)
        self.frames = FrameCache(_CACHED_FRAMES)
        # Random weights find or refuse at random; with this, every pass runs.
        limits = GrounderSettings(existence_threshold=0.0, max_new_tokens=max_new_tokens)
        self.grounder = Grounder(backend, limits, self.frames)
        self.default_grounder = Grounder(backend)
        self._serial = 0

    @property
    def precision(self) -> str:
        """The number format, for people."""
        return self.backend.loaded.precision

    @property
    def dtype(self) -> str:
        """Name of the number format, such as 'bfloat16'."""
        return str(self.backend.loaded.dtype).removeprefix('torch.')

    def new_frame(self) -> FrameKey:
        """Return the key of a new image."""
        self._serial += 1
        return FrameKey('bench', time.time_ns(), self._serial)

    def locate(
        self, image: RgbImage, phrases: tuple[str, ...], frame: FrameKey, most: int = 0
    ) -> Grounding:
        """Locate phrases; ``most`` boxes of each, 0: the default."""
        request = GroundingRequest('; '.join(phrases), Task.LOCATE, max_detections=most)
        return self.grounder.ground(image, request, source=frame)

    def locate_views(self, images: Sequence[RgbImage], phrase: str) -> None:
        """Ask for one box in each of several new images, all at once."""
        views = [View(ArrayPicture(image), self.new_frame()) for image in images]
        request = GroundingRequest(phrase, Task.LOCATE, max_detections=1)
        self.grounder.ground_views(views, request)


@dataclass
class TimedCalls:
    """Seconds of calls, counts of each, and how often an encoding was reused in all."""

    seconds: list[float] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    reused: int = 0

    def data(self) -> dict[str, Any]:
        """Return it in types of JSON."""
        return {
            'seconds': self.seconds,
            'images': [count.images for count in self.counts],
            'passes': [len(count.passes) for count in self.counts],
            'reused': self.reused,
        }


def phrase_of(index: int) -> str:
    """Return another phrase for each repeat, all of things in the picture."""
    return PHRASES[index % IN_PICTURE]


def first_queries(model: OurModel, image: RgbImage, most: int, effort: Effort) -> TimedCalls:
    """Ask about new images."""
    calls = TimedCalls()
    model.counter.take()

    def ask(index: int) -> None:
        model.locate(image, (phrase_of(index),), model.new_frame(), most)
        calls.counts.append(model.counter.take())

    calls.seconds = repeat(ask, effort)
    return calls


def later_queries(
    model: OurModel, image: RgbImage, most: int, effort: Effort, phrases: int = 1
) -> TimedCalls:
    """
    Ask about an image that was asked about before.

    :param phrases: in each call.
    """
    frame = model.new_frame()
    # Twice: by then, all that is kept of a frame for later questions is there.
    for _ in range(2):
        model.locate(image, ('the first thing',), frame, most)
    calls = TimedCalls()
    model.counter.take()
    reused = model.frames.reused

    def ask(index: int) -> None:
        asked = (phrase_of(index),) if phrases == 1 else PHRASES[:phrases]
        model.locate(image, asked, frame, most)
        calls.counts.append(model.counter.take())

    calls.seconds = repeat(ask, effort)
    calls.reused = model.frames.reused - reused
    return calls


def one_token_passes(calls: TimedCalls) -> list[Pass]:
    """Return the passes of the decoder that took a single token."""
    return [done for count in calls.counts for done in count.passes if done.tokens == 1]


def captions(model: OurModel, image: RgbImage, effort: Effort) -> dict[str, Any]:
    """Describe new images, and time each token after the first."""
    tokens: list[int] = []
    gaps: list[float] = []
    counts: list[Counts] = []
    model.counter.take()

    def describe(_: int) -> None:
        times: list[float] = []
        request = GroundingRequest('', Task.DESCRIBE)
        model.grounder.ground(
            image,
            request,
            on_token=lambda _: times.append(time.perf_counter()),
            source=model.new_frame(),
        )
        tokens.append(len(times))
        gaps.extend(later - earlier for earlier, later in pairwise(times))
        counts.append(model.counter.take())

    seconds = repeat(describe, effort)
    return TimedCalls(seconds, counts).data() | {'tokens': tokens, 'token_seconds': gaps}


def threads() -> int:
    """Return how many threads PyTorch computes with."""
    return int(torch.get_num_threads())
