# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Open-vocabulary grounding for robot cameras with KOSMOS-2.

    from kosmos_ros import Grounder, GroundingRequest, load_backend, load_image

    grounder = Grounder(load_backend())
    answer = grounder.ground(load_image('table.png'), GroundingRequest('the red mug'))

These names are the public API; see ``docs/python.md``. Each is imported when first used, and torch
when a model is loaded. Only ``GroundingClient``, which asks a running node, needs ROS.
"""

from __future__ import annotations

from importlib import import_module
import sys
from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:
    from kosmos_ros.backends.factory import load_backend
    from kosmos_ros.core.drawing.answer import draw_grounding
    from kosmos_ros.core.errors import InvalidRequestError, KosmosError, ModelError, ModelLoadError
    from kosmos_ros.core.geometry import box_to_pixels
    from kosmos_ros.core.grounder import Grounder
    from kosmos_ros.core.images.images import load_image, save_image
    from kosmos_ros.core.model.backend import Backend
    from kosmos_ros.core.settings import GrounderSettings
    from kosmos_ros.core.types import (
        Box,
        Grounding,
        GroundingRequest,
        Phrase,
        Region,
        Role,
        ScoredBox,
        Status,
        Task,
    )
    from kosmos_ros.ros.client import GroundingClient as GroundingClient

__all__ = [
    'Backend',
    'Box',
    'Grounder',
    'GrounderSettings',
    'Grounding',
    'GroundingRequest',
    'InvalidRequestError',
    'KosmosError',
    'ModelError',
    'ModelLoadError',
    'Phrase',
    'Region',
    'Role',
    'ScoredBox',
    'Status',
    'Task',
    'box_to_pixels',
    'draw_grounding',
    'load_backend',
    'load_image',
    'save_image',
]

_HOMES = {
    'Backend': 'core.model.backend',
    'Grounder': 'core.grounder',
    'GrounderSettings': 'core.settings',
    'GroundingClient': 'ros.client',
    'InvalidRequestError': 'core.errors',
    'KosmosError': 'core.errors',
    'ModelError': 'core.errors',
    'ModelLoadError': 'core.errors',
    'box_to_pixels': 'core.geometry',
    'draw_grounding': 'core.drawing.answer',
    'load_backend': 'backends.factory',
    'load_image': 'core.images.images',
    'save_image': 'core.images.images',
}
"""
Where each name is at home, if not in ``core.types``.

``GroundingClient`` is not in ``__all__``, so that ``from kosmos_ros import *`` needs no ROS.
"""


if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> Any:
        """Import a name when it is first used (PEP 562)."""
        if name not in {*__all__, *_HOMES}:
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
        home = import_module(f'{__name__}.{_HOMES.get(name, "core.types")}')
        value = globals()[name] = getattr(home, name)
        return value


def __dir__() -> list[str]:
    """List what is imported already and what can be."""
    return sorted({*globals(), *__all__, *_HOMES})


if getattr(sys, 'argv', [''])[:1] == ['-m']:  # Python looks for a program here, to run it
    from kosmos_ros.ending import end_at_once

    end_at_once()
