# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""When a model that came to an end is loaded anew."""

from __future__ import annotations

import time

from kosmos_ros.core.errors import ModelEndedError

FIRST_ATTEMPTS = 3
"""How often a model is loaded that never was: what is wrong with it will hardly go away."""

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until it is loaded anew, twice as many each time."""

TRUSTED_SECONDS = 60.0
"""After having served for as long, a model is loaded anew as soon as the first time."""


class Retries:
    """Counts how often a model was loaded anew; used by one thread at a time."""

    def __init__(self) -> None:
        self.count = 0
        """How often so far."""
        self._pause = 0.0
        self._has_loaded = False
        self._loaded_at = float('inf')

    def note_loaded(self) -> None:
        """Note that the model can answer."""
        self._has_loaded = True
        self._loaded_at = time.monotonic()

    def allow(self, error: Exception, *, hung: bool) -> bool:
        """
        Tell whether to load again what could not be loaded.

        :param hung: whether it was ended because it hung.
        """
        if self._has_loaded:
            return True
        has_ended = isinstance(error, ModelEndedError) and not hung
        return has_ended and self.count + 1 < FIRST_ATTEMPTS

    def next_pause(self) -> float:
        """Return how many seconds to wait before the model is loaded anew, and count that."""
        if time.monotonic() - self._loaded_at > TRUSTED_SECONDS:
            self._pause = 0.0
        self._loaded_at = float('inf')
        self.count += 1
        self._pause = min(2 * self._pause, LONGEST_PAUSE) or SHORTEST_PAUSE
        return self._pause
