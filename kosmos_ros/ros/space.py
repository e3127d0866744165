# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Where in space the things of an answer are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection3DArray

from kosmos_ros.core.types import Grounding


class DepthInput(Protocol):
    """A depth image with its camera's model, or why there is none ('' if both are there)."""

    @property
    def image(self) -> Image | None:
        """The depth image, registered to the colour image."""

    @property
    def info(self) -> CameraInfo | None:
        """The camera's model."""

    @property
    def problem(self) -> str:
        """Why one of them is missing."""


@dataclass(frozen=True)
class Space:
    """
    The detections of an answer in metres, as far as they have a position.

    ``status`` is one of ``Grounding.STATUS_3D_*``; ``message`` says which have none, and why.
    """

    detections: Detection3DArray
    status: int
    message: str


class SpaceFinder:
    """
    Finds positions by a depth image.

    :param target_frame: returns the frame that positions are wanted in, '' for the camera's.
    """

    def __init__(self, target_frame: Callable[[], str] = str) -> None:
        self._target_frame = target_frame

    def find(self, pair: DepthInput | None, grounding: Grounding, header: Header) -> Space:  # noqa: ARG002
        """
        Find the detections of an answer.

        :param pair: of the image's moment; None if the camera has no depth topic.
        :param header: of the image that the answer is about.
        """
        status = GroundingMessage.STATUS_3D_NOT_CONFIGURED
        return Space(Detection3DArray(header=header), status, '')
