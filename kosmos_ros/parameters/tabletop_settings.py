# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The simulated camera's parameters, each declared once: the fields of ``TabletopParameters``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kosmos_ros.parameters.choices import MOTIONS, VIEWS
from kosmos_ros.parameters.spec import AT_START, parameter

_at_start = partial(parameter, when=AT_START)


@dataclass(frozen=True)
class TabletopParameters:
    """Values of the parameters of the simulated camera."""

    seed: int = parameter(0, 'Number of the scene that is shown.', within=(0, 2**31 - 1))
    view: str = parameter(
        'usual',
        'Where the camera is: usual (before the table), low, unseen (nearer, lower or steeper), '
        'far (across the room), wide (a strip along the table) or tall (one across it).',
        choices=VIEWS,
    )
    width: int = parameter(640, 'Width of the images in pixels.', within=(16, 4096))
    height: int = parameter(480, 'Height of the images in pixels.', within=(16, 4096))
    rate_hz: float = _at_start(15.0, 'Images per second.', within=(0.1, 120.0))
    noise: float = _at_start(
        1.5, 'Standard deviation of the sensor noise in grey levels of 255.', within=(0.0, 50.0)
    )
    motion: str = _at_start(
        'none',
        'How the camera moves: none, sway (across its line of sight) or orbit (around the table).',
        choices=MOTIONS,
    )
    motion_amplitude: float = _at_start(
        0.05,
        'How far the camera gets away from the middle of its way, in metres.',
        within=(0.0, 1.0),
    )
    motion_period: float = _at_start(6.0, 'Time of one round in seconds.', within=(0.1, 3600.0))
