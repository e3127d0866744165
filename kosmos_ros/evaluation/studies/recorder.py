# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A backend that wraps another and keeps its last answers."""

from __future__ import annotations

from typing import Any

from kosmos_ros.core.model.backend import Backend, EncodedFrame, Generation, Located
from kosmos_ros.core.model.calibration import Calibration
from kosmos_ros.core.model.grammar import Prompt
from kosmos_ros.core.model.signals import Signals


class Recorder:
    """Records what a grounder's backend answers; ``calibration`` replaces the backend's own."""

    def __init__(self, backend: Backend, calibration: Calibration | None = None) -> None:
        self._backend = backend
        self.model_name = backend.model_name
        self.vocabulary = backend.vocabulary
        self.calibration = backend.calibration if calibration is None else calibration
        self.warm_up = backend.warm_up
        self.encode = backend.encode
        self.located: tuple[Located, ...] = ()
        self.written: tuple[Prompt, Generation] | None = None

    @property
    def signals(self) -> Signals | None:
        """Signals of the last answer's phrase; None where there were several, or none measured."""
        return self.located[0].signals if len(self.located) == 1 else None

    def locate(self, *arguments: Any, **named: Any) -> tuple[Located, ...]:
        """Answer queries and keep the answers."""
        self.located = self._backend.locate(*arguments, **named)
        self.written = None
        return self.located

    def generate(self, frame: EncodedFrame, prompt: Prompt, *others: Any) -> Generation:
        """Continue a prompt and keep both."""
        generation = self._backend.generate(frame, prompt, *others)
        self.written = (prompt, generation)
        self.located = ()
        return generation
