# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Errors of positions in space, compared with the simulator's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from kosmos_ros.core.depth.locate import Box3D, locate_boxes
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.depth.view import DepthImage
from kosmos_ros.core.types import Box, Grounding
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel

_NOISE = 0.0023
"""Standard deviation in metres at a distance of one metre."""
_EDGE = 0.02
"""Metres between neighbours that make an edge."""
_MIXED = 0.5
"""Share of the pixels at edges that lie between near and far."""
_SINGLE_HOLES = 0.1
_PATCHES = 0.1
"""Shares of the image."""
_PATCH_SIZE = 4.0
"""Pixels."""
_FAR = 10.0
"""Metres that such a camera sees at most."""

Row = tuple[str, str, float | None]
"""Name of a ``Way``, shape of an object, and distance in metres; None for no position."""


class Way(Enum):
    """
    Input of the positions; the value is the name in reports.

    FAULTY is a depth image with the noise, holes and mixed edges of a real camera.
    """

    RETURNED = 'boxes as returned'
    TRUE = 'true boxes'
    FAULTY = 'boxes as returned, faulty depth'


@dataclass
class Errors:
    """Distances in metres between found and true centres; ``none`` counts boxes without one."""

    distances: list[float] = field(default_factory=list)
    none: int = 0

    @property
    def count(self) -> int:
        """Number of boxes."""
        return len(self.distances) + self.none

    def quantile(self, share: float) -> float:
        """Return the distance that a share (0..1) of the positions does not exceed."""
        return float(np.quantile(self.distances, share)) if self.distances else math.nan


class PositionStudy:
    """
    Collects errors; ``errors[way][shape]`` are those of the objects of a shape.

    It asks nothing itself: for each question about one object it takes the best box, right or
    wrong, and its position by the depth image.
    """

    def __init__(self) -> None:
        self.errors: dict[Way, defaultdict[str, Errors]] = {
            way: defaultdict(Errors) for way in Way
        }
        self._frame: RenderedFrame | None = None
        self._faulty: DepthImage | None = None

    def look(self, frame: RenderedFrame, seed: int) -> None:
        """Take the scene that the next answers are about."""
        self._frame = frame
        self._faulty = with_faults(frame.depth, np.random.default_rng(seed))

    def rows(self, case: Case, answer: Grounding) -> list[Row]:
        """Return the position errors of one answer, in types of JSON."""
        frame, faulty = self._frame, self._faulty
        if case.kind is not Kind.UNIQUE or frame is None or faulty is None:
            return []
        thing = next(one for one in frame.objects if one.box == case.things[0].box)
        camera = pinhole_of(frame.camera)
        rows = [(Way.TRUE.name, thing.shape, _distance(frame.depth, camera, thing, thing.box))]
        if answer.detections:
            box = answer.detections[0].box
            for way, depth in ((Way.RETURNED, frame.depth), (Way.FAULTY, faulty)):
                rows.append((way.name, thing.shape, _distance(depth, camera, thing, box)))
        return rows

    def take(self, rows: Iterable[Row]) -> None:
        """Count the rows of a question."""
        for way, shape, distance in rows:
            errors = self.errors[Way[way]][shape]
            if distance is None:
                errors.none += 1
            else:
                errors.distances.append(distance)

    def total(self, way: Way) -> Errors:
        """Return the errors of all shapes."""
        every = self.errors[way].values()
        distances = [distance for errors in every for distance in errors.distances]
        return Errors(distances, sum(errors.none for errors in every))


def with_faults(
    depth: npt.NDArray[np.float32], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """
    Add the faults of a real depth camera to a perfect depth image; holes are 0, patches NaN.

    The sizes are those of stereo and structured-light cameras at arm's length: noise that grows
    with the square of the distance (Khoshelham and Oude Elberink, "Accuracy and resolution of
    Kinect depth data", Sensors 12(2), 2012), steps of a millimetre, depths between near and far
    along edges, single holes and whole patches of them.

    :param depth: (H, W) metres, infinite where nothing is.
    """
    shape = depth.shape
    clean = np.minimum(depth, _FAR).astype(np.float64)
    near, far = cv2.erode(clean, np.ones((3, 3))), cv2.dilate(clean, np.ones((3, 3)))
    mixed = (far - near > _EDGE) & (rng.random(shape) < _MIXED)
    faulty = np.where(mixed, near + rng.random(shape) * (far - near), clean)
    faulty += rng.normal(0.0, _NOISE, shape) * faulty**2
    faulty = np.round(faulty, 3)
    faulty[(rng.random(shape) < _SINGLE_HOLES) | (faulty < 0.0)] = 0.0
    clouds = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), _PATCH_SIZE)
    faulty[clouds > np.quantile(clouds, 1.0 - _PATCHES)] = np.nan
    faulty[depth > _FAR] = 0.0
    return faulty.astype(np.float32)


def _distance(
    depth: DepthImage, camera: PinholeCamera, thing: VisibleObject, box: Box
) -> float | None:
    """Return the distance of a box's position from its object, None for no position."""
    (found,) = locate_boxes(depth, camera, [box])
    return math.dist(found.center, thing.position) if isinstance(found, Box3D) else None


def pinhole_of(camera: CameraModel) -> PinholeCamera:
    """Return a simulated camera as the core's, which counts pixels from a centre."""
    return PinholeCamera(
        camera.fx, camera.fy, camera.cx - 0.5, camera.cy - 0.5, camera.width, camera.height
    )


def position_lines(study: PositionStudy) -> Iterator[str]:
    """Yield a table: a row for each way, then one for each shape with boxes as returned."""
    yield f'{"3D position error, mm":46}{"median":>10}{"90 %":>10}{"none":>8}{"of":>7}'
    for way in Way:
        yield _row(way.value, study.total(way))
    for shape, errors in sorted(study.errors[Way.RETURNED].items()):
        yield _row(f'  {shape}', errors)


def position_data(study: PositionStudy) -> dict[str, Any]:
    """Return the same in types of JSON, by way and shape, in metres."""
    return {
        way.value: {'all': _figures(study.total(way))}
        | {shape: _figures(errors) for shape, errors in sorted(study.errors[way].items())}
        for way in Way
        if study.total(way).count
    }


def _row(name: str, errors: Errors) -> str:
    median, most = 1000 * errors.quantile(0.5), 1000 * errors.quantile(0.9)
    return f'{name:46}{median:10.1f}{most:10.1f}{errors.none:8d}{errors.count:7d}'


def _figures(errors: Errors) -> dict[str, float]:
    figures: dict[str, float] = {'none': errors.none, 'of': errors.count}
    if errors.distances:
        figures['median'] = round(errors.quantile(0.5), 5)
        figures['90 %'] = round(errors.quantile(0.9), 5)
    return figures
