# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``core.settings``."""

from __future__ import annotations

from typing import Any

import pytest

from kosmos_ros.core.settings import GrounderSettings


@pytest.mark.parametrize(
    'values',
    [
        {'max_new_tokens': 0},
        {'max_new_tokens': 2049},
        {'max_boxes': 101},
        {'max_boxes': 0},
        {'max_phrases': -1},
        {'max_cached_frames': -1},
        {'max_cached_frames': 65},
        {'existence_threshold': 1.1},
        {'existence_threshold': -0.1},
        {'existence_threshold': float('nan')},
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, Any]) -> None:
    (name,) = values
    with pytest.raises(
        ValueError, match=rf'{name} must be within [\d.]+\.\.[\d.]+, got {values[name]}'
    ):
        GrounderSettings(**values)
