# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How well boxes of late answers fit the newest image, carried to it or not.

A simulated camera moves; the model answers about one image, and the answer comes a fixed number of
images later, when the next question is asked about the newest one. Nothing depends on a clock, so
a run can be repeated; only the tracker's time is measured, as that of one core: other work on the
machine does not count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
import time
from typing import Any

import cv2

from kosmos_ros.bench.machine import machine
from kosmos_ros.bench.timing import median, percentile_95
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.grounder import Grounder
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, GroundingRequest, ScoredBox, Task
from kosmos_ros.sim.live import LiveTabletop
from kosmos_ros.sim.motion import Motion
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame
from kosmos_ros.tracking.tracker import BoxTracker

Run = dict[str, Any]
"""A run as JSON holds it."""

_NAME = 'standing'


@dataclass(frozen=True)
class TrackingPlan:
    """
    What to measure.

    ``latencies`` are in images; at ``rate_hz`` images a second each scene is filmed for ``images``
    of them, by a camera that moves as ``motion`` says.
    """

    seeds: tuple[int, ...] = tuple(range(300, 312))
    images: int = 61
    rate_hz: float = 15.0
    latencies: tuple[int, ...] = (5, 15)
    noise: float = 1.5
    size: tuple[int, int] = (640, 480)
    motion: Motion = field(default_factory=lambda: Motion('sway'))


@dataclass(frozen=True)
class BoxedImage:
    """An image and, by name, the boxes of the objects to ask for."""

    image: RgbImage
    boxes: Mapping[str, Box]


Locate = Callable[[RgbImage, Sequence[str]], Mapping[str, ScoredBox]]
"""Finds the best box of each name, as far as there is one."""


@dataclass
class _Fit:
    """
    Overlaps with the truth of one latency.

    ``overlaps`` by the age of the answer in images are those of its box, as it is and carried.
    """

    overlaps: dict[int, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    lost: int = 0


def measure_tracking(
    locate: Locate, plan: TrackingPlan, on_scene: Callable[[int], None] = lambda _: None
) -> Run:
    """
    Film scenes and measure.

    :param on_scene: called with each seed before its scene is filmed.
    :raises MissingDependencyError: if this machine cannot render.
    """
    fits = {latency: _Fit() for latency in plan.latencies}
    at_once: list[float] = []
    seconds: list[float] = []
    carried_boxes: list[int] = []
    with _one_thread(), LiveTabletop(*plan.size, plan.seeds[0], plan.noise, plan.motion) as camera:
        for seed in plan.seeds:
            on_scene(seed)
            camera.show(seed)
            film = [_shot(camera, number / plan.rate_hz) for number in range(plan.images)]
            answers = _Answers(locate, film)
            for latency, fit in fits.items():
                _follow(film, answers, latency, fit, seconds, carried_boxes)
            at_once += answers.overlaps()
    return {
        'when': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'machine': machine(),
        'plan': asdict(plan),
        'at_once': _mean(at_once),
        'latencies': [_figures(latency, fit, plan.rate_hz) for latency, fit in fits.items()],
        'tracker': {
            'median_seconds': median(seconds),
            'p95_seconds': percentile_95(seconds),
            'images': len(seconds),
            'mean_boxes': _mean(carried_boxes),
        },
    }


def locate_with(grounder: Grounder) -> Locate:
    """Return a function that locates objects by name."""

    def locate(image: RgbImage, names: Sequence[str]) -> dict[str, ScoredBox]:
        query = '; '.join(f'the {name}' for name in names)
        found = grounder.ground(image, GroundingRequest(query, Task.LOCATE, max_detections=1))
        return {
            name: found.detections[phrase.detections[0]]
            for name, phrase in zip(names, found.phrases, strict=True)
            if phrase.detections
        }

    return locate


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep OpenCV within the thread whose time is measured."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


class _Answers:
    """The model's answers about the images of a film; each image is asked about once."""

    def __init__(self, locate: Locate, film: Sequence[BoxedImage]) -> None:
        self._locate = locate
        self._film = film
        self._known: dict[int, dict[str, ScoredBox]] = {}

    def about(self, number: int) -> dict[str, ScoredBox]:
        """Return the best boxes by name."""
        if number not in self._known:
            shot = self._film[number]
            names = sorted(shot.boxes)
            self._known[number] = dict(self._locate(shot.image, names)) if names else {}
        return self._known[number]

    def overlaps(self) -> list[float]:
        """Return how well boxes fit the images that they are about."""
        return [
            iou(found.box, self._film[number].boxes[name])
            for number, answer in self._known.items()
            for name, found in answer.items()
        ]


def _shot(camera: LiveTabletop, seconds: float) -> BoxedImage:
    image, _ = camera.capture(seconds)
    return BoxedImage(image, _boxes(camera.truth))


def _boxes(truth: RenderedFrame) -> dict[str, Box]:
    """Return the well visible objects with a unique name."""
    count = Counter(thing.name for thing in truth.objects)
    return {
        thing.name: thing.box
        for thing in truth.objects
        if count[thing.name] == 1 and is_nameable(thing)
    }


def _follow(
    film: Sequence[BoxedImage],
    answers: _Answers,
    latency: int,
    fit: _Fit,
    seconds: list[float],
    carried_boxes: list[int],
) -> None:
    """Run a tracker on a film, with late answers, and compare at each image."""
    tracker = BoxTracker()
    about, names = -1, []
    for number, shot in enumerate(film):
        start = time.thread_time()
        tracker.see(number, shot.image)
        seconds.append(time.thread_time() - start)
        carried_boxes.append(len(tracker.tracks(_NAME)))
        if number and number % latency == 0:
            about = number - latency
            names = list(answers.about(about))
            boxes = list(answers.about(about).values())
            tracker.answer(_NAME, about, film[about].image, boxes)
        if about >= 0:
            places = {track.index: track.box for track in tracker.tracks(_NAME)}
            _compare(shot, answers.about(about), names, places, number - about, fit)


def _compare(
    shot: BoxedImage,
    answer: Mapping[str, ScoredBox],
    names: Sequence[str],
    places: Mapping[int, Box],
    age: int,
    fit: _Fit,
) -> None:
    for index, name in enumerate(names):
        if name in shot.boxes:
            truth = shot.boxes[name]
            # A lost box has no overlap.
            carried = iou(places[index], truth) if index in places else 0.0
            fit.overlaps[age].append((iou(answer[name].box, truth), carried))
            fit.lost += index not in places


def _figures(latency: int, fit: _Fit, rate_hz: float) -> Run:
    ages = sorted(fit.overlaps)
    boxes = [box for age in ages for box in fit.overlaps[age]]
    return {
        'seconds': latency / rate_hz,
        'boxes': len(boxes),
        'as_it_is': _mean([still for still, _ in boxes]),
        'carried': _mean([carried for _, carried in boxes]),
        'lost': fit.lost / max(1, len(boxes)),
        'ages': [age / rate_hz for age in ages],
        'as_it_is_by_age': [_mean([still for still, _ in fit.overlaps[age]]) for age in ages],
        'carried_by_age': [_mean([carried for _, carried in fit.overlaps[age]]) for age in ages],
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
