# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Facts about a loaded model, for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kosmos_ros.core.model.backend import Backend


class _Loaded(Protocol):
    @property
    def precision(self) -> str: ...

    @property
    def device(self) -> object: ...


@runtime_checkable
class _TellsMore(Protocol):
    """What a backend may also report: its device and number format."""

    @property
    def loaded(self) -> _Loaded: ...


@dataclass(frozen=True)
class ModelFacts:
    """
    A model's name and how it runs.

    ``device`` and ``precision`` are empty if unknown. ``load_seconds`` is the time until it was
    ready, warm-up included.
    """

    name: str = ''
    device: str = ''
    precision: str = ''
    load_seconds: float = 0.0


def facts_of(backend: Backend, load_seconds: float) -> ModelFacts:
    """Return what a backend reports of itself."""
    if not isinstance(backend, _TellsMore):
        return ModelFacts(backend.model_name, load_seconds=load_seconds)
    loaded = backend.loaded
    return ModelFacts(backend.model_name, str(loaded.device), loaded.precision, load_seconds)
