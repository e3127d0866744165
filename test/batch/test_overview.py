# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Tests of ``kosmos_ros.batch.overview``."""

from __future__ import annotations

import io

from PIL import Image

from kosmos_ros.batch.answered import Answered
from kosmos_ros.batch.overview import Overview
from kosmos_ros.core.types import Box, Grounding, Phrase, ScoredBox, Status, Task
from kosmos_ros.results.plot_style import as_png


def located(phrase: str, *scores: float, seconds: float = 0.02) -> Grounding:
    """Answer a phrase with boxes of these scores."""
    boxes = tuple(ScoredBox(Box(0, 0, 1, 1), score, phrase) for score in scores)
    named = Phrase(phrase, 0, len(phrase), detections=tuple(range(len(boxes))))
    return Grounding(
        Task.LOCATE,
        Status.FOUND if boxes else Status.NOT_FOUND,
        8,
        8,
        text=phrase,
        phrases=(named,),
        detections=boxes,
        inference_time=seconds,
    )


def pictures(*answers: Grounding) -> Overview:
    """Count pictures with an answer each."""
    return Overview.of(Answered(8, 8, (answer,)) for answer in answers)


def test_pictures_and_boxes_are_counted_by_phrase() -> None:
    overview = pictures(located('cup', 0.9, 0.2), located('cup'), located('fork', 1.0))
    assert (overview.pictures, overview.answered, overview.detections) == (3, 2, 3)
    assert dict(overview.asked) == {'cup': 2, 'fork': 1}
    assert dict(overview.found) == {'cup': 1, 'fork': 1}
    assert dict(overview.boxes) == {'cup': 2, 'fork': 1}
    assert overview.scores.nonzero()[0].tolist() == [4, 18, 19]


def test_a_phrase_named_twice_in_a_picture_counts_once() -> None:
    overview = Overview.of([Answered(8, 8, (located('cup', 0.9), located('cup', 0.8)))])
    assert (overview.asked['cup'], overview.found['cup'], overview.boxes['cup']) == (1, 1, 2)
    assert abs(overview.seconds - 0.04) < 1e-9


def test_the_table_shows_the_commonest_and_tells_of_the_others() -> None:
    answers = [located(f'thing {number}', 0.5) for number in range(30)]
    lines = list(pictures(*answers, located('thing 29', 0.5)).lines())
    assert lines[1].split() == ['thing', '29', '2', '2', '2']
    assert lines[-2] == 'and 6 phrases that are rarer'
    assert lines[-1] == '31 boxes in 31 pictures, 20 ms a picture'


def test_times_beyond_the_scale_are_counted_at_its_ends() -> None:
    overview = pictures(located('cup', seconds=0.0), located('cup', seconds=1e6))
    assert overview.times[0] == overview.times[-1] == 1


def test_the_plot_grows_with_its_phrases_and_works_without_any() -> None:
    heights = [
        Image.open(io.BytesIO(as_png(pictures(*answers).plot()))).height
        for answers in ((), [located(f'thing {number}', 0.5) for number in range(10)])
    ]
    assert heights[0] < heights[1]
