# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""This package's way to an answer, through the public ``Grounder``, timed and counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
import time
from typing import Any

from transformers import Kosmos2ForConditionalGeneration

from kosmos_ros.backends.kosmos2.backend import TransformersBackend
from kosmos_ros.bench.plan import IN_PICTURE, PHRASES
from kosmos_ros.bench.timing import Effort, repeat
from kosmos_ros.core.grounder import Grounder, GrounderSettings
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.images.views import ArrayPicture, FrameKey, View
from kosmos_ros.core.model.backend import Backend
from kosmos_ros.core.model.frame_cache import FrameCache
from kosmos_ros.core.types import Grounding, GroundingRequest, Task

_CACHED_FRAMES = 4


@dataclass(frozen=True)
class Pass:
    """A pass through the layers of the decoder: tokens that went in, and how long it took."""

    tokens: int
    seconds: float


@dataclass
class Counts:
    """What was done: images through the vision tower, and passes of the decoder."""

    images: int = 0
    passes: list[Pass] = field(default_factory=list)


class Counter:
    """Watches a stock model, whoever calls its layers; the model keeps the hooks for good."""

    def __init__(self, model: Kosmos2ForConditionalGeneration) -> None:
        self._counts = Counts()
        self._start = 0.0
        model.vision_model.register_forward_hook(self._after_images, with_kwargs=True)
        layers = model.text_model.model.layers
        layers[0].register_forward_pre_hook(self._before_pass)
        layers[-1].register_forward_hook(self._after_pass, with_kwargs=True)

    def take(self) -> Counts:
        """Return what was counted since the last time."""
        counts, self._counts = self._counts, Counts()
        return counts

    def _after_images(self, _: Any, args: Any, kwargs: Any, __: Any) -> None:
        pixels = kwargs['pixel_values'] if 'pixel_values' in kwargs else args[0]
        self._counts.images += len(pixels)

    def _before_pass(self, *_: Any) -> None:
        self._start = time.perf_counter()

    def _after_pass(self, _: Any, args: Any, kwargs: Any, __: Any) -> None:
        seconds = time.perf_counter() - self._start
        hidden = kwargs['hidden_states'] if 'hidden_states' in kwargs else args[0]
        self._counts.passes.append(Pass(hidden.shape[0] * hidden.shape[1], seconds))


class OurModel:
    """
    A model as users of this package run it, with counters.

    :param max_new_tokens: of a caption.
    :raises TypeError: if it is of a kind that cannot be counted.
    """

    def __init__(self, backend: Backend, max_new_tokens: int) -> None:
        if not isinstance(backend, TransformersBackend):
            raise TypeError(f'cannot look into a {type(backend).__name__}')
        self.backend = backend
        self.counter = Counter(backend.loaded.model)
        self.frames = FrameCache(_CACHED_FRAMES)
        # Random weights find or refuse at random; with this, every pass runs. One look is what
        # the other recipes take.
        limits = GrounderSettings(
            existence_threshold=0.0,
            raw_existence_threshold=0.0,
            max_new_tokens=max_new_tokens,
            max_looks=1,
        )
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

    seconds: list[float]
    counts: list[Counts]
    reused: int

    def data(self) -> dict[str, Any]:
        """Return it in types of JSON."""
        return {
            'seconds': self.seconds,
            'images': [count.images for count in self.counts],
            'passes': [len(count.passes) for count in self.counts],
            'reused': self.reused,
        }


def phrase_of(index: int) -> str:
    """Return another phrase for each repeat, all of objects in the picture."""
    return PHRASES[index % IN_PICTURE]


def first_queries(model: OurModel, image: RgbImage, most: int, effort: Effort) -> TimedCalls:
    """Ask about new images."""

    def ask(index: int) -> None:
        model.locate(image, (phrase_of(index),), model.new_frame(), most)

    return _timed(model, ask, effort)


def later_queries(
    model: OurModel, image: RgbImage, most: int, effort: Effort, phrases: int = 1
) -> TimedCalls:
    """Ask about an image that was asked about before, so many phrases in each call."""
    frame = model.new_frame()
    # Twice: by then, all that is kept of a frame for later questions is there.
    for _ in range(2):
        model.locate(image, ('the first thing',), frame, most)

    def ask(index: int) -> None:
        asked = (phrase_of(index),) if phrases == 1 else PHRASES[:phrases]
        model.locate(image, asked, frame, most)

    return _timed(model, ask, effort)


def one_token_passes(calls: TimedCalls) -> list[Pass]:
    """Return the passes of the decoder that took a single token."""
    return [done for count in calls.counts for done in count.passes if done.tokens == 1]


def captions(model: OurModel, image: RgbImage, effort: Effort) -> dict[str, Any]:
    """Describe new images, and time each token after the first."""
    tokens: list[int] = []
    gaps: list[float] = []

    def describe(_: int) -> None:
        times: list[float] = []
        model.grounder.ground(
            image,
            GroundingRequest('', Task.DESCRIBE),
            on_token=lambda _: times.append(time.perf_counter()),
            source=model.new_frame(),
        )
        tokens.append(len(times))
        gaps.extend(later - earlier for earlier, later in pairwise(times))

    calls = _timed(model, describe, effort)
    return calls.data() | {'tokens': tokens, 'token_seconds': gaps}


def _timed(model: OurModel, ask: Callable[[int], object], effort: Effort) -> TimedCalls:
    """Repeat a call, and count what each of them computes."""
    counts: list[Counts] = []
    reused = model.frames.reused
    model.counter.take()

    def counted(index: int) -> None:
        ask(index)
        counts.append(model.counter.take())

    seconds = repeat(counted, effort)
    return TimedCalls(seconds, counts, model.frames.reused - reused)
