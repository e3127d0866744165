# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
A camera that looks at a simulated tabletop and publishes images and ground truth.

Publishes below its namespace ``image_raw`` (rgb8), ``depth/image_raw`` (32FC1, registered),
``camera_info``, the same as ``depth/camera_info``, and ``ground_truth`` (Detection2DArray), all of
one image with one header, and the camera's pose in the frame ``world`` on ``/tf_static``. Setting
the parameter ``seed`` shows another scene from the next image on. With the parameter ``motion``
the camera moves, and its pose is published on ``/tf`` with every image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, PointStamped
import numpy as np
from rcl_interfaces.msg import SetParametersResult
import rclpy
from rclpy.duration import Duration
from rclpy.exceptions import ParameterException
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection2D, Detection2DArray

from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.types import ScoredBox
from kosmos_ros.ending import run_program
from kosmos_ros.nodes.process import enter_ros, EXIT_BAD_PARAMETERS, refuse, spin_until
from kosmos_ros.parameters.spec import check
from kosmos_ros.parameters.tabletop_settings import TabletopParameters
from kosmos_ros.ros.conversions.cameras import camera_info_to_ros, depth_to_ros, transform_to_ros
from kosmos_ros.ros.conversions.images import image_to_ros
from kosmos_ros.ros.conversions.values import detection_to_ros
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.executor.lasting_executor import LastingExecutor
from kosmos_ros.ros.parameters.descriptors import descriptor_of
from kosmos_ros.ros.parameters.numbers import accept_integers, declare
from kosmos_ros.sim.live import LiveTabletop
from kosmos_ros.sim.motion import Motion
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame, VisibleObject
from kosmos_ros.sim.scenes.camera import CameraModel
from kosmos_ros.sim.scenes.scene import CameraKind, sample_scene
from kosmos_ros.sim.shot import shot_of

WORLD_FRAME = 'world'
OPTICAL_FRAME = 'tabletop_camera_optical_frame'

_EXIT_CANNOT_RENDER = 3
_MARK_SECONDS = 3.0

_FIELDS = {spec.name: spec for spec in fields(TabletopParameters)}
_SHOWN = ('seed', 'view', 'width', 'height')
"""Parameters that may be set at any time."""


