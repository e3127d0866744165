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

from collections.abc import Sequence
from dataclasses import fields

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
from kosmos_ros.sim.scenes.scene import sample_scene

WORLD_FRAME = 'world'
OPTICAL_FRAME = 'tabletop_camera_optical_frame'

_EXIT_CANNOT_RENDER = 3
_MARK_SECONDS = 3.0


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
            for spec in fields(TabletopParameters)
        }
        given = TabletopParameters(**values)
        motion = Motion(given.motion, given.motion_amplitude, given.motion_period)
        self._images = self.create_publisher(Image, 'image_raw', 5)
        self._depths = self.create_publisher(Image, 'depth/image_raw', 5)
        self._infos = [
            self.create_publisher(CameraInfo, f'{folder}camera_info', 5)
            for folder in ('', 'depth/')  # where RViz and others look for that of the depth
        ]
        self._truths = self.create_publisher(Detection2DArray, 'ground_truth', 5)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        topic, qos = ('/tf', 100) if motion.moves() else ('/tf_static', latched)
        self._transforms = self.create_publisher(TFMessage, topic, qos)
        self._tabletop = LiveTabletop(given.width, given.height, given.seed, given.noise, motion)
        self._started = self.get_clock().now()
        self._mark_ends = self._started
        self.create_subscription(PointStamped, 'mark', self._mark, 1)
        self._announce_scene()
        self.add_on_set_parameters_callback(_check_parameters)
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
        seed = self.get_parameter('seed').value
        now = self.get_clock().now()
        if now >= self._mark_ends or seed != self._tabletop.seed:
            self._tabletop.mark(None)
        if seed != self._tabletop.seed:
            self._tabletop.show(seed)
            self._announce_scene()
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

    def _publish_pose(self, stamp: Time) -> None:
        camera = self._tabletop.truth.camera
        header = Header(stamp=stamp, frame_id=WORLD_FRAME)
        x, y, z = camera.position.tolist()
        transform = transform_to_ros((x, y, z), camera.quaternion, header, OPTICAL_FRAME)
        self._transforms.publish(TFMessage(transforms=[transform]))

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


def _check_parameters(parameters: list[Parameter]) -> SetParametersResult:
    """Refuse a seed without a scene; ranges and types are checked by ROS itself."""
    try:
        for parameter in parameters:
            if parameter.name == 'seed':
                sample_scene(parameter.value)
    except ValueError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


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
