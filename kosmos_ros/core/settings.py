# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Limits of a grounder, and how the range of a setting is declared: once, with its field.

The node's parameters take default and range of a setting from here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from kosmos_ros.core.types import MAX_LOOKS

_WITHIN = 'within'


def limited(default: Any, within: tuple[float, float]) -> Any:
    """Declare a field whose values lie ``within`` bounds, inclusive."""
    return field(default=default, metadata={_WITHIN: within})


def default_and_limits(settings: type, name: str) -> tuple[Any, tuple[float, float] | None]:
    """Return the default of a setting, and the range that was declared of it, if any."""
    (spec,) = (one for one in fields(settings) if one.name == name)
    return spec.default, spec.metadata.get(_WITHIN)


def check_limits(settings: Any) -> None:
    """Reject settings with a value out of its range, as ``check_within`` does."""
    for spec in fields(settings):
        if _WITHIN in spec.metadata:
            check_within(spec.name, getattr(settings, spec.name), spec.metadata[_WITHIN])


def check_within(name: str, value: float, within: tuple[float, float]) -> None:
    """Raise ``ValueError`` for a value out of a range: its name, what was expected and came."""
    low, high = within
    if not low <= value <= high:
        raise ValueError(f'{name} must be within {low}..{high}, got {value}')


@dataclass(frozen=True)
class GrounderSettings:
    """
    Limits of a grounder.

    :param max_new_tokens: tokens of an answer.
    :param max_boxes: boxes of a phrase; a request can only ask for fewer.
    :param max_phrases: expressions that the model is asked for in one request; phrases of LOCATE,
        and the parts of those whose relations, numbers or exceptions are judged here.
    :param existence_threshold: a located phrase with a lower probability of being in the image
        counts as not found.
    :param raw_existence_threshold: takes its place where existences are not calibrated. It is
        higher, as a model that was rarely asked for what is not there overstates them.
    :param relations_by_boxes: judge 'left of' and the like in phrases of LOCATE by the boxes of
        the objects, rather than leave them to the model.
    :param closer_look: look for excluded objects once more, in a square around each box that is
        left of such a phrase; each is an image to encode.
    :param max_looks: times that a part of an image is shown to the model for one answer, the first
        look at the whole image included; a request may ask for another number.
    :param max_cached_frames: encoded images kept for later questions, 0 for none.
    :param max_cached_looks: encoded parts of images kept for later questions, 0 for none.
    """

    max_new_tokens: int = limited(128, (1, 2048))
    max_boxes: int = limited(8, (1, 100))
    max_phrases: int = limited(64, (1, 1000))
    existence_threshold: float = limited(0.5, (0.0, 1.0))
    raw_existence_threshold: float = limited(0.9, (0.0, 1.0))
    relations_by_boxes: bool = True
    closer_look: bool = True
    max_looks: int = limited(8, (1, MAX_LOOKS))
    max_cached_frames: int = limited(4, (0, 64))
    max_cached_looks: int = limited(16, (0, 256))

    def __post_init__(self) -> None:
        """Reject values out of range."""
        check_limits(self)
