# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Shares with their uncertainty, as dots on lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kosmos_ros.evaluation.report.reliability_plot import wilson_interval
from kosmos_ros.evaluation.scoring.reliability import Floats
from kosmos_ros.evaluation.scoring.tally import Figure


def dots(axes: Any, places: Floats, rows: Sequence[Figure], color: str, name: str) -> None:
    """
    Draw figures as dots with their 95 % intervals.

    :param places: (N,) vertical position of each.
    """
    shares = np.array([row.value for row in rows])
    low, high = wilson_interval(shares, np.array([row.count for row in rows]))
    errors = np.maximum(np.stack([shares - low, high - shares]), 0.0)
    axes.errorbar(
        shares,
        places,
        xerr=errors,
        fmt='o',
        markersize=4.5,
        elinewidth=1.2,
        color=color,
        label=name,
    )
