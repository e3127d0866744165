# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The interface of data sets: images, one by one, each with its questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.evaluation.questions.cases import Case
from kosmos_ros.sim.rendering.frame import RenderedFrame


@dataclass(frozen=True)
class TraitedCase:
    """A case, and the traits that figures are split by, as in ``{'shape': 'cube'}``."""

    case: Case
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class OpenedSample:
    """
    A sample with its pixels.

    ``image`` is (H, W, 3) uint8 RGB; ``frame`` is its ground truth, for simulated images only, and
    ``seed`` that of its scene.
    """

    image: RgbImage
    questions: tuple[TraitedCase, ...]
    frame: RenderedFrame | None = None
    seed: int = 0


@dataclass(frozen=True)
class Sample:
    """
    An image that is not read or rendered yet.

    ``id`` is unique in the data set and the same in each run over the same data; ``group`` is
    reported separately: a level of difficulty, a split.
    """

    id: str
    group: str
    open: Callable[[], OpenedSample]


class DataSet(AbstractContextManager['DataSet'], Protocol):
    """
    Samples in a fixed order; a context manager, since some hold a renderer.

    Samples are opened by the thread that entered it, while it is open.
    """

    @property
    def name(self) -> str:
        """Name in reports, with the split."""
        ...

    @property
    def group_texts(self) -> Mapping[str, str]:
        """Descriptions of groups, for those whose name does not say enough."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """Errors in its files that were left out or corrected."""
        ...

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def __iter__(self) -> Iterator[Sample]:
        """Return the samples."""
        ...

    def item(self, item_id: str) -> Sample:
        """
        Return one sample.

        :raises KeyError: if there is none with this id.
        """
        ...
