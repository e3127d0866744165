# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Other frames: with tf2 itself where it is installed, and with a stand-in for it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
import math
import threading
from types import SimpleNamespace

from builtin_interfaces.msg import Time as TimeMessage
from geometry_msgs.msg import Quaternion, TransformStamped, Vector3
import numpy as np
import pytest
from rclpy.duration import Duration
from std_msgs.msg import Header
from std_srvs.srv import Empty

from kosmos_ros.core.depth.locate import Box3D
from kosmos_ros.core.depth.placement import IN_PLACE, Placement
from kosmos_ros.core.errors import MissingDependencyError
from kosmos_ros.core.types import Box, ScoredBox
from kosmos_ros.ros.answering import transforms as transforms_module
from kosmos_ros.ros.answering.transforms import NoTransformError, placement_from_ros, Transforms
from kosmos_ros.ros.conversions.detections3d import detection3d_to_ros

QUARTER_ABOUT_Z = (0.0, 0.0, math.sqrt(0.5), math.sqrt(0.5))
# An optical frame as seen by a body that looks along x with z up (REP-103).
OPTICAL_IN_BODY = (-0.5, 0.5, -0.5, 0.5)


def transform(
    quaternion: tuple[float, ...],
    shift: tuple[float, ...] = (0.0, 0.0, 0.0),
    parent: str = 'base',
    child: str = 'lens',
    seconds: int = 0,
) -> TransformStamped:
    header = Header(frame_id=parent, stamp=TimeMessage(sec=seconds))
    message = TransformStamped(header=header, child_frame_id=child)
    message.transform.rotation = Quaternion(**dict(zip('xyzw', quaternion, strict=True)))
    message.transform.translation = Vector3(**dict(zip('xyz', shift, strict=True)))
    return message


