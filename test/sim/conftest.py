# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Renderers, rendered scenes and measures that the simulator's tests share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from kosmos_ros.sim.rendering.frame import RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import sample_scene, Scene
from kosmos_ros.sim.surfaces.mesh import Mesh

OpenEdges = Callable[[Mesh], list[tuple[int, int]]]


@pytest.fixture(scope='session')
def renderer() -> Iterator[TabletopRenderer]:
    """Render 640x480 images, as the camera node does."""
    with TabletopRenderer() as camera:
        yield camera


@pytest.fixture(scope='session')
def squashed_renderer() -> Iterator[TabletopRenderer]:
    """Render the same view into 224x224 images, as training does."""
    with TabletopRenderer(squash_to=224) as camera:
        yield camera


@pytest.fixture(scope='session')
def rendered(renderer: TabletopRenderer) -> list[tuple[Scene, RenderedFrame]]:
    """Forty scenes and their frames."""
    scenes = [sample_scene(seed) for seed in range(40)]
    return [(scene, renderer.render(scene)) for scene in scenes]


@pytest.fixture(scope='session')
def open_edges() -> OpenEdges:
    """Find the edges of a mesh that do not lie between two triangles of the same winding."""
    return _open_edges


def _open_edges(mesh: Mesh) -> list[tuple[int, int]]:
    # Vertices at the same place count as one: creases have several.
    _, places = np.unique(mesh.vertices.round(9), axis=0, return_inverse=True)
    corners = places.reshape(-1)[mesh.faces]
    starts, ends = corners.ravel(), np.roll(corners, -1, axis=1).ravel()
    edges = Counter(zip(starts.tolist(), ends.tolist(), strict=True))
    return [(a, b) for (a, b), count in edges.items() if count != 1 or edges.get((b, a), 0) != 1]
