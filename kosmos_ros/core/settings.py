# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Limits of a grounder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GrounderSettings:
    """
    Limits of a grounder.

    :param max_new_tokens: tokens of an answer, at least 1.
    :param max_boxes: boxes of a phrase, at least 1; a request can only ask for fewer.
    :param max_phrases: expressions that the model is asked for in one request, at least 1; phrases
        of LOCATE, and the parts of those whose relations, numbers or exceptions are judged here.
    :param existence_threshold: a located phrase with a lower probability (0..1) of being in the
        image counts as not found.
    :param relations_by_boxes: judge 'left of' and the like in phrases of LOCATE by the boxes of
        the things, rather than leave them to the model.
    :param closer_look: look once more, in a square around each, at what is left of a phrase that
        excludes something; each is an image to encode.
    :param max_cached_frames: encoded images kept for later questions, 0 for none.
    """

    max_new_tokens: int = 128
    max_boxes: int = 8
    max_phrases: int = 64
    existence_threshold: float = 0.5
    relations_by_boxes: bool = True
    closer_look: bool = True
    max_cached_frames: int = 4

    def __post_init__(self) -> None:
        """Reject values out of range."""
        for name in ('max_new_tokens', 'max_boxes', 'max_phrases'):
            if getattr(self, name) < 1:
                raise ValueError(f'{name} must be at least 1, got {getattr(self, name)}')
        if self.max_cached_frames < 0:
            raise ValueError(f'max_cached_frames must be 0 or more, got {self.max_cached_frames}')
        if not 0.0 <= self.existence_threshold <= 1.0:
            raise ValueError(
                f'existence_threshold must be within 0..1, got {self.existence_threshold}'
            )
