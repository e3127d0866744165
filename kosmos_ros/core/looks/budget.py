# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""How many looks an answer may take."""

from __future__ import annotations

import math
import time


class Budget:
    """
    Looks and time that are left for one image.

    No look is begun that, as long as those before it took, would not end in time.

    :param looks: the most looks at the image.
    :param until: when the answer has to be there, in seconds of ``time.monotonic``.
    """

    def __init__(self, looks: int, until: float = math.inf) -> None:
        self.taken = 0
        """Looks so far."""
        self.most = looks
        """Looks that are allowed."""
        self._until = until
        self._seconds = 0.0

    def left(self) -> int:
        """Return how many more looks there may be; the first is always allowed."""
        most = self.most - self.taken
        if self.taken == 0 or self._until == math.inf or self._seconds == 0.0:
            return most
        in_time = (self._until - time.monotonic()) / self._seconds
        return max(0, min(most, int(in_time)))

    def spend(self, looks: int, seconds: float) -> None:
        """Note looks that took so many seconds together, others of the same pass included."""
        self.taken += looks
        self._seconds = max(self._seconds, seconds / max(1, looks))
