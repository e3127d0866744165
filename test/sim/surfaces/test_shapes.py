# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Every shape is a closed surface that rests on the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kosmos_ros.sim.surfaces.mesh import Mesh
from kosmos_ros.sim.surfaces.shapes import shape_mesh
from kosmos_ros.sim.vocabulary import SHAPES

OpenEdges = Callable[[Mesh], list[tuple[int, int]]]


@pytest.mark.parametrize('shape', SHAPES)
def test_is_closed_and_winds_outwards(open_edges: OpenEdges, shape: str) -> None:
    mesh = shape_mesh(shape)

    assert open_edges(mesh) == []
    assert mesh.volume > 0.05


@pytest.mark.parametrize('shape', SHAPES)
def test_rests_on_the_table_around_its_middle(shape: str) -> None:
    low, high = shape_mesh(shape).bounds

    assert low[2] == pytest.approx(0.0)
    assert 0.1 < high[2] < 2.0
    if shape != 'mug':
        np.testing.assert_allclose(low[:2], -high[:2], atol=1e-9)


def test_the_handle_of_a_mug_points_along_x() -> None:
    low, high = shape_mesh('mug').bounds

    assert high[0] > 1.5 * -low[0]
    assert high[1] == pytest.approx(-low[1])


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(KeyError):
        shape_mesh('teapot')
