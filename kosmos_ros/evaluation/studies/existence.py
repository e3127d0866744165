# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Signals of existence: of phrases for what is in an image, and for what is not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kosmos_ros.core.geometry import iou
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.model.backend import Backend, Located, queries_about
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.scoring.fusing import Witnessed

ASKED: Collection[Kind] = frozenset(
    (Kind.UNIQUE, Kind.SEVERAL, Kind.SUPERLATIVE, Kind.RELATION, Kind.ABSENT, Kind.UNKNOWN)
)
"""Kinds of questions; the last two are about what is not there."""

_RIGHT_IOU = 0.5


def witness(backend: Backend, image: RgbImage, cases: Sequence[Case]) -> list[Witnessed]:
    """
    Ask about the phrases of one image, all together.

    :param backend: has to measure signals.
    :param image: (H, W, 3) uint8 RGB.
    :param cases: those of other kinds are left out.
    """
    asked = [case for case in cases if case.kind in ASKED]
    (frame,) = backend.encode([image])
    phrases = [case.request.query for case in asked]
    located = backend.locate(queries_about(frame, phrases), 1, lambda: False) if asked else ()
    return [
        Witnessed(one.signals, bool(case.things), case.kind.value, _is_right(case, one))
        for case, one in zip(asked, located, strict=True)
        if one.signals is not None
    ]


def _is_right(case: Case, located: Located) -> bool | None:
    if not case.things:
        return None
    found = located.boxes[0].box
    return max(iou(found, thing.box) for thing in case.things) >= _RIGHT_IOU
