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

import numpy as np

from kosmos_ros.core.depth.locate import Box3D, locate_boxes
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.depth.view import DepthImage
from kosmos_ros.core.types import Box, Grounding
from kosmos_ros.evaluation.questions.cases import Case, Kind
from kosmos_ros.evaluation.studies.depth_faults import with_faults
from kosmos_ros.sim.rendering.frame import RenderedFrame, VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel

Row = tuple[str, str, float | None]
"""Name of a ``Way``, shape of a thing, and distance in metres; None for no position."""


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
    Collects errors; ``errors[way][shape]`` are those of the things of a shape.

    It asks nothing itself: for each question about one thing it takes the best box, right or
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

    def add(self, case: Case, answer: Grounding) -> None:
        """Measure the position of one answer."""
        self.take(self.rows(case, answer))

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


def _distance(
    depth: DepthImage, camera: PinholeCamera, thing: VisibleObject, box: Box
) -> float | None:
    """Return the distance of a box's position from its thing, None for no position."""
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
