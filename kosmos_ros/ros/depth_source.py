# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The depth images that belong to a camera's images, and the camera's model."""

from __future__ import annotations

from typing import NamedTuple

from sensor_msgs.msg import CameraInfo, Image


class DepthPair(NamedTuple):
    """
    What it takes to tell where things are, as the messages came.

    ``problem`` says what is missing, and is empty where both are there.
    """

    image: Image | None
    info: CameraInfo | None
    problem: str
