# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""A scene that the tests of the demo ask about."""

from __future__ import annotations

import pytest

from kosmos_ros.core.types import Box
from kosmos_ros.demo.truth import Truth, TruthObject


@pytest.fixture
def mug() -> TruthObject:
    """Return the only mug."""
    return TruthObject('red', 'mug', Box(0.1, 0.2, 0.3, 0.5))


@pytest.fixture
def cube() -> TruthObject:
    """Return the only cube."""
    return TruthObject('blue', 'cube', Box(0.4, 0.4, 0.6, 0.7))


@pytest.fixture
def truth(mug: TruthObject, cube: TruthObject) -> Truth:
    """Return two objects that can be told apart, two that cannot, and a hidden one."""
    balls = (
        TruthObject('green', 'ball', Box(0.7, 0.1, 0.8, 0.2)),
        TruthObject('green', 'ball', Box(0.8, 0.6, 0.95, 0.8)),
    )
    hidden = TruthObject('pink', 'star', Box(0.0, 0.0, 0.05, 0.1), nameable=False)
    return Truth(640, 480, (cube, mug, *balls, hidden))
