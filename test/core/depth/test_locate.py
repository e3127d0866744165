# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Positions in scenes that are cast ray by ray here, with all that real depth images suffer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
import numpy as np
import pytest

from kosmos_ros.core.depth.locate import Box3D, locate_boxes, NoPosition
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.types import Box

CAMERA = PinholeCamera(300.0, 300.0, 159.5, 119.5, 320, 240)
Hit = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From an origin (3,) and directions (..., 3) to where they hit (...), inf where they do not."""


@dataclass(frozen=True)
class View:
    """
    A camera that looks at the origin of a world with z up.

    It is ``distance`` metres away and ``elevation`` degrees above the ground.
    """

    distance: float = 0.8
    elevation: float = 40.0
    camera: PinholeCamera = CAMERA

    @property
    def axes(self) -> np.ndarray:
        """The optical axes in the world, one in each row."""
        angle = math.radians(self.elevation)
        forward = np.array([0.0, math.cos(angle), -math.sin(angle)])
        right = np.array([1.0, 0.0, 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    @property
    def origin(self) -> np.ndarray:
        return -self.distance * self.axes[2]

    def optical(self, point: tuple[float, ...]) -> np.ndarray:
        return self.axes @ (np.array(point) - self.origin)

    def cast(self, *things: Hit) -> tuple[np.ndarray, np.ndarray]:
        """Return depth (H, W) in metres and which thing is seen, -1 for none."""
        rows, columns = np.mgrid[0 : self.camera.height, 0 : self.camera.width].astype(float)
        x, y = self.camera.rays(columns, rows)
        # Their length along the optical axis is 1, so that a hit's distance is its depth.
        directions = np.stack([x, y, np.ones_like(x)], axis=-1) @ self.axes
        with np.errstate(divide='ignore', invalid='ignore'):
            hits = np.stack([thing(self.origin, directions) for thing in things])
        hits = np.where(np.isfinite(hits) & (hits > 0), hits, np.inf)
        depth = hits.min(axis=0)
        return depth.astype(np.float32), np.where(np.isinf(depth), -1, hits.argmin(axis=0))


def plane(offset: float = 0.0, axis: int = 2) -> Hit:
    return lambda origin, rays: (offset - origin[axis]) / rays[..., axis]


def ball(center: tuple[float, float, float], radius: float) -> Hit:
    def hit(origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        to = origin - center
        a, b = (rays**2).sum(-1), rays @ to
        root = b * b - a * (to @ to - radius**2)
        return np.where(root >= 0, (-b - np.sqrt(np.maximum(root, 0))) / a, np.inf)

    return hit


def block(center: tuple[float, float, float], size: tuple[float, ...], yaw: float = 0.0) -> Hit:
    c, s = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])

    def hit(origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        start, directions = (origin - center) @ turn, rays @ turn
        ends = np.stack([(sign * np.array(size) / 2 - start) / directions for sign in (-1, 1)])
        enter, leave = ends.min(axis=0).max(axis=-1), ends.max(axis=0).min(axis=-1)
        return np.where(enter <= leave, enter, np.inf)

    return hit


def cylinder(center: tuple[float, float, float], radius: float, height: float) -> Hit:
    def hit(origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        to = origin - center
        a, b = (rays[..., :2] ** 2).sum(-1), rays[..., :2] @ to[:2]
        root = b * b - a * (to[:2] @ to[:2] - radius**2)
        wall = (-b - np.sqrt(np.maximum(root, 0))) / a
        on_wall = (root >= 0) & (np.abs(to[2] + wall * rays[..., 2]) <= height / 2)
        lid = (height / 2 - to[2]) / rays[..., 2]
        at = to[:2] + lid[..., None] * rays[..., :2]
        on_lid = (at**2).sum(-1) <= radius**2
        return np.minimum(np.where(on_wall, wall, np.inf), np.where(on_lid, lid, np.inf))

    return hit


TABLE = plane()
WALL = plane(0.6, axis=1)


def box_of(seen: np.ndarray) -> Box:
    """Return the box around pixels (H, W)."""
    rows, columns = np.nonzero(seen)
    height, width = seen.shape
    return Box(
        columns.min() / width,
        rows.min() / height,
        (columns.max() + 1) / width,
        (rows.max() + 1) / height,
    )


def find(depth: np.ndarray, box: Box, camera: PinholeCamera = CAMERA) -> Box3D:
    (found,) = locate_boxes(depth, camera, [box])
    assert isinstance(found, Box3D), found
    return found


THINGS = {
    'cube': (block((0, 0, 0.04), (0.08, 0.08, 0.08), yaw=30), (0, 0, 0.04)),
    'box': (block((0.02, 0, 0.03), (0.16, 0.07, 0.06), yaw=-50), (0.02, 0, 0.03)),
    'ball': (ball((-0.03, 0.02, 0.05), 0.05), (-0.03, 0.02, 0.05)),
    'cylinder': (cylinder((0, 0, 0.06), 0.03, 0.12), (0, 0, 0.06)),
    'plate': (cylinder((0, 0, 0.006), 0.09, 0.012), (0, 0, 0.006)),
}


def holes(depth: np.ndarray, rng: np.random.Generator, value: float) -> np.ndarray:
    return np.where(rng.random(depth.shape) < 0.2, value, depth).astype(np.float32)


def noise(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (depth + rng.normal(0, 0.002, depth.shape)).astype(np.float32)


def millimetres(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.round(noise(depth, rng), 3)


def flying(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mix near and far where the depth jumps."""
    mixed = depth.copy()
    for axis in (0, 1):
        other = np.roll(depth, 1, axis)
        share = rng.random(depth.shape)
        jump = (np.abs(other - depth) > 0.02) & (rng.random(depth.shape) < 0.5)
        mixed = np.where(jump, share * depth + (1 - share) * other, mixed)
    return mixed.astype(np.float32)


