# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
How well a model keeps up with a recording, and how complete the recording is.

The recording is played in simulated time: while the model answers about one image others come, of
which the newest is asked about next, as in the node. Only the model's seconds are real, so that an
hour with few questions does not take an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
import math
from typing import Any

import numpy as np

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.core.images.images import RgbImage
from kosmos_ros.core.types import Grounding
from kosmos_ros.recordings.bags import BagImage

_SECOND = 1e9

_GAP = 1.5
"""Periods between two stamps from which on an image is missing."""

_MOST_PROBLEMS = 10


@dataclass
class Playback:
    """
    Images and answers of a topic.

    ``stamps`` and ``received`` are nanoseconds, of each image. ``answered`` counts the images
    that were asked about, ``skipped`` those that a newer one replaced, ``unreadable`` those that
    could not be decoded, ``problems`` name the first of them. ``inference`` are the seconds of
    each answer, ``ages`` those from an image's recording to the end of its answer.
    """

    stamps: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    answered: int = 0
    skipped: int = 0
    unreadable: int = 0
    problems: list[str] = field(default_factory=list)
    inference: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Intervals:
    """
    Statistics of the stamps of images.

    ``period`` is the median of the times between neighbours in seconds, ``jitter`` the 95th
    percentile of how far they are from it. ``missing`` estimates how many images were lost: in a
    gap of about three periods, two. ``repeated`` counts stamps that are not later than the one
    before.
    """

    period: float
    jitter: float
    missing: int
    repeated: int


def play(images: Iterable[BagImage], ask: Callable[[RgbImage], Grounding]) -> Playback:
    """
    Play the images of a topic to a model.

    :param ask: answers about an image; its ``inference_time`` is what the answer takes.
    """
    played = Playback()
    waiting: BagImage | None = None
    free_at = -math.inf
    for image in images:
        played.stamps.append(image.stamp_ns)
        played.received.append(image.received_ns)
        arrival = image.received_ns / _SECOND
        if waiting is not None and arrival >= free_at:
            free_at = _answer(played, waiting, free_at, ask)
            waiting = None
        if waiting is not None:
            played.skipped += 1
        waiting = image
    if waiting is not None:
        _answer(played, waiting, free_at, ask)
    return played


def _answer(
    played: Playback, image: BagImage, free_at: float, ask: Callable[[RgbImage], Grounding]
) -> float:
    """Ask about an image and return when the model is free again."""
    arrival = image.received_ns / _SECOND
    try:
        pixels = image.read()
    except InvalidImageError as error:
        played.unreadable += 1
        if len(played.problems) < _MOST_PROBLEMS:
            played.problems.append(f'image {image.number} of {image.topic}: {error}')
        return free_at
    seconds = ask(pixels).inference_time
    end = max(arrival, free_at) + seconds
    played.answered += 1
    played.inference.append(seconds)
    played.ages.append(end - arrival)
    return end


def intervals(stamps: Sequence[int]) -> Intervals:
    """Return the statistics of a topic's stamps in nanoseconds, in the order of recording."""
    steps = np.diff(np.array(stamps, dtype=np.int64)).astype(np.float64) / _SECOND
    forward = steps[steps > 0]
    if not len(forward):
        return Intervals(math.nan, math.nan, 0, len(steps))
    period = float(np.median(forward))
    gaps = forward[forward > _GAP * period]
    return Intervals(
        period=period,
        jitter=float(np.quantile(np.abs(forward - period), 0.95)),
        missing=int(np.sum(np.rint(gaps / period) - 1)),
        repeated=len(steps) - len(forward),
    )


def playback_data(played: Playback) -> dict[str, Any]:
    """Return the figures in types of JSON; times in seconds, None where there are none."""
    found = intervals(played.stamps)
    pairs = zip(played.received, played.stamps, strict=True)
    delays = [(received - stamp) / _SECOND for received, stamp in pairs]
    times = played.received or [0]
    return {
        'images': len(played.stamps),
        'seconds': round((max(times) - min(times)) / _SECOND, 6),
        'rate': _rounded(1 / found.period) if found.period > 0 else None,
        'period': _rounded(found.period),
        'jitter_95': _rounded(found.jitter),
        'missing': found.missing,
        'repeated_stamps': found.repeated,
        'unreadable': played.unreadable,
        'problems': list(played.problems),
        'answered': played.answered,
        'skipped': played.skipped,
        'recording_delay': _quantiles(delays),
        'inference': _quantiles(played.inference),
        'answer_age': _quantiles(played.ages),
    }


def playback_lines(data: dict[str, Any], model: str, topic: str) -> list[str]:
    """Return the figures of ``playback_data`` as lines for a terminal."""
    lines = [
        f'{model} on {topic}: {data["images"]} images in {data["seconds"]:.1f} s',
        '',
        f'{"images per second, by their stamps":44}{_cell(data["rate"])}',
        f'{"jitter (95 %)":44}{_cell(data["jitter_95"], 1000)} ms',
        f'{"missing, estimated from gaps in the stamps":44}{data["missing"]:9}',
        f'{"stamps that repeat or go back":44}{data["repeated_stamps"]:9}',
        f'{"answered":44}{data["answered"]:9}',
        f'{"skipped for a newer one":44}{data["skipped"]:9}',
        f'{"unreadable":44}{data["unreadable"]:9}',
        '',
        f'{"":44}{"median":>9}{"95 %":>9}',
    ]
    for name, label in (
        ('recording_delay', 'from stamp to recording, ms'),
        ('inference', 'answer, ms'),
        ('answer_age', 'from recording to the end of the answer, ms'),
    ):
        row = data[name]
        lines.append(f'{label:44}{_cell(row["median"], 1000)}{_cell(row["95"], 1000)}')
    return [*lines, *(f'cannot read {problem}' for problem in data['problems'])]


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    shares = {'median': 0.5, '95': 0.95}
    return {
        name: _rounded(float(np.quantile(values, share))) if values else None
        for name, share in shares.items()
    }


def _rounded(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _cell(value: float | None, factor: float = 1.0) -> str:
    return f'{"-":>9}' if value is None else f'{factor * value:9.2f}'
