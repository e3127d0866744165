# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Ground truth and camera model of the simulated camera, as messages."""

from __future__ import annotations

from geometry_msgs.msg import Point
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header
from vision_msgs.msg import Detection2D, Detection2DArray

from kosmos_ros.core.types import ScoredBox
from kosmos_ros.ros.conversions.cameras import camera_info_to_ros
from kosmos_ros.ros.conversions.values import detection_to_ros
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame, VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel


def truth_to_ros(truth: RenderedFrame, header: Header) -> Detection2DArray:
    """
    List the visible objects.

    The class is colour and shape, the id the object's number, the pose its centre in the optical
    frame; the score is 1 if enough of it is seen to ask for it by name, else 0.
    """
    height, width = truth.rgb.shape[:2]
    detections = [_detection(thing, width, height, header) for thing in truth.objects]
    return Detection2DArray(header=header, detections=detections)


def _detection(thing: VisibleObject, width: int, height: int, header: Header) -> Detection2D:
    scored = ScoredBox(thing.box, float(is_nameable(thing)), label=thing.name, id=str(thing.index))
    message = detection_to_ros(scored, width, height, header)
    x, y, z = thing.position
    message.results[0].pose.pose.position = Point(x=x, y=y, z=z)
    return message


def model_to_ros(camera: CameraModel, header: Header) -> CameraInfo:
    """Make the ``CameraInfo`` of a simulated camera."""
    # ROS counts pixels from the centre of the upper left one, the simulator from its corner.
    return camera_info_to_ros(
        (camera.fx, camera.fy),
        (camera.cx - 0.5, camera.cy - 0.5),
        (camera.width, camera.height),
        header,
    )