FAULTS = {
    'perfect': lambda depth, _: depth,
    'zero': lambda depth, rng: holes(depth, rng, 0.0),
    'nan': lambda depth, rng: holes(depth, rng, math.nan),
    'infinite': lambda depth, rng: holes(depth, rng, math.inf),
    'negative': lambda depth, rng: holes(depth, rng, -1.0),
    'too near': lambda depth, rng: holes(depth, rng, -math.inf),
    'noise': noise,
    'millimetres': millimetres,
    'flying': flying,
    'all of it': lambda depth, rng: holes(
        np.round(noise(flying(depth, rng), rng), 3), rng, math.nan
    ),
}


@pytest.mark.parametrize('fault', FAULTS)
@pytest.mark.parametrize('thing', THINGS)
def test_a_thing_on_a_table_is_found_by_its_middle(thing: str, fault: str) -> None:
    view = View()
    hit, center = THINGS[thing]
    depth, seen = view.cast(TABLE, hit)
    faulty = FAULTS[fault](depth, np.random.default_rng(1))
    found = find(faulty, box_of(seen == 1))
    assert math.dist(found.center, view.optical(center)) < 0.012


# From near the ground, a row of pixels on top of a thing is a centimetre deep.
@pytest.mark.parametrize(
    ('elevation', 'error'), [(15, 0.025), (30, 0.015), (60, 0.01), (85, 0.01)]
)
@pytest.mark.parametrize('thing', ['cube', 'ball', 'cylinder'])
def test_the_middle_is_found_from_all_heights(thing: str, elevation: float, error: float) -> None:
    view = View(elevation=elevation)
    hit, center = THINGS[thing]
    depth, seen = view.cast(TABLE, WALL, hit)
    found = find(depth, box_of(seen == 2))
    assert math.dist(found.center, view.optical(center)) < error


def test_sizes_are_those_of_the_thing() -> None:
    depth, seen = View().cast(TABLE, ball((0, 0, 0.05), 0.05))
    found = find(depth, box_of(seen == 1))
    assert found.size == pytest.approx((0.1, 0.1, 0.1), rel=0.15)
    assert all(
        0 < spread < size / 2 for spread, size in zip(found.spread, found.size, strict=True)
    )


@pytest.mark.parametrize('background', [(), (plane(0.5, axis=1),)], ids=['nothing', 'wall'])
def test_a_ball_in_mid_air_is_as_deep_as_it_is_wide(background: tuple[Hit, ...]) -> None:
    view = View(elevation=0.0)
    depth, seen = view.cast(ball((0.1, 0, 0.05), 0.06), *background)
    found = find(depth, box_of(seen == 0))
    assert math.dist(found.center, view.optical((0.1, 0, 0.05))) < 0.012


def test_of_a_flat_face_that_fills_the_image_the_middle_is_known_and_no_more() -> None:
    depth = View(elevation=0.0, distance=0.5).cast(plane(axis=1))[0]
    found = find(depth, Box(0, 0, 1, 1))
    assert found.center == pytest.approx((0, 0, 0.5), abs=0.005)
    assert found.size[2] < 0.01


def test_a_sheet_on_a_table_lies_in_the_table() -> None:
    view = View()
    depth, seen = view.cast(TABLE, block((0, 0, 0.0005), (0.2, 0.15, 0.001)))
    found = find(depth, box_of(seen == 1))
    assert math.dist(found.center, view.optical((0, 0, 0))) < 0.012


def test_a_stick_before_a_wall_is_not_the_wall() -> None:
    view = View(elevation=0.0)
    depth, seen = view.cast(plane(0.5, axis=1), block((0, 0, 0), (0.012, 0.012, 0.3)))
    box = box_of(seen == 1)
    wider = Box(box.x0 - 0.02, box.y0, box.x1 + 0.02, box.y1)
    assert find(depth, wider).center == pytest.approx((0, 0, 0.8), abs=0.012)


