# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Summary of many answers: how often phrases were found, their scores, and times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kosmos_ros.batch.answered import Answered, found_in
from kosmos_ros.core.types import Status
from kosmos_ros.results.plot_style import LIGHT, new_figure, set_labels, set_title, write_beside

_SCORE_BINS, _TIME_BINS = 20, 400
_MOST_PHRASES = 24
_MILLI = 1000.0
_WIDE = 30.0
"""Times that differ by more than this factor are drawn on a logarithmic axis."""
_LONGEST = 8
"""Powers of ten of milliseconds that times are counted up to, from one tenth."""


@dataclass
class Overview:
    """
    Counts over pictures; its size does not grow with them.

    ``answered`` counts answers with the status FOUND. ``asked[phrase]`` are the pictures whose
    answers name a phrase, ``found[phrase]`` those with a box of it, ``boxes[phrase]`` the boxes.
    """

    pictures: int = 0
    answered: int = 0
    detections: int = 0
    seconds: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    boxes: Counter[str] = field(default_factory=Counter)
    scores: Any = field(default_factory=lambda: np.zeros(_SCORE_BINS, np.int64))
    times: Any = field(default_factory=lambda: np.zeros(_TIME_BINS, np.int64))

    @classmethod
    def of(cls, answered: Iterable[Answered]) -> Overview:
        """Count pictures."""
        overview = cls()
        for one in answered:
            overview.add(one)
        return overview

    def add(self, answered: Answered) -> None:
        """Count one picture."""
        self.pictures += 1
        seconds = sum(answer.inference_time for answer in answered.answers)
        self.seconds += seconds
        place = _TIME_BINS * (np.log10(max(1e-9, _MILLI * seconds)) + 1.0) / _LONGEST
        self.times[int(np.clip(place, 0, _TIME_BINS - 1))] += 1
        boxes: dict[str, int] = {}
        for answer in answered.answers:
            for phrase, found in found_in(answer):
                boxes[phrase] = boxes.get(phrase, 0) + len(found)
            self.answered += answer.status is Status.FOUND
            self.detections += len(answer.detections)
            for detection in answer.detections:
                self.scores[min(_SCORE_BINS - 1, int(_SCORE_BINS * detection.score))] += 1
        self.asked.update(boxes.keys())
        self.found.update(phrase for phrase, count in boxes.items() if count)
        self.boxes.update(boxes)

    def lines(self) -> Iterator[str]:
        """Yield the counts as a table for a terminal."""
        yield f'{"phrase":40}{"found in":>10}{"of":>9}{"boxes":>9}'
        for phrase in self._commonest():
            counts = f'{self.found[phrase]:10}{self.asked[phrase]:9}{self.boxes[phrase]:9}'
            yield f'{phrase[:39]:40}{counts}'
        if len(self.asked) > _MOST_PHRASES:
            yield f'and {len(self.asked) - _MOST_PHRASES} phrases that are rarer'
        mean = _MILLI * self.seconds / max(1, self.pictures)
        yield f'{self.detections} boxes in {self.pictures} pictures, {mean:.0f} ms a picture'

    def plot(self) -> Any:
        """Return a figure: phrases, scores and times."""
        phrases = self._commonest()
        tall = 0.7 + 0.26 * max(1, len(phrases))
        rows = (tall, 1.9, 1.9)
        figure, (top, middle, bottom) = new_figure(LIGHT, tall + 4.4, rows, share=False)
        self._plot_phrases(top, phrases)
        places = (np.arange(_SCORE_BINS) + 0.5) / _SCORE_BINS
        middle.bar(places, self.scores, 0.94 / _SCORE_BINS, color=LIGHT.series[0])
        middle.set_xlim(0.0, 1.0)
        set_labels(middle, 'score', 'boxes')
        set_title(middle, LIGHT, f'Scores of {self.detections} boxes')
        self._plot_times(bottom)
        for axes in (middle, bottom):
            axes.yaxis.get_major_locator().set_params(integer=True)
        return figure

    def _commonest(self) -> list[str]:
        return sorted(self.asked, key=lambda one: (-self.found[one], one))[:_MOST_PHRASES]

    def _plot_phrases(self, axes: Any, phrases: list[str]) -> None:
        places = np.arange(len(phrases))
        asked = [self.asked[phrase] for phrase in phrases]
        found = [self.found[phrase] for phrase in phrases]
        axes.barh(places, asked, 0.7, color=LIGHT.grid)
        axes.barh(places, found, 0.7, color=LIGHT.series[0])
        for place, (some, all_of_them) in enumerate(zip(found, asked, strict=True)):
            write_beside(axes, LIGHT, f'{some} of {all_of_them}', (all_of_them, place))
        names = [one if len(one) <= 32 else f'{one[:30]}...' for one in phrases]
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.grid(visible=False, axis='y')
        axes.set_xlim(0.0, 1.25 * max([1, *asked]))
        set_labels(axes, 'pictures that name it, and dark: where it has a box')
        set_title(axes, LIGHT, f'Phrases in {self.pictures} pictures')

    def _plot_times(self, axes: Any) -> None:
        edges = 10.0 ** (_LONGEST * np.arange(_TIME_BINS + 1) / _TIME_BINS - 1.0)
        seen = np.flatnonzero(self.times)
        if len(seen):
            first, last = edges[seen[0]], edges[seen[-1] + 1]
            axes.stairs(self.times, edges, fill=True, color=LIGHT.series[2])
            if last > _WIDE * first:
                axes.set_xscale('log')
                axes.xaxis.set_major_formatter(lambda value, _: f'{value:g}')
            axes.set_xlim(first * 0.8, last * 1.25)
        set_labels(axes, 'milliseconds', 'pictures')
        set_title(axes, LIGHT, 'Time of the model for a picture')