class TabletopCameraNode(Node):
    """
    Publishes the images of a simulated camera.

    Created, spun and destroyed by one thread, which is therefore the one that renders.

    :raises MissingDependencyError: if this machine cannot render.
    :raises ValueError: if there is no scene of the seed given at start.
    :raises ParameterException: if a parameter given at start is of another type or out of range.
    """

    def __init__(self) -> None:
        super().__init__('tabletop_camera')
        values = {
            spec.name: declare(self, spec.name, spec.default, descriptor_of(spec)).value
            for spec in _FIELDS.values()
        }
        for name, value in values.items():
            check(_FIELDS[name], value)
        given = TabletopParameters(**values)
        self._images = self.create_publisher(Image, 'image_raw', 5)
        self._depths = self.create_publisher(Image, 'depth/image_raw', 5)
        self._infos = [
            self.create_publisher(CameraInfo, f'{folder}camera_info', 5)
            for folder in ('', 'depth/')  # where RViz and others look for that of the depth
        ]
        self._truths = self.create_publisher(Detection2DArray, 'ground_truth', 5)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        moves = _motion_of(given).moves()
        topic, qos = ('/tf', 100) if moves else ('/tf_static', latched)
        self._transforms = self.create_publisher(TFMessage, topic, qos)
        self._shown = given
        self._tabletop = _tabletop_of(given)
        self._started = self.get_clock().now()
        self._mark_ends = self._started
        self.create_subscription(PointStamped, 'mark', self._mark, 1)
        self._announce_scene()
        self.add_on_set_parameters_callback(self._check_parameters)
        accept_integers(self)
        self.create_timer(1.0 / given.rate_hz, self._publish)

    def destroy_node(self) -> None:
        """Stop rendering and leave ROS."""
        self._tabletop.close()
        super().destroy_node()

    def _mark(self, message: PointStamped) -> None:
        frame, given = message.header.frame_id, message.point
        point = np.array([given.x, given.y, given.z])
        if frame not in (WORLD_FRAME, OPTICAL_FRAME) or not np.isfinite(point).all():
            self.get_logger().warning(
                f'marks need finite coordinates in {OPTICAL_FRAME} or {WORLD_FRAME}, '
                f'got {point.tolist()} in {frame!r}'
            )
            return
        camera = self._tabletop.truth.camera
        if frame == OPTICAL_FRAME:
            point = camera.rotation @ point + camera.position
        self._tabletop.mark(point)
        self._mark_ends = self.get_clock().now() + Duration(seconds=_MARK_SECONDS)

    def _publish(self) -> None:
        now = self.get_clock().now()
        if now >= self._mark_ends:
            self._tabletop.mark(None)
        self._show_what_is_wanted()
        header = Header(stamp=now.to_msg(), frame_id=OPTICAL_FRAME)
        color, depth = self._tabletop.capture((now - self._started).nanoseconds / 1e9)
        truth = self._tabletop.truth
        # The image last: when it arrives, the rest is already there.
        if self._tabletop.motion.moves():
            self._publish_pose(header.stamp)
        self._truths.publish(truth_to_ros(truth, header))
        for publisher in self._infos:
            publisher.publish(model_to_ros(truth.camera, header))
        if self._depths.get_subscription_count():
            self._depths.publish(depth_to_ros(depth, header))
        self._images.publish(image_to_ros(color, header))

    def _show_what_is_wanted(self) -> None:
        """Show another scene, or take another camera, if parameters were set."""
        wanted = self._wanted({})
        if wanted == self._shown:
            return
        self._tabletop.mark(None)
        if replace(wanted, seed=self._shown.seed) == self._shown:
            self._tabletop.show(wanted.seed)
        else:
            self._tabletop.close()
            self._tabletop = _tabletop_of(wanted)
        self._shown = wanted
        self._announce_scene()

    def _wanted(self, changes: Mapping[str, Any]) -> TabletopParameters:
        """Return what is to be shown, with changes that are not made yet."""
        values = {name: self.get_parameter(name).value for name in _SHOWN}
        values |= {name: changes[name] for name in _SHOWN if name in changes}
        return replace(self._shown, **values)

    def _publish_pose(self, stamp: Time) -> None:
        camera = self._tabletop.truth.camera
        header = Header(stamp=stamp, frame_id=WORLD_FRAME)
        x, y, z = camera.position.tolist()
        transform = transform_to_ros((x, y, z), camera.quaternion, header, OPTICAL_FRAME)
        self._transforms.publish(TFMessage(transforms=[transform]))

    def _check_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Refuse what there is no scene for; ranges and types are checked by ROS itself."""
        try:
            for one in parameters:
                if one.name in _FIELDS:
                    check(_FIELDS[one.name], one.value)
            wanted = self._wanted({one.name: one.value for one in parameters})
            shot = shot_of(CameraKind(wanted.view), wanted.width, wanted.height)
            sample_scene(wanted.seed, shot.options)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _announce_scene(self) -> None:
        if not self._tabletop.motion.moves():
            self._publish_pose(self.get_clock().now().to_msg())
        names = ', '.join(thing.name for thing in self._tabletop.truth.objects)
        self.get_logger().info(f'scene {self._tabletop.seed}: {names or "nothing"}')


def truth_to_ros(truth: RenderedFrame, header: Header) -> Detection2DArray:
    """
    List the visible objects.

    The class is colour and shape, the id the object's number, the pose its centre in the optical
    frame; the score is 1 if enough of it is seen to ask for it by name, else 0.
    """
    height, width = truth.rgb.shape[:2]
    detections = [
        _detection(thing, is_nameable(thing, truth.least_share), (width, height), header)
        for thing in truth.objects
    ]
    return Detection2DArray(header=header, detections=detections)


def _detection(
    thing: VisibleObject, nameable: bool, size: tuple[int, int], header: Header
) -> Detection2D:
    scored = ScoredBox(thing.box, float(nameable), label=thing.name, id=str(thing.index))
    message = detection_to_ros(scored, *size, header)
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


def _motion_of(given: TabletopParameters) -> Motion:
    return Motion(given.motion, given.motion_amplitude, given.motion_period)


def _tabletop_of(given: TabletopParameters) -> LiveTabletop:
    return LiveTabletop(
        given.width,
        given.height,
        given.seed,
        given.noise,
        _motion_of(given),
        CameraKind(given.view),
    )


def main(args: Sequence[str] | None = None) -> int:
    """
    Run the node until SIGINT or SIGTERM.

    :param args: the command line, ``sys.argv`` by default.
    :returns: the exit status: 0, 2 for invalid parameters, 3 if this machine cannot render.
    """
    try:
        stop = enter_ros(args)
        node = TabletopCameraNode()
    except (ParameterException, ValueError) as error:
        return refuse('tabletop_camera', error, EXIT_BAD_PARAMETERS)
    except MissingDependencyError as error:
        return refuse('tabletop_camera', error, _EXIT_CANNOT_RENDER)
    executor = LastingExecutor(Failures(node.get_logger()))
    executor.add_node(node)
    spin_until(stop, executor.spin_once)
    executor.shutdown(timeout_sec=0.0)
    node.destroy_node()
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    run_program(main)
