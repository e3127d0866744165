# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Boxes in space -> ROS messages."""

from __future__ import annotations

from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
import numpy as np
from std_msgs.msg import Header
from vision_msgs.msg import BoundingBox3D, Detection3D, ObjectHypothesisWithPose

from kosmos_ros.core.depth.locate import Box3D
from kosmos_ros.core.depth.placement import Placement
from kosmos_ros.core.types import ScoredBox


def detection3d_to_ros(
    detection: ScoredBox, box: Box3D, placement: Placement, header: Header
) -> Detection3D:
    """
    Make a detection.

    :param detection: the one in the image: phrase, score and id are the same.
    :param box: its position in the camera's optical frame.
    :param placement: of that frame in the one of ``header``. The box keeps the directions of the
        camera's axes, given by the orientation.
    """
    pose = _pose_to_ros(box.center, placement)
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id = detection.label
    result.hypothesis.score = detection.score
    result.pose.pose = pose
    result.pose.covariance = _covariance(box.spread, placement)
    width, height, depth = box.size
    bbox = BoundingBox3D(center=pose, size=Vector3(x=width, y=height, z=depth))
    return Detection3D(header=header, results=[result], bbox=bbox, id=detection.id)


def _pose_to_ros(center: tuple[float, float, float], placement: Placement) -> Pose:
    position = dict(zip('xyz', placement.point(center), strict=True))
    orientation = dict(zip('xyzw', placement.quaternion, strict=True))
    return Pose(position=Point(**position), orientation=Quaternion(**orientation))


def _covariance(spread: tuple[float, float, float], placement: Placement) -> list[float]:
    """
    Return the covariance of a pose, row-major over x, y, z and the turns about them.

    Rotations have variance 0: boxes are aligned to the camera's axes.
    """
    covariance = np.zeros((6, 6))
    variances = np.diag(np.square(spread))
    covariance[:3, :3] = placement.rotation @ variances @ placement.rotation.T
    values: list[float] = covariance.ravel().tolist()
    return values
