# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A backend that wraps another and keeps its last answers."""

from __future__ import annotations

from collections.abc import Sequence

from kosmos_ros.core.model.backend import (
    Backend,
    EncodedFrame,
    Generation,
    Located,
    LocateQuery,
    StopCheck,
    TokenListener,
)
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.model.grammar import Prompt


class Recorder:
    """
    Records what a grounder's backend answers.

    :param backend: the wrapped one.
    :param calibration: replaces the backend's own.
    """

    def __init__(self, backend: Backend, calibration: Calibration | None = None) -> None:
        self._backend = backend
        self.model_name = backend.model_name
        self.vocabulary = backend.vocabulary
        self.calibration = backend.calibration if calibration is None else calibration
        self.warm_up = backend.warm_up
        self.encode = backend.encode
        self.located: tuple[Located, ...] = ()
        self.written: tuple[Prompt, Generation] | None = None

    def locate(
        self,
        queries: Sequence[LocateQuery],
        max_boxes: int,
        should_stop: StopCheck,
        alternatives: int = 0,
    ) -> tuple[Located, ...]:
        """Answer queries and keep the answers."""
        self.located = self._backend.locate(queries, max_boxes, should_stop, alternatives)
        self.written = None
        return self.located

    def generate(
        self,
        frame: EncodedFrame,
        prompt: Prompt,
        max_new_tokens: int,
        should_stop: StopCheck,
        on_token: TokenListener,
    ) -> Generation:
        """Continue a prompt and keep both."""
        generation = self._backend.generate(frame, prompt, max_new_tokens, should_stop, on_token)
        self.written = (prompt, generation)
        self.located = ()
        return generation
