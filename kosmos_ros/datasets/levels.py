# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Levels of difficulty of the simulated tabletop, each reported separately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.sim.objects import Pairs
from kosmos_ros.sim.scene import SceneOptions

STANDARD = 'standard'
EVERY = 'all'


@dataclass(frozen=True)
class Level:
    """What its scenes are drawn from, and that in words."""

    text: str
    options: SceneOptions


LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        STANDARD: Level('1 to 8 objects, as in training', SceneOptions()),
        'few': Level('1 or 2 objects', SceneOptions(max_objects=2, empty_probability=0.0)),
        'some': Level(
            '3 to 5 objects',
            SceneOptions(min_objects=3, max_objects=5, empty_probability=0.0),
        ),
        'many': Level('6 to 8 objects', SceneOptions(min_objects=6, empty_probability=0.0)),
        'occlusion': Level(
            '6 to 8 objects close together, seen from low, many partly hidden',
            SceneOptions(
                min_objects=6,
                empty_probability=0.0,
                crowded_probability=1.0,
                crowd_spread=0.5,
                low_camera=True,
            ),
        ),
        'textures': Level(
            'table, floor and wall with patterns of other kinds',
            SceneOptions(unseen_textures=True),
        ),
        'lights': Level('a low, strong and tinted light', SceneOptions(unseen_lights=True)),
        'cameras': Level(
            'a camera that is lower, steeper, nearer or farther, and tilted',
            SceneOptions(unseen_cameras=True),
        ),
        'pairs': Level(
            'only the twelve pairs of shape and colour that training may leave out',
            SceneOptions(
                pairs=Pairs.UNSEEN, few_colors_probability=0.0, few_shapes_probability=0.0
            ),
        ),
    }
)
"""Levels by their names; what 'training' leaves out is up to a model's card."""


def chosen_levels(names: str) -> Sequence[str]:
    """
    Return levels by name, in the order of ``LEVELS``.

    :param names: separated by commas, or ``all``.
    :raises InvalidRequestError: if there is no such level.
    """
    wanted = [name.strip() for name in names.split(',') if name.strip()]
    unknown = [name for name in wanted if name not in LEVELS and name != EVERY]
    if unknown or not wanted:
        raise InvalidRequestError(
            f'expected levels among {", ".join(LEVELS)}, or {EVERY}, got {names!r}'
        )
    return [name for name in LEVELS if EVERY in wanted or name in wanted]
