# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Positions in space of the things of an answer.

Nothing is guessed: what cannot be known is missing, and status and message say why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection3DArray

from kosmos_ros.core.depth.locate import Box3D, locate_boxes, Located3D, NoPosition
from kosmos_ros.core.depth.pinhole import PinholeCamera
from kosmos_ros.core.depth.placement import IN_PLACE, Placement
from kosmos_ros.core.errors import InvalidCameraError, InvalidImageError, KosmosError
from kosmos_ros.core.texts import quoted, shortened
from kosmos_ros.core.types import Grounding, ScoredBox
from kosmos_ros.ros.answering.transforms import plain_frame, Transforms
from kosmos_ros.ros.cameras.depth_source import DepthPair
from kosmos_ros.ros.conversions.camera_models import pinhole_from_ros, rectifying_changes
from kosmos_ros.ros.conversions.depth import depth_from_ros
from kosmos_ros.ros.conversions.detections3d import detection3d_to_ros

_MOST_NAMED = 5
"""Detections without position that a message names."""


@dataclass(frozen=True)
class Space:
    """
    The detections of an answer that have a position, in metres.

    ``status`` is one of ``Grounding.STATUS_3D_*``; ``message`` says which have none, and why.
    """

    detections: Detection3DArray
    status: int
    message: str


class SpaceFinder:
    """
    Finds positions by depth images.

    :param node: listens to ``/tf`` while a frame other than the camera's is wanted.
    :param target_frame: returns the frame that positions are wanted in, '' for the camera's.
    """

    def __init__(self, node: Node, target_frame: Callable[[], str]) -> None:
        self._target_frame = target_frame
        self._transforms = Transforms(node)

    def watch(self) -> None:
        """Listen to ``/tf`` if the target frame asks for it, before the first answer."""
        if not self._target_frame():
            self._transforms.close()
            return
        try:
            self._transforms.listen()
        except KosmosError:
            # Each answer says so.
            return

    def clear(self) -> None:
        """Forget transforms, as when the clock was set back."""
        self._transforms.clear()

    def close(self) -> None:
        """Stop listening to ``/tf``."""
        self._transforms.close()

    def find(self, pair: DepthPair | None, grounding: Grounding, header: Header) -> Space:
        """
        Find the detections of an answer.

        May wait briefly for a transform: call it in the worker's thread only.

        :param pair: of the image's moment; None if the camera has no depth topic.
        :param header: of the image that the answer is about.
        """
        target_frame = plain_frame(self._target_frame() or header.frame_id)
        out = Header(stamp=header.stamp, frame_id=target_frame)
        if pair is None:
            return _nothing(
                out,
                GroundingMessage.STATUS_3D_NOT_CONFIGURED,
                'no depth topic belongs to this image',
            )
        if not grounding.detections:
            return _nothing(out, GroundingMessage.STATUS_3D_FOUND, '')
        try:
            located = _locate(pair, grounding, header)
            placement = self._placement(located, target_frame, header)
        except KosmosError as error:
            return _nothing(out, GroundingMessage.STATUS_3D_FAILED, shortened(str(error)))
        return _space(grounding.detections, located, placement, out)

    def _placement(
        self, located: Sequence[Located3D], target_frame: str, header: Header
    ) -> Placement:
        if not any(isinstance(one, Box3D) for one in located):
            return IN_PLACE
        return self._transforms.lookup(target_frame, header)


def _locate(pair: DepthPair, grounding: Grounding, header: Header) -> tuple[Located3D, ...]:
    """
    Find the boxes of an answer in the camera's frame.

    :raises KosmosError: if the depth image or the camera's model is unsuitable.
    """
    if pair.image is None or pair.info is None:
        raise InvalidImageError(pair.problem)
    _check_registered(pair.image, grounding, header)
    depth = depth_from_ros(pair.image, pair.scale)
    if pair.doubt and rectifying_changes(pair.info):
        raise InvalidCameraError(pair.doubt)
    size = grounding.image_width, grounding.image_height
    camera = _camera(pair.image, pair.info, size, rectified=pair.rectified)
    return locate_boxes(depth, camera, [found.box for found in grounding.detections])


def _check_registered(depth: Image, grounding: Grounding, header: Header) -> None:
    """
    Reject depth that shows another view than the image.

    Another frame says so; so does another aspect ratio, but not another resolution.
    """
    if plain_frame(depth.header.frame_id) != plain_frame(header.frame_id):
        raise InvalidImageError(
            f'the depth image is of the frame {quoted(depth.header.frame_id)}, the image '
            f'of {quoted(header.frame_id)}; expected depth that is registered (aligned) to it'
        )
    width, height = grounding.image_width, grounding.image_height
    if depth.width * height != depth.height * width:
        raise InvalidImageError(
            f'the depth image of {depth.width}x{depth.height} pixels does not show the view of '
            f'the image of {width}x{height}; expected depth that is registered (aligned) to it'
        )


def _camera(
    depth: Image, info: CameraInfo, size: tuple[int, int], *, rectified: bool
) -> PinholeCamera:
    """
    Return the camera that a depth image was taken by.

    :param size: of the images that the depth is registered to.
    :raises InvalidCameraError: if the model is unusable, or of another view.
    """
    camera = pinhole_from_ros(info, rectified=rectified, size=size)
    try:
        return camera.scaled_to(depth.width, depth.height)
    except ValueError as error:
        raise InvalidCameraError(
            f'the CameraInfo does not fit the depth image: {error}'
        ) from error


def _space(
    detections: Sequence[ScoredBox],
    located: Sequence[Located3D],
    placement: Placement,
    header: Header,
) -> Space:
    found = [
        detection3d_to_ros(detection, box, placement, header)
        for detection, box in zip(detections, located, strict=True)
        if isinstance(box, Box3D)
    ]
    missing = [
        f'{detection.label!r} ({detection.id}): {box.reason}'
        for detection, box in zip(detections, located, strict=True)
        if isinstance(box, NoPosition)
    ]
    if len(missing) > _MOST_NAMED:
        missing[_MOST_NAMED:] = [f'and {len(missing) - _MOST_NAMED} more']
    status = GroundingMessage.STATUS_3D_FOUND
    if missing:
        status = GroundingMessage.STATUS_3D_PARTIAL if found else GroundingMessage.STATUS_3D_FAILED
    array = Detection3DArray(header=header, detections=found)
    return Space(array, status, '; '.join(missing))


def _nothing(header: Header, status: int, message: str) -> Space:
    return Space(Detection3DArray(header=header), status, message)
