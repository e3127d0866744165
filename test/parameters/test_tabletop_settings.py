# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.parameters.tabletop_settings``."""

from __future__ import annotations

from kosmos_ros.parameters.choices import VIEWS
from kosmos_ros.parameters.tabletop_settings import TabletopParameters
from kosmos_ros.sim.scenes.scene import CameraKind


def test_the_views_are_those_of_the_simulator() -> None:
    assert tuple(kind.value for kind in CameraKind) == VIEWS
    assert TabletopParameters().view == CameraKind.USUAL.value
