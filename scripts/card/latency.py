# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Latency of questions to a model on one core."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from statistics import median
import time
from typing import Any

from kosmos_ros.backends.factory import make_backend
from kosmos_ros.backends.settings import ModelSettings
from kosmos_ros.bench.machine import machine
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.types import GroundingRequest, Task
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene

REPEATS = 15
_OBJECTS = 3
_FIRST_SEED = 50_000


def measure(model: Path) -> dict[str, Any]:
    """
    Time a LOCATE of one phrase and a brief caption, each of an image that is new to the model.

    :returns: medians in seconds of ``REPEATS``, the machine and the date, in types of JSON.
    :raises KosmosError: if there is no such model, or this machine cannot render.
    """
    backend = make_backend(ModelSettings(str(model), device='cpu', threads=1))
    backend.warm_up()
    grounder, image = Grounder(backend), _scene()
    requests = {
        'locate': GroundingRequest('the red cube', Task.LOCATE),
        'describe': GroundingRequest('brief', Task.DESCRIBE),
    }
    times = {name: _seconds(grounder, image, request) for name, request in requests.items()}
    here = machine()
    return {
        **times,
        'objects': _OBJECTS,
        'date': datetime.now(timezone.utc).date().isoformat(),
        'machine': {name: here[name] for name in ('cpu', 'cores', 'virtual', 'load_average')},
    }


def _seconds(grounder: Any, image: Any, request: Any) -> float:
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        grounder.ground(image, request)
        taken.append(time.perf_counter() - started)
    return round(median(taken), 5)


def _scene() -> Any:
    """Return the image of the first held-out scene with as many visible objects as wanted."""
    with TabletopRenderer() as renderer:
        frames = (renderer.render(sample_scene(seed)) for seed in count(_FIRST_SEED))
        return next(frame.rgb for frame in frames if len(frame.objects) == _OBJECTS)
