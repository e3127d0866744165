# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The simulated camera as a process of its own, watched over DDS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import signal
import time
from typing import Any

from geometry_msgs.msg import PointStamped
import numpy as np
import pytest
from rcl_interfaces.srv import DescribeParameters, SetParameters
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection2DArray

from kosmos_ros.ros.conversions.images import image_from_ros
from kosmos_ros.sim.rendering.frame import is_nameable, RenderedFrame
from kosmos_ros.sim.rendering.renderer import TabletopRenderer
from kosmos_ros.sim.scenes.scene import CameraKind, sample_scene
from kosmos_ros.sim.shot import shot_of

MODULE = 'kosmos_ros.nodes.tabletop_camera_node'
SIZE = (320, 240)
TOPICS = {
    'image_raw': Image,
    'depth/image_raw': Image,
    'camera_info': CameraInfo,
    'depth/camera_info': CameraInfo,
    'ground_truth': Detection2DArray,
}


class Watcher:
    """Keeps what the camera publishes, by topic and stamp."""

    def __init__(self, domain: int) -> None:
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self._node = Node('watcher', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self.received: dict[str, dict[int, Any]] = {topic: {} for topic in TOPICS}
        self.transforms: list[TFMessage] = []
        for topic, kind in TOPICS.items():
            self._node.create_subscription(kind, f'/camera/{topic}', self._keep(topic), 5)

    def watch_transforms(self) -> None:
        qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._node.create_subscription(TFMessage, '/tf_static', self.transforms.append, qos)

    def watch(self, topic: str, callback: Callable[[Any], None]) -> None:
        self._node.create_subscription(TFMessage, topic, callback, 100)

    def wait(self, condition: Callable[[], Any], timeout: float = 60.0) -> Any:
        deadline = time.monotonic() + timeout
        while not (result := condition()):
            assert time.monotonic() < deadline, f'nothing came within {timeout} s'
            self._executor.spin_once(timeout_sec=0.05)
        return result

    def mark(self, frame: str, point: tuple[float, float, float]) -> None:
        message = PointStamped()
        message.header.frame_id = frame
        message.point.x, message.point.y, message.point.z = point
        publisher = self._node.create_publisher(PointStamped, '/camera/mark', 1)
        self.wait(publisher.get_subscription_count)
        publisher.publish(message)

    def complete(self, newer_than: int = 0) -> dict[str, Any] | None:
        """Return the newest messages that share a stamp, if there are any on all topics."""
        stamps = set.intersection(*(set(found) for found in self.received.values()))
        newest = max(stamps, default=0)
        if newest <= newer_than:
            return None
        return {topic: found[newest] for topic, found in self.received.items()}

    def call(self, kind: Any, service: str, request: Any) -> Any:
        client = self._node.create_client(kind, f'/camera/tabletop_camera/{service}')
        self.wait(client.service_is_ready)
        future = client.call_async(request)
        return self.wait(lambda: future.result() if future.done() else None)

    def set_parameter(self, name: str, value: Any) -> Any:
        request = SetParameters.Request(
            parameters=[Parameter(name, value=value).to_parameter_msg()]
        )
        return self.call(SetParameters, 'set_parameters', request).results[0]

    def now(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)

    def close(self) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _keep(self, topic: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            self.received[topic][_stamp(message)] = message

        return keep


@pytest.fixture
def watcher(ros_domain: int) -> Iterator[Watcher]:
    """Subscribe to the camera from this process."""
    watcher = Watcher(ros_domain)
    yield watcher
    watcher.close()


@pytest.fixture
def start_camera(start_process: Any) -> Callable[..., Any]:
    """Start the camera with parameters; without noise, so that images can be compared."""

    def start(environment: dict[str, str] | None = None, **parameters: object) -> Any:
        defaults = {'seed': 3, 'noise': 0, 'width': SIZE[0], 'height': SIZE[1]}
        assignments = [f'{name}:={value}' for name, value in (defaults | parameters).items()]
        arguments = [word for item in assignments for word in ('-p', item)]
        return start_process(
            '-m', MODULE, '--ros-args', '-r', '__ns:=/camera', *arguments, environment=environment
        )

    return start


def _expected(seed: int) -> RenderedFrame:
    with TabletopRenderer(*SIZE) as renderer:
        return renderer.render(sample_scene(seed))


def test_publishes_what_the_simulator_sees(watcher: Watcher, start_camera: Any) -> None:
    start_camera()

    messages = watcher.wait(watcher.complete)

    expected = _expected(3)
    headers = [message.header for message in messages.values()]
    assert headers == [headers[0]] * len(TOPICS)
    assert headers[0].frame_id == 'tabletop_camera_optical_frame'
    assert messages['image_raw'].encoding == 'rgb8'
    np.testing.assert_array_equal(image_from_ros(messages['image_raw']), expected.rgb)
    assert messages['depth/camera_info'] == messages['camera_info']
    depth = messages['depth/image_raw']
    assert (depth.encoding, depth.width, depth.height) == ('32FC1', *SIZE)
    metres = np.frombuffer(depth.data, np.float32).reshape(expected.depth.shape)
    np.testing.assert_allclose(metres, expected.depth, atol=1e-3)


def test_ground_truth_fits_camera_info_depth_and_transform(
    watcher: Watcher, start_camera: Any
) -> None:
    start_camera()
    watcher.watch_transforms()

    messages = watcher.wait(watcher.complete)
    watcher.wait(lambda: watcher.transforms)

    expected = _expected(3)
    detections = messages['ground_truth'].detections
    names = [detection.results[0].hypothesis.class_id for detection in detections]
    assert names == [thing.name for thing in expected.objects]
    projection = np.array(messages['camera_info'].k).reshape(3, 3)
    (transform,) = watcher.transforms[-1].transforms
    assert transform.header.frame_id == 'world'
    assert transform.child_frame_id == messages['image_raw'].header.frame_id
    for detection, thing in zip(detections, expected.objects, strict=True):
        position = detection.results[0].pose.pose.position
        optical = np.array([position.x, position.y, position.z])
        x, y, depth = projection @ optical
        box = detection.bbox
        # Half a pixel: boxes count from the image's edge, projections from a pixel's centre.
        assert abs(x / depth + 0.5 - box.center.position.x) <= box.size_x / 2
        assert abs(y / depth + 0.5 - box.center.position.y) <= box.size_y / 2
        center = sample_scene(3).objects[thing.index].center
        np.testing.assert_allclose(_apply(transform.transform, optical), center, atol=1e-6)
        assert detection.id == str(thing.index)


def _apply(transform: Any, point: np.ndarray) -> np.ndarray:
    q, t = transform.rotation, transform.translation
    axis = np.array([q.x, q.y, q.z])
    twice = 2 * np.cross(axis, point)
    return point + q.w * twice + np.cross(axis, twice) + [t.x, t.y, t.z]


def test_the_seed_is_changed_at_run_time(watcher: Watcher, start_camera: Any) -> None:
    camera = start_camera()
    watcher.wait(watcher.complete)

    assert watcher.set_parameter('seed', 8).successful
    asked = watcher.now()
    messages = watcher.wait(lambda: watcher.complete(asked))

    expected = _expected(8)
    np.testing.assert_array_equal(image_from_ros(messages['image_raw']), expected.rgb)
    truth = messages['ground_truth'].detections
    assert [found.results[0].hypothesis.class_id for found in truth] == [
        thing.name for thing in expected.objects
    ]
    watcher.watch_transforms()  # a late subscriber gets the newest camera pose
    watcher.wait(lambda: watcher.transforms)
    moved = watcher.transforms[-1].transforms[0].transform.translation
    np.testing.assert_allclose([moved.x, moved.y, moved.z], expected.camera.position)
    camera.wait_for_output('scene 8: ')


def test_the_camera_goes_across_the_room_at_run_time(watcher: Watcher, start_camera: Any) -> None:
    start_camera()
    watcher.wait(watcher.complete)

    for name, value in (('view', 'far'), ('width', 480), ('height', 270)):
        assert watcher.set_parameter(name, value).successful
    asked = watcher.now()
    messages = watcher.wait(lambda: watcher.complete(asked))

    shot = shot_of(CameraKind.FAR, 480, 270)
    with TabletopRenderer(480, 270) as renderer:
        expected = renderer.render(sample_scene(3, shot.options))
    np.testing.assert_array_equal(image_from_ros(messages['image_raw']), expected.rgb)
    assert (messages['depth/image_raw'].width, messages['depth/image_raw'].height) == (480, 270)
    assert (messages['camera_info'].width, messages['camera_info'].height) == (480, 270)
    scores = [one.results[0].hypothesis.score for one in messages['ground_truth'].detections]
    assert scores == [is_nameable(one, shot.least_share) for one in expected.objects]


def test_parameters_are_described_and_what_cannot_be_is_refused(
    watcher: Watcher, start_camera: Any
) -> None:
    start_camera()
    watcher.wait(watcher.complete)

    free = ['seed', 'view', 'width', 'height']
    names = [*free, 'rate_hz', 'noise', 'motion', 'motion_amplitude', 'motion_period']
    request = DescribeParameters.Request(names=names)
    described = watcher.call(DescribeParameters, 'describe_parameters', request).descriptors
    assert all(one.description.endswith('.') for one in described)
    assert [one.read_only for one in described] == [name not in free for name in names]

    for name, value in (
        ('seed', -1),
        ('seed', 2**40),
        ('seed', 'first'),
        ('seed', 1.5),
        ('width', 5),
        ('height', 10**6),
        ('view', 'moon'),
        ('view', 3),
        ('rate_hz', 30.0),
    ):
        result = watcher.set_parameter(name, value)
        assert not result.successful
        assert result.reason
    refused = watcher.now()

    messages = watcher.wait(lambda: watcher.complete(refused))
    np.testing.assert_array_equal(image_from_ros(messages['image_raw']), _expected(3).rgb)


def test_a_moving_camera_publishes_its_pose_with_every_image(
    watcher: Watcher, start_camera: Any
) -> None:
    poses: dict[int, Any] = {}
    watcher.watch('/tf', lambda message: poses.update({_stamp(message.transforms[0]): message}))
    watcher.watch_transforms()
    start_camera(motion='sway', motion_amplitude=0.1, motion_period=2.0)

    first = watcher.wait(watcher.complete)
    watcher.wait(lambda: len(poses) > 10)
    last = watcher.wait(lambda: watcher.complete(max(list(poses)[:-3])))

    assert watcher.transforms == []  # a frame has one parent and one source
    places = []
    stamps = [_stamp(messages['image_raw']) for messages in (first, last)]
    watcher.wait(lambda: poses.keys() >= set(stamps))
    for messages, stamp in zip((first, last), stamps, strict=True):
        (transform,) = poses[stamp].transforms
        assert transform.header.frame_id == 'world'
        places.append(transform.transform.translation)
        for detection in messages['ground_truth'].detections:
            # What is seen from elsewhere is where it is.
            position = detection.results[0].pose.pose.position
            center = sample_scene(3).objects[int(detection.id)].center
            optical = np.array([position.x, position.y, position.z])
            np.testing.assert_allclose(_apply(transform.transform, optical), center, atol=1e-6)
    assert places[0] != places[1]


def _stamp(message: Any) -> int:
    stamp = message.header.stamp
    return int(stamp.sec * 10**9 + stamp.nanosec)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_ends_quietly_when_asked_to(
    watcher: Watcher, start_camera: Any, number: signal.Signals
) -> None:
    camera = start_camera(rate_hz=60.0)
    watcher.wait(watcher.complete)

    camera.signal(number)

    assert camera.wait() == 0
    assert 'Traceback' not in camera.output
    assert 'rror' not in camera.output


@pytest.mark.parametrize(
    ('parameters', 'named'),
    [
        ({'rate_hz': 0.0}, 'rate_hz'),
        ({'width': 3}, 'width'),
        ({'seed': 'no'}, 'seed'),
        ({'motion': 'jump'}, 'motion'),
        ({'view': 'moon'}, 'view must be one of usual'),
    ],
)
def test_bad_parameters_at_start_are_named(
    start_camera: Any, parameters: dict[str, Any], named: str
) -> None:
    camera = start_camera(**parameters)

    assert camera.wait() == 2
    assert named in camera.output
    assert 'Traceback' not in camera.output


def test_a_machine_that_cannot_render_is_told_what_is_missing(start_camera: Any) -> None:
    camera = start_camera(environment={'PYOPENGL_PLATFORM': 'glx'})

    assert camera.wait() == 3
    assert 'egl or osmesa' in camera.output
    assert 'Traceback' not in camera.output


def test_a_mark_is_seen_for_a_while_and_known_to_nobody(
    watcher: Watcher, start_camera: Any
) -> None:
    start_camera()
    first = watcher.wait(watcher.complete)
    plain = image_from_ros(first['image_raw'])
    position = first['ground_truth'].detections[0].results[0].pose.pose.position

    def shows_mark() -> bool:
        return bool((newest_image(watcher) != plain).any())

    watcher.mark('somewhere', (0.0, 0.0, 0.0))  # refused, and the camera goes on
    watcher.mark(first['image_raw'].header.frame_id, (position.x, position.y, position.z))
    watcher.wait(shows_mark)
    messages = watcher.wait(lambda: watcher.complete(_stamp(first['image_raw'])))
    assert messages['depth/image_raw'].data == first['depth/image_raw'].data
    boxes = [found.bbox for found in first['ground_truth'].detections]
    assert [found.bbox for found in messages['ground_truth'].detections] == boxes
    watcher.wait(lambda: not shows_mark())


def newest_image(watcher: Watcher) -> Any:
    images = watcher.received['image_raw']
    return image_from_ros(images[max(images)])
