# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Value types of a grounding request and its answer.

All are frozen and validated when made. Image coordinates are either *normalised* (fractions of
the width and height, 0..1, origin at the upper left) or *pixels*; each docstring says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from kosmos_ros.core.errors import InvalidRegionError, InvalidRequestError

MAX_ALTERNATIVES = 8
MAX_LOOKS = 64

ROTATIONS = (0, 90, 180, 270)
"""Degrees clockwise by which an image may have to be turned to be upright."""


class Task(IntEnum):
    """What a request asks for; the numbers are those of ``kosmos_ros_msgs``."""

    AUTO = 0
    LOCATE = 1
    DESCRIBE = 2
    IDENTIFY = 3
    ASK = 4
    INSTRUCT = 5
    RAW = 6


class Status(IntEnum):
    """How a request ended; the numbers are those of ``kosmos_ros_msgs`` (0 is never sent)."""

    FOUND = 1
    NOT_FOUND = 2
    LOW_SCORE = 3
    NO_IMAGE = 4
    STALE_IMAGE = 5
    BUSY = 6
    INVALID_REQUEST = 7
    TIMEOUT = 8
    CANCELLED = 9
    NOT_READY = 10
    MODEL_ERROR = 11


class Role(IntEnum):
    """What part a phrase plays in an instruction."""

    NONE = 0
    TARGET = 1
    DESTINATION = 2
    REFERENCE = 3


@dataclass(frozen=True)
class Box:
    """Axis-aligned box, normalised: 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        """Reject inverted, out-of-range and non-finite corners."""
        if not (0.0 <= self.x0 <= self.x1 <= 1.0 and 0.0 <= self.y0 <= self.y1 <= 1.0):
            raise ValueError(
                f'a box needs 0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1, got '
                f'({self.x0}, {self.y0}, {self.x1}, {self.y1})'
            )

    @property
    def width(self) -> float:
        """Extent along x, normalised."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Extent along y, normalised."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Fraction of the image that the box covers."""
        return self.width * self.height


@dataclass(frozen=True)
class Region:
    """Region of interest in whole pixels of the original image, upper left corner and size."""

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        """Reject empty regions and negative corners; fit to an image is checked later."""
        if self.x < 0 or self.y < 0 or self.width <= 0 or self.height <= 0:
            raise InvalidRegionError(
                f'a region needs x >= 0, y >= 0, width > 0 and height > 0, got x={self.x} '
                f'y={self.y} width={self.width} height={self.height}'
            )


@dataclass(frozen=True)
class ScoredBox:
    """
    One detection.

    ``box`` is normalised to the original image, ``score`` a probability (0..1), ``label`` the
    phrase it belongs to, ``id`` a stable identity within the query.
    """

    box: Box
    score: float
    label: str = ''
    id: str = ''

    def __post_init__(self) -> None:
        """Reject scores that are not probabilities."""
        _require_probability('score', self.score)


@dataclass(frozen=True)
class Phrase:
    """
    A phrase of the answer's text, ``text[start:end]``, and the detections that belong to it.

    ``existence`` is the model's probability (0..1) that what the phrase names is in the image, of
    a phrase that the model wrote the score of its best box; ``detections`` are indices into
    ``Grounding.detections``. ``alternatives`` are other places where its first detection may be
    instead, best first, as far as LOCATE was asked for them; none of them is a detection.
    """

    text: str
    start: int
    end: int
    role: Role = Role.NONE
    existence: float = 0.0
    detections: tuple[int, ...] = ()
    alternatives: tuple[ScoredBox, ...] = ()

    def __post_init__(self) -> None:
        """Reject impossible spans and existences that are not probabilities."""
        if not 0 <= self.start <= self.end:
            raise ValueError(f'a span needs 0 <= start <= end, got {self.start}..{self.end}')
        _require_probability('existence', self.existence)


@dataclass(frozen=True)
class GroundingRequest:
    """
    One question about one image.

    ``region`` is in pixels of the image (None: the whole image); detections with a score below
    ``min_score`` (0..1) are not returned; ``max_detections`` limits the boxes of each phrase
    (0: the grounder's own limit). ``alternatives`` (0..8) asks LOCATE for that many other places
    of each phrase's first box. ``literal``: a query of LOCATE is one phrase, to be put to the
    model as it is, like an expression of a data set. ``max_looks`` (0..64) are the most looks at
    parts of the image, the first one at all of it included (0: the grounder's own limit).
    """

    query: str = ''
    task: Task = Task.AUTO
    region: Region | None = None
    min_score: float = 0.0
    max_detections: int = 0
    alternatives: int = 0
    literal: bool = False
    max_looks: int = 0

    def __post_init__(self) -> None:
        """Reject values out of range."""
        if not 0.0 <= self.min_score <= 1.0:
            raise InvalidRequestError(f'min_score must be within 0..1, got {self.min_score}')
        if self.max_detections < 0:
            raise InvalidRequestError(
                f'max_detections must be 0 or more, got {self.max_detections}'
            )
        if not 0 <= self.alternatives <= MAX_ALTERNATIVES:
            raise InvalidRequestError(
                f'alternatives must be within 0..{MAX_ALTERNATIVES}, got {self.alternatives}'
            )
        if not 0 <= self.max_looks <= MAX_LOOKS:
            raise InvalidRequestError(
                f'max_looks must be within 0..{MAX_LOOKS}, got {self.max_looks}'
            )


@dataclass(frozen=True)
class Grounding:
    """
    The answer to one request.

    ``prompt`` is what the model was given, ``text`` what it answered with all tags removed.
    ``image_width``/``image_height`` are the original image's pixels, ``inference_time`` is in
    seconds, ``dropped`` counts malformed entities in the model's output that were left out.
    ``calibrated``: scores and existences were checked on labelled images, so that of those around
    0.8 eight in ten are right; else they are the model's own numbers. ``looks`` are the parts of
    the image that the model was shown for this answer, in its pixels. ``looks_wanted`` is their
    number, higher by those that were to come next where a limit on number or time ended them.
    """

    task: Task
    status: Status
    image_width: int
    image_height: int
    query: str = ''
    status_message: str = ''
    prompt: str = ''
    text: str = ''
    phrases: tuple[Phrase, ...] = ()
    detections: tuple[ScoredBox, ...] = ()
    model: str = ''
    calibrated: bool = False
    inference_time: float = 0.0
    dropped: int = 0
    looks: tuple[Region, ...] = ()
    looks_wanted: int = 0

    def __post_init__(self) -> None:
        """Reject phrases that point outside the text or the detections."""
        for phrase in self.phrases:
            if self.text[phrase.start : phrase.end] != phrase.text:
                raise ValueError(f'{phrase!r} is not at its place in the text {self.text!r}')
            if any(not 0 <= index < len(self.detections) for index in phrase.detections):
                raise ValueError(f'{phrase!r} names none of {len(self.detections)} detections')

    @property
    def roles(self) -> tuple[Role, ...]:
        """What part each detection plays in an instruction."""
        roles = {index: phrase.role for phrase in self.phrases for index in phrase.detections}
        return tuple(roles.get(index, Role.NONE) for index in range(len(self.detections)))


def _require_probability(name: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f'{name} must be a probability within 0..1, got {value}')