def test_a_pole_before_a_thing_is_not_the_thing() -> None:
    view = View()
    cube, center = THINGS['cube']
    pole = block((0.01, -0.2, 0.2), (0.012, 0.012, 0.4))
    depth, _ = view.cast(TABLE, cube, pole)
    box = box_of(view.cast(TABLE, cube)[1] == 1)
    assert math.dist(find(depth, box).center, view.optical(center)) < 0.02


def test_a_neighbour_that_reaches_into_the_box_is_not_the_thing() -> None:
    view = View()
    cube, center = THINGS['cube']
    depth, seen = view.cast(TABLE, cube, block((0.11, 0.05, 0.1), (0.08, 0.08, 0.2), yaw=10))
    box = box_of(seen == 1)
    wider = Box(box.x0 - 0.01, box.y0 - 0.01, box.x1 + 0.04, box.y1 + 0.01)
    assert math.dist(find(depth, wider).center, view.optical(center)) < 0.015


@pytest.mark.parametrize('value', [math.nan, math.inf, 0.0, -1.0])
def test_without_depth_there_is_no_position(value: float) -> None:
    depth = np.full((240, 320), value, np.float32)
    (found,) = locate_boxes(depth, CAMERA, [Box(0.25, 0.25, 0.75, 0.5)])
    assert found == NoPosition('no depth, 0 of 9600 pixels of its box are valid')


def test_too_little_depth_is_none() -> None:
    depth = np.full((240, 320), math.nan, np.float32)
    depth[100:104, 100:104] = 1.0
    (found,) = locate_boxes(depth, CAMERA, [Box(0.25, 0.25, 0.75, 0.75)])
    assert found == NoPosition('no depth, 16 of 19200 pixels of its box are valid')


def test_a_thing_before_a_far_wall_does_not_hang_at_it() -> None:
    view = View(elevation=0.0)
    depth, seen = view.cast(plane(0.5, axis=1), block((0, 0, 0), (0.1, 0.1, 0.1), yaw=45))
    found = find(depth, box_of(seen == 1))
    assert math.dist(found.center, view.optical((0, 0, 0))) < 0.03


def test_a_thing_on_a_shelf_stands_on_the_shelf_and_not_at_the_wall_behind() -> None:
    view = View(elevation=20.0)
    depth, seen = view.cast(TABLE, plane(0.1, axis=1), cylinder((0, 0, 0.05), 0.04, 0.1))
    found = find(depth, box_of(seen == 2))
    assert math.dist(found.center, view.optical((0, 0, 0.05))) < 0.015


def test_each_box_has_a_result_of_its_own() -> None:
    hit, center = THINGS['cube']
    depth, seen = View().cast(TABLE, hit)
    depth[:, :80] = math.nan
    box = box_of(seen == 1)
    first, second = locate_boxes(depth, CAMERA, [Box(0.0, 0.2, 0.2, 0.4), box])
    assert isinstance(first, NoPosition)
    assert isinstance(second, Box3D)
    assert math.dist(second.center, View().optical(center)) < 0.012


def test_half_the_resolution_gives_the_same_position() -> None:
    hit, center = THINGS['cylinder']
    small = CAMERA.scaled_to(160, 120)
    box = box_of(View().cast(TABLE, hit)[1] == 1)
    depth, _ = View(camera=small).cast(TABLE, hit)
    assert math.dist(find(depth, box, small).center, View().optical(center)) < 0.012


def test_the_same_input_gives_the_same_position() -> None:
    hit, _ = THINGS['ball']
    depth, seen = View().cast(TABLE, hit)
    depth = noise(depth, np.random.default_rng(0))
    box = box_of(seen == 1)
    assert find(depth, box) == find(depth, box)


def test_a_depth_image_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r'320x240 pixels needs .* \(240, 320\), got \(48, 64\)'):
        locate_boxes(np.ones((48, 64), np.float32), CAMERA, [Box(0, 0, 1, 1)])


DEPTHS = arrays.arrays(
    np.float32,
    (12, 16),
    elements=st.one_of(
        st.floats(0.25, 3.0, width=32),
        st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf, -1.0, 2.0**-100, 2.0**127]),
    ),
    fill=st.sampled_from([0.5, 1.0, math.nan]),
)
UNIT = st.floats(0.0, 1.0)


@settings(max_examples=300)
@given(DEPTHS, st.tuples(UNIT, UNIT, UNIT, UNIT))
def test_whatever_the_depths_are_the_result_is_a_box_or_a_reason(
    depth: np.ndarray, corners: tuple[float, float, float, float]
) -> None:
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    camera = PinholeCamera(15.0, 15.0, 7.5, 5.5, 16, 12)
    (found,) = locate_boxes(depth, camera, [Box(x0, y0, x1, y1)])
    if isinstance(found, NoPosition):
        assert found.reason
    else:
        values = (*found.center, *found.size, *found.spread)
        assert all(map(math.isfinite, values))
        assert min(*found.size, *found.spread) >= 0.0
