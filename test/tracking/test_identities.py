# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which box is which."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.tracking.identities import matches, Named


def cup(x: float, label: str = 'a cup') -> Named:
    return Named(Box(x, 0.4, x + 0.2, 0.6), label)


@pytest.mark.parametrize(
    ('old', 'new', 'pairs'),
    [
        ([], [cup(0.1)], {}),
        ([cup(0.1)], [], {}),
        ([cup(0.1)], [cup(0.15)], {0: 0}),
        # Too far away, or called something else.
        ([cup(0.1)], [cup(0.25)], {}),
        ([cup(0.1)], [cup(0.1, 'a box')], {}),
        # Order says nothing.
        ([cup(0.1), cup(0.6)], [cup(0.62), cup(0.12)], {0: 1, 1: 0}),
        # Two claim one, and one is claimed by two: the better overlap has it.
        ([cup(0.1)], [cup(0.17), cup(0.11)], {1: 0}),
        ([cup(0.17), cup(0.11)], [cup(0.1)], {0: 1}),
        # One comes into the image, where only a part of it was seen before.
        (
            [Named(Box(0.0, 0.4, 0.04, 0.6), 'a cup')],
            [Named(Box(0.0, 0.4, 0.2, 0.6), 'a cup')],
            {0: 0},
        ),
        # But what fits better goes first, and a box without extent is within nothing.
        ([cup(0.1)], [Named(Box(0.15, 0.45, 0.2, 0.5), 'a cup'), cup(0.15)], {1: 0}),
        ([Named(Box(0.1, 0.4, 0.1, 0.6), 'a cup')], [cup(0.05)], {}),
        # Side by side: each keeps its own, although each overlaps both.
        ([cup(0.30), cup(0.36)], [cup(0.31), cup(0.37)], {0: 0, 1: 1}),
    ],
)
def test_boxes_are_paired(old: list[Named], new: list[Named], pairs: dict[int, int]) -> None:
    assert matches(old, new) == pairs
