# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of carried boxes, with answers that are known."""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

import pytest

from kosmos_ros.bench.measure.tracking import locate_with, measure_tracking, TrackingPlan
from kosmos_ros.bench.report.figures import load_run, save_run
from kosmos_ros.bench.report.tracking_report import (
    save_tracking_plot,
    tracking_report,
    tracking_section,
)
from kosmos_ros.core.geometry import iou
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Box, Grounding, Phrase, ScoredBox, Status, Task
from kosmos_ros.sim.live import LiveTabletop
from kosmos_ros.sim.motion import Motion

PLAN = TrackingPlan(
    seeds=(3,),
    images=13,
    latencies=(3, 6),
    size=(320, 240),
    motion=Motion('sway', amplitude=0.1, period=4.0),
)


class Oracle:
    """Knows the truth of the images that it is asked about."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        with LiveTabletop(*PLAN.size, 3, 0.0, PLAN.motion) as camera:
            self._truths = []
            for number in range(PLAN.images):
                camera.capture(number / PLAN.rate_hz)
                self._truths.append((camera.truth.rgb, camera.truth.objects))

    def locate(self, image: RgbImage, names: Sequence[str]) -> dict[str, ScoredBox]:
        self.asked.append(names)
        _, objects = min(self._truths, key=lambda truth: abs(truth[0].astype(int) - image).mean())
        boxes = {thing.name: thing.box for thing in objects}
        return {name: ScoredBox(boxes[name], 0.9) for name in names}


@pytest.fixture(scope='module')
def run() -> dict[str, Any]:
    """Measure with an oracle."""
    return measure_tracking(Oracle().locate, PLAN)


def test_carried_boxes_fit_better_than_late_ones(run: dict[str, Any]) -> None:
    assert run['at_once'] == pytest.approx(1.0)
    for part in run['latencies']:
        assert part['boxes'] > 10
        assert part['carried'] > part['as_it_is'] + 0.1
        assert 0.0 <= part['lost'] < 0.2
    soon, late = run['latencies']
    assert late['as_it_is'] < soon['as_it_is']


def test_an_answer_comes_when_its_latency_is_over(run: dict[str, Any]) -> None:
    for part, latency in zip(run['latencies'], PLAN.latencies, strict=True):
        assert part['seconds'] == latency / PLAN.rate_hz
        assert part['ages'][0] == part['seconds']
        # Just before the next answer, the newest one is twice as old.
        assert part['ages'][-1] == (2 * latency - 1) / PLAN.rate_hz
        assert len(part['ages']) == len(part['carried_by_age']) == len(part['as_it_is_by_age'])


def test_each_image_is_asked_about_once_and_by_names_that_tell_apart() -> None:
    oracle = Oracle()
    measure_tracking(oracle.locate, PLAN)
    assert len(oracle.asked) == len({0, 3, 6, 9})
    assert all(len(set(names)) == len(names) for names in oracle.asked)


def test_lost_boxes_count_as_misses() -> None:
    def nowhere(image: RgbImage, names: Sequence[str]) -> dict[str, ScoredBox]:
        return {name: ScoredBox(Box(0.0, 0.0, 0.001, 0.001), 0.5) for name in names}

    result = measure_tracking(nowhere, PLAN)
    assert [part['lost'] for part in result['latencies']] == [1.0, 1.0]
    assert [part['carried'] for part in result['latencies']] == [0.0, 0.0]


def test_a_grounder_is_asked_for_the_best_box_of_each_name() -> None:
    class Grounder:
        def ground(self, image: object, request: Any) -> Grounding:
            self.request = request
            return Grounding(
                Task.LOCATE,
                Status.FOUND,
                64,
                48,
                text='the red mug; the blue box',
                phrases=(
                    Phrase('the red mug', 0, 11),
                    Phrase('the blue box', 13, 25, detections=(0,)),
                ),
                detections=(ScoredBox(Box(0, 0, 1, 1), 0.9),),
            )

    grounder: Any = Grounder()
    found = locate_with(grounder)(None, ['red mug', 'blue box'])  # type: ignore[arg-type]
    assert grounder.request.query == 'the red mug; the blue box'
    assert grounder.request.max_detections == 1
    assert {name: iou(box.box, Box(0, 0, 1, 1)) for name, box in found.items()} == {
        'blue box': 1.0
    }


def test_a_run_is_saved_printed_and_drawn(run: dict[str, Any], tmp_path: Path) -> None:
    save_run(run, tmp_path / 'tracking.json')
    loaded = load_run(tmp_path / 'tracking.json')
    assert json.dumps(loaded['plan']['motion']) == json.dumps(
        {'kind': 'sway', 'amplitude': 0.1, 'period': 4.0}
    )
    carried = f'{run["latencies"][0]["carried"]:.2f}'
    for text in (tracking_report(loaded), tracking_section(loaded)):
        assert carried in text
        assert max(map(len, text.splitlines())) < 120
    assert '| 0.2 s |' in tracking_section(loaded)
    save_tracking_plot(loaded, tmp_path / 'tracking.png')
    assert (tmp_path / 'tracking.png').read_bytes()[:4] == b'\x89PNG'