@pytest.mark.parametrize(
    ('quaternion', 'point', 'expected'),
    [
        (QUARTER_ABOUT_Z, (1, 0, 0), (0, 1, 0)),
        ((0.0, 0.0, -2.0, -2.0), (1, 0, 0), (0, 1, 0)),
        (OPTICAL_IN_BODY, (0, 0, 1), (1, 0, 0)),
        (OPTICAL_IN_BODY, (1, 0, 0), (0, -1, 0)),
        (OPTICAL_IN_BODY, (0, 1, 0), (0, 0, -1)),
    ],
)
def test_points_are_turned_and_moved(
    quaternion: tuple[float, ...], point: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    placement = placement_from_ros(transform(quaternion, (1.0, 2.0, 3.0)))
    assert placement.point(point) == pytest.approx(np.add(expected, (1, 2, 3)))
    assert np.linalg.norm(placement.quaternion) == pytest.approx(1.0)


def test_a_box_in_another_frame_keeps_its_size_and_tells_its_turn() -> None:
    box = Box3D((0.1, 0.2, 1.0), (0.3, 0.2, 0.1), (0.03, 0.02, 0.01))
    found = ScoredBox(Box(0, 0, 1, 1), 0.8, 'mug', '4')
    placement = placement_from_ros(transform(OPTICAL_IN_BODY, (0.0, 0.0, 0.5)))
    message = detection3d_to_ros(found, box, placement, Header(frame_id='base'))
    pose, size = message.bbox.center, message.bbox.size
    assert (pose.position.x, pose.position.y, pose.position.z) == pytest.approx((1.0, -0.1, 0.3))
    turn = pose.orientation
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx(OPTICAL_IN_BODY)
    assert (size.x, size.y, size.z) == (0.3, 0.2, 0.1)
    covariance = np.array(message.results[0].pose.covariance).reshape(6, 6)
    # Deviations are now those along the base's axes: forward, left and up.
    assert np.sqrt(np.diag(covariance)) == pytest.approx([0.01, 0.03, 0.02, 0, 0, 0])
    assert (message.header.frame_id, message.id) == ('base', '4')


class StandIn:
    """What ``Transforms`` uses of tf2_ros."""

    class TransformException(Exception):  # noqa: N818  as tf2 has it
        """Base of tf2's errors."""

    def __init__(self) -> None:
        self.known: dict[str, TransformStamped] = {}
        self.asked: list[tuple[str, str, int]] = []
        self.listening = 0
        self.jumps = 0
        self.cleared = 0

    def Buffer(self, node) -> SimpleNamespace:  # noqa: N802
        self.jumps += 1
        return SimpleNamespace(
            jump_handle=SimpleNamespace(unregister=self._forget_jumps),
            srv=node.create_service(Empty, 'tf2_frames', lambda *_: None),
            lookup_transform=self._lookup,
            clear=self._clear,
        )

    def TransformListener(self, buffer, node) -> SimpleNamespace:  # noqa: N802
        self.listening += 1
        return SimpleNamespace(unregister=self._unregister)

    def _clear(self) -> None:
        self.cleared += 1

    def _forget_jumps(self) -> None:
        self.jumps -= 1

    def _unregister(self) -> None:
        self.listening -= 1

    def _lookup(self, target: str, source: str, time, timeout: Duration) -> TransformStamped:
        assert timeout.nanoseconds < 1e9
        self.asked.append((target, source, time.nanoseconds))
        try:
            return self.known[target]
        except KeyError:
            raise self.TransformException(f'{target} does not exist') from None


@pytest.fixture
def tf2(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(transforms_module, '_import_tf2', lambda: stand_in)
    return stand_in


HEADER = Header(stamp=TimeMessage(sec=7, nanosec=5), frame_id='lens')


def test_the_transform_of_the_images_moment_is_asked_for(rig, tf2: StandIn) -> None:
    transforms = Transforms(rig.node('finder'))
    tf2.known['base'] = transform(QUARTER_ABOUT_Z)
    assert transforms.lookup('base', HEADER).point((1, 0, 0)) == pytest.approx((0, 1, 0))
    assert tf2.asked == [('base', 'lens', 7_000_000_005)]


def test_frames_with_a_slash_before_them_are_asked_for_without(rig, tf2: StandIn) -> None:
    transforms = Transforms(rig.node('finder'))
    tf2.known['base'] = transform(QUARTER_ABOUT_Z)
    header = Header(stamp=HEADER.stamp, frame_id='/lens')
    assert transforms.lookup('/base', header).point((1, 0, 0)) == pytest.approx((0, 1, 0))
    assert tf2.asked == [('base', 'lens', 7_000_000_005)]
    assert transforms.lookup('lens', header) is IN_PLACE


def test_an_unknown_frame_is_told_by_name(rig, tf2: StandIn) -> None:
    transforms = Transforms(rig.node('finder'))
    with pytest.raises(NoTransformError, match=r"from 'lens' to 'map': map does not exist"):
        transforms.lookup('map', HEADER)


def test_the_cameras_own_frame_needs_no_tf(rig, tf2: StandIn) -> None:
    assert Transforms(rig.node('finder')).lookup('lens', HEADER) is IN_PLACE
    assert (tf2.asked, tf2.listening) == ([], 0)


def test_nobody_listens_to_tf_before_and_after(rig, tf2: StandIn) -> None:
    transforms = Transforms(rig.node('finder'))
    transforms.close()
    transforms.listen()
    transforms.listen()
    assert tf2.listening == 1
    closing = threading.Thread(target=transforms.close)
    closing.start()
    closing.join()
    # An executor that prepares to wait for what another thread destroys raises.
    assert tf2.listening == 1
    rig.spin_until(lambda: not tf2.listening)


def test_when_the_clock_is_set_back_tf2_is_told_and_does_not_see_for_itself(
    rig, tf2: StandIn
) -> None:
    transforms = Transforms(rig.node('finder'))
    transforms.clear()
    transforms.listen()
    assert (tf2.jumps, tf2.cleared) == (0, 0)
    transforms.clear()
    assert tf2.cleared == 1


def test_missing_tf2_tells_what_to_install(rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(transforms_module, 'importlib', SimpleNamespace(import_module=missing))
    with pytest.raises(MissingDependencyError, match='apt install ros-jazzy-tf2-ros-py'):
        Transforms(rig.node('finder')).lookup('base', HEADER)


@pytest.fixture
def broadcast(rig) -> Callable[..., None]:
    """Return a function that sends transforms with tf2's own broadcaster."""
    tf2_ros = pytest.importorskip('tf2_ros')
    return tf2_ros.TransformBroadcaster(rig.node('robot')).sendTransform


def test_tf2_itself_interpolates_to_the_images_moment(rig, broadcast) -> None:
    transforms = Transforms(rig.node('finder'))
    header = Header(stamp=TimeMessage(sec=7), frame_id='lens')

    def look() -> Placement | None:
        broadcast(transform((0.0, 0.0, 0.0, 1.0), seconds=6))
        broadcast(transform(QUARTER_ABOUT_Z, (1.0, 0.0, 0.0), seconds=8))
        try:
            return transforms.lookup('base', header)
        except NoTransformError:
            return None

    transforms.listen()
    rig.spin_until(look)
    placement = look()
    assert placement is not None
    half = math.sqrt(0.5)
    assert placement.point((1, 0, 0)) == pytest.approx((half + 0.5, half, 0))
    transforms.close()
