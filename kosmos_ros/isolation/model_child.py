# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The model's process: holds a backend and its frames, and answers the node's requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
import itertools
import sys
import threading

import numpy as np

from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.core.model.backend import Backend, EncodedFrame, LocateQuery
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.isolation.child import function_of, ParentLink, serve
from kosmos_ros.isolation.memory import shared
from kosmos_ros.isolation.model_values import (
    EncodeReply,
    GenerateReply,
    HeldFrame,
    LoadedFacts,
    LocateReply,
)


def main(link: ParentLink) -> None:
    """
    Serve the model.

    Words are looked up in a thread of their own, as the node asks for them while the model writes.
    """
    calls, words = link.channels
    model = _Model(link)
    vocabulary = {'decode': model.decode, 'knows': model.knows}
    threading.Thread(target=serve, args=(words, vocabulary), daemon=True).start()
    serve(
        calls,
        {
            'load': model.load,
            'warm_up': model.warm_up,
            'encode': model.encode,
            'locate': model.locate,
            'generate': model.generate,
        },
    )


class _Model:
    """What the requests are answered with, each by the method of its name."""

    backend: Backend

    def __init__(self, link: ParentLink) -> None:
        self._link = link
        self._frames: dict[int, EncodedFrame] = {}
        self._numbers = itertools.count()
        self._memory = np.empty(0, np.uint8)

    def load(self, factory: str, settings: ModelSettings) -> LoadedFacts:
        make: Callable[..., Backend] = function_of(factory)  # type: ignore[assignment]
        self.backend = make(settings)
        loaded = getattr(self.backend, 'loaded', None)
        return LoadedFacts(
            model_name=self.backend.model_name,
            ids=self.backend.vocabulary.ids,
            calibration=self.backend.calibration,
            device=str(getattr(loaded, 'device', '')),
            precision=str(getattr(loaded, 'precision', '')),
        )

    def warm_up(self) -> None:
        self.backend.warm_up()

    def encode(
        self,
        released: Sequence[int],
        shapes: Sequence[tuple[int, int, int]],
        file: int | None = None,
    ) -> EncodeReply:
        """Encode the images that lie in memory one behind the other, in new one if it comes."""
        self._release(released)
        if file is not None:
            self._memory = shared(file, may_change=True)
        # Views refer to the array that they are part of, and so do their views.
        users = sys.getrefcount(self._memory)
        begin, images = 0, []
        for height, width, channels in shapes:
            end = begin + height * width * channels
            images.append(self._memory[begin:end].reshape(height, width, channels))
            begin = end
        numbered = dict(zip(self._numbers, self.backend.encode(images), strict=False))
        self._frames |= numbered
        del images
        return EncodeReply(self._held(numbered), sys.getrefcount(self._memory) > users)

    def locate(
        self,
        released: Sequence[int],
        queries: Sequence[tuple[int, str]],
        max_boxes: int,
        alternatives: int,
    ) -> LocateReply:
        self._release(released)
        located = self.backend.locate(
            [LocateQuery(self._frames[number], phrase) for number, phrase in queries],
            max_boxes,
            self._link.should_stop,
            alternatives,
        )
        return LocateReply(tuple(located), self._held({number for number, _ in queries}))

    def generate(
        self, released: Sequence[int], frame: int, prompt: Prompt, max_new_tokens: int
    ) -> GenerateReply:
        self._release(released)
        generation = self.backend.generate(
            self._frames[frame], prompt, max_new_tokens, self._link.should_stop, self._link.tell
        )
        return GenerateReply(generation, *self._held([frame]))

    def decode(self, token_ids: Sequence[int]) -> str:
        return self.backend.vocabulary.decode(token_ids)

    def knows(self, word: str) -> bool:
        return self.backend.vocabulary.knows(word)

    def _held(self, numbers: Iterable[int]) -> tuple[HeldFrame, ...]:
        return tuple(HeldFrame(number, self._frames[number].nbytes) for number in numbers)

    def _release(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            del self._frames[number]
