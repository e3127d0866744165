# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What the worker does when nobody asks, such as the standing query."""

from __future__ import annotations

from typing import Any, Protocol

from kosmos_ros.ros.worker.job import Job


class IdleWork(Protocol):
    """What the worker does when nobody asks."""

    def next_job(self) -> Job[Any] | None:
        """Return a job to do now, None if there is none."""
        ...

    def seconds_until_due(self) -> float | None:
        """Return when to ask again at the latest, None for not before ``Worker.notify()``."""
        ...


class NoIdleWork:
    """Nothing to do."""

    def next_job(self) -> None:
        """Return that there is no job."""

    def seconds_until_due(self) -> None:
        """Return that there will be none."""
