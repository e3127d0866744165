# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Positions in space through the node in a process of its own, and why there are none.

Spans ``nodes.grounding_node`` and ``ros.answering.positions``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import importlib.util
import math
from pathlib import Path

from diagnostic_msgs.msg import DiagnosticStatus
from kosmos_ros_msgs.msg import Grounding
import numpy as np
import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import QoSDurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from vision_msgs.msg import Detection3DArray
from visualization_msgs.msg import Marker, MarkerArray

from kosmos_ros.ros.conversions.cameras import camera_info_to_ros, depth_to_ros
from kosmos_ros.ros.conversions.images import image_to_ros

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 64, 48
FOCAL_LENGTH = 48.0
FOUND, FAILED = Grounding.STATUS_3D_FOUND, Grounding.STATUS_3D_FAILED


def cube_before_wall() -> np.ndarray:
    """Return the depth of a face at 1 m, where the model finds the cube, and a wall at 2 m."""
    depth = np.full((HEIGHT, WIDTH), 2.0, np.float32)
    depth[HEIGHT // 4 : HEIGHT * 3 // 4, WIDTH // 4 : WIDTH // 2] = 1.0
    return depth


@dataclass
class DepthCamera:
    """
    What a camera publishes below a folder, 20 times a second; None is not published.

    A ``latched`` model is published once.
    """

    depth: np.ndarray | None = field(default_factory=cube_before_wall)
    calibrated: bool = True
    folder: str = ''
    latched: bool = False
    stamps: list[object] = field(default_factory=list)

    def start(self, node) -> None:
        images = node.create_publisher(Image, f'{self.folder}image', 1)
        depths = node.create_publisher(Image, f'{self.folder}depth', 5)
        latched = QoSProfile(depth=1, durability=QoSDurabilityPolicy.TRANSIENT_LOCAL)
        infos = node.create_publisher(
            CameraInfo, f'{self.folder}camera_info', latched if self.latched else 5
        )

        def publish_info(header: Header) -> None:
            center = ((WIDTH - 1) / 2, (HEIGHT - 1) / 2)
            lengths = (FOCAL_LENGTH, FOCAL_LENGTH)
            infos.publish(camera_info_to_ros(lengths, center, (WIDTH, HEIGHT), header))

        if self.latched:
            publish_info(Header(frame_id='lens'))

        def publish() -> None:
            header = Header(stamp=node.get_clock().now().to_msg(), frame_id='lens')
            self.stamps.append(header.stamp)
            if self.calibrated and not self.latched:
                publish_info(header)
            if self.depth is not None:
                depths.publish(depth_to_ros(self.depth, header))
            images.publish(image_to_ros(np.full((HEIGHT, WIDTH, 3), 99, np.uint8), header))

        node.create_timer(0.05, publish)


@pytest.fixture
def camera(robot, start_node) -> DepthCamera:
    """Start the node and a camera with depth."""
    camera = DepthCamera()
    camera.start(robot.node)
    start_node('quick', **{'camera.depth_topic': 'depth', 'max_image_age': 0.0})
    return camera


def answer(robot, status: int, reason: str = '') -> Grounding:
    """Ask until an answer has a 3D status, for a reason."""

    def ask() -> Grounding | None:
        grounding = robot.ask().grounding
        told = grounding.status_3d == status and reason in grounding.status_3d_message
        return grounding if grounding.status == Grounding.STATUS_FOUND and told else None

    return robot.wait_until(ask)


def test_what_is_found_has_a_position_in_the_answer_and_on_the_topics(robot, camera) -> None:
    arrays: list[Detection3DArray] = []
    markers: list[MarkerArray] = []
    robot.node.create_subscription(Detection3DArray, '/grounding/detections_3d', arrays.append, 10)
    robot.node.create_subscription(MarkerArray, '/grounding/markers', markers.append, 10)
    grounding = answer(robot, FOUND)
    assert grounding.status_3d_message == ''
    header = grounding.detections_3d.header
    assert header == grounding.header
    assert header.stamp in camera.stamps
    (detection,) = grounding.detections_3d.detections
    assert detection.id == grounding.detections.detections[0].id
    assert detection.header == header
    position = detection.results[0].pose.pose.position
    # The middle of the face is 8 of 48 pixels left of the axis.
    assert (position.x, position.y, position.z) == pytest.approx((-8 / 48, 0, 1), abs=0.02)
    robot.wait_until(lambda: answer(robot, FOUND) and arrays and markers)
    assert arrays[-1].detections[0].bbox.size.x == pytest.approx(16 / 48, rel=0.1)
    added = [marker for marker in markers[-1].markers if marker.action == Marker.ADD]
    assert [(one.ns, one.type) for one in added] == [
        ('camera', Marker.CUBE),
        ('camera/labels', Marker.TEXT_VIEW_FACING),
    ]


@pytest.mark.parametrize(
    ('depth', 'reason'),
    [
        (np.full((HEIGHT, WIDTH), math.nan, np.float32), 'no depth, 0 of 384 pixels'),
        (np.ones((HEIGHT, WIDTH // 2), np.float32), 'does not show the view of the image'),
        (None, 'depth'),
    ],
    ids=['holes only', 'another size', 'none'],
)
def test_without_usable_depth_there_is_a_reason_and_no_position(
    robot, camera: DepthCamera, depth: np.ndarray | None, reason: str
) -> None:
    answer(robot, FOUND)
    camera.depth = depth
    grounding = answer(robot, FAILED, reason)
    assert grounding.status == Grounding.STATUS_FOUND
    assert len(grounding.detections.detections) == 1
    assert not grounding.detections_3d.detections
    camera.depth = cube_before_wall()
    answer(robot, FOUND)


def test_without_a_model_of_the_camera_there_is_a_reason(robot, start_node) -> None:
    DepthCamera(calibrated=False).start(robot.node)
    start_node('quick', **{'camera.depth_topic': 'depth'})
    assert '/camera_info' in answer(robot, FAILED, 'CameraInfo').status_3d_message


def test_a_latched_model_beside_the_remapped_images_is_found(robot, start_process) -> None:
    DepthCamera(folder='/eye/', latched=True).start(robot.node)
    arguments = ('-p', 'camera.depth_topic:=/eye/depth', '-r', 'image:=/eye/image')
    start_process(HERE / 'scripted_node.py', 'quick', '--ros-args', *arguments)
    answer(robot, FOUND)
    robot.wait_until(lambda: robot.status('camera camera').level == DiagnosticStatus.OK)


def test_depth_of_another_type_is_named(robot, start_node) -> None:
    DepthCamera(depth=None).start(robot.node)
    topic = {'camera.depth_topic': '/eye/depth'}
    robot.node.create_publisher(CompressedImage, '/eye/depth/compressedDepth', 1)
    start_node('quick', **topic)
    answer(robot, FAILED, 'depth has to be raw')
    robot.wait_until(lambda: 'depth has to be raw' in robot.status('camera camera').message)
    assert robot.status('camera camera').level == DiagnosticStatus.WARN


def test_a_camera_without_depth_topic_is_not_configured(robot, start_node) -> None:
    DepthCamera().start(robot.node)
    start_node('quick')
    grounding = answer(robot, Grounding.STATUS_3D_NOT_CONFIGURED)
    assert not grounding.detections_3d.detections


def test_another_frame_that_cannot_be_had_gives_no_position(
    robot, camera: DepthCamera, set_target_frame: Callable[[str], None]
) -> None:
    answer(robot, FOUND)
    set_target_frame('base_link')
    grounding = answer(robot, FAILED, 'base_link' if _has_tf2() else 'tf2_ros is not installed')
    assert not grounding.detections_3d.detections
    set_target_frame('')
    answer(robot, FOUND)


@pytest.fixture
def set_target_frame(robot) -> Callable[[str], None]:
    """Return a function that sets the node's parameter."""
    client = robot.node.create_client(SetParameters, '/grounding/set_parameters')

    def set_it(frame: str) -> None:
        parameter = Parameter('target_frame', value=frame).to_parameter_msg()
        response = robot.call(client, SetParameters.Request(parameters=[parameter]))
        assert response.results[0].successful, response.results[0].reason

    return set_it


def _has_tf2() -> bool:
    return importlib.util.find_spec('tf2_ros') is not None
