# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Meshes are closed, wind outwards and have the volume of what they stand for."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from kosmos_ros.sim.surfaces.mesh import extrude, join, Mesh, revolve, tube

OpenEdges = Callable[[Mesh], list[tuple[int, int]]]

lengths = st.floats(0.05, 3.0)


@settings(max_examples=25)
@given(width=lengths, depth=lengths, height=lengths)
def test_extruding_a_rectangle_gives_a_cuboid(
    open_edges: OpenEdges, width: float, depth: float, height: float
) -> None:
    mesh = extrude([[0, 0], [width, 0], [width, depth], [0, depth]], height)

    assert open_edges(mesh) == []
    assert mesh.volume == pytest.approx(width * depth * height)


@settings(max_examples=25)
@given(radius=lengths, height=lengths)
def test_revolving_a_rectangle_gives_a_cylinder(
    open_edges: OpenEdges, radius: float, height: float
) -> None:
    mesh = revolve([(0, 0), (radius, 0), (radius, height), (0, height)], sectors=90)

    assert open_edges(mesh) == []
    assert mesh.volume == pytest.approx(np.pi * radius**2 * height, rel=2e-3)


@settings(max_examples=25)
@given(radius=lengths, height=lengths)
def test_revolving_a_slope_gives_a_cone(
    open_edges: OpenEdges, radius: float, height: float
) -> None:
    mesh = revolve([(0, 0), (radius, 0), (0, height)], sectors=90)

    assert open_edges(mesh) == []
    assert mesh.volume == pytest.approx(np.pi * radius**2 * height / 3, rel=2e-3)


@settings(max_examples=15)
@given(ring=st.floats(0.5, 3.0), thickness=st.floats(0.01, 0.4))
def test_a_tube_along_a_circle_is_a_torus(
    open_edges: OpenEdges, ring: float, thickness: float
) -> None:
    angle = np.arange(60) * 2 * np.pi / 60
    path = np.column_stack([ring * np.cos(angle), ring * np.sin(angle), np.zeros(60)])

    mesh = tube(path, thickness, sides=40, closed=True)

    assert open_edges(mesh) == []
    assert mesh.volume == pytest.approx(2 * np.pi**2 * ring * thickness**2, rel=2e-2)


@settings(max_examples=25)
@given(radius=st.floats(0.05, 0.3), bend=st.floats(-0.5, 0.5).filter(lambda x: abs(x) > 0.01))
def test_an_open_tube_is_capped(open_edges: OpenEdges, radius: float, bend: float) -> None:
    along = np.linspace(-1, 1, 15)
    mesh = tube(np.column_stack([along, bend * along**2, np.zeros(15)]), radius)

    assert open_edges(mesh) == []
    assert mesh.volume > 0


def test_a_crease_keeps_vertices_apart_and_a_smooth_bend_shares_them() -> None:
    creased = revolve([(0, 0), (1, 0), (1, 1), (0, 1)], sectors=12)
    smooth = revolve([(0, 0), (1.0, 0.2), (1.5, 0.5), (1.8, 0.9)], sectors=12)

    assert len(creased.vertices) == 6 * 12
    assert len(smooth.vertices) == 4 * 12


def test_joining_keeps_every_surface(open_edges: OpenEdges) -> None:
    cube = extrude([[0, 0], [1, 0], [1, 1], [0, 1]], 1.0)

    both = join([cube, cube.moved([5, 0, 0])])

    assert open_edges(both) == []
    assert both.volume == pytest.approx(2.0)
    np.testing.assert_allclose(both.bounds, ([0, 0, 0], [6, 1, 1]))


def test_an_inverted_mesh_has_a_negative_volume() -> None:
    cube = extrude([[0, 0], [1, 0], [1, 1], [0, 1]], 1.0)

    assert Mesh(cube.vertices, cube.faces[:, ::-1]).volume == pytest.approx(-1.0)
