# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
From a camera's frame into another one, by tf2.

tf2 is part of every ROS installation, but not of the wheels that this package can run on; without
it positions stay in the camera's frame. Listening to ``/tf`` costs time on a robot that publishes
much there, so it begins only when a frame is wanted.
"""

from __future__ import annotations

import importlib
import threading
from typing import Any

from geometry_msgs.msg import TransformStamped
import numpy as np
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from kosmos_ros.core.depth.placement import IN_PLACE, Placement
from kosmos_ros.core.errors import KosmosError, MissingDependencyError
from kosmos_ros.ros.executor.between_callbacks import between_callbacks

_WAIT = Duration(seconds=0.2)
"""How long an answer waits for a transform that comes later than its image."""


class NoTransformError(KosmosError):
    """The transform between two frames at a moment has not been published."""


def placement_from_ros(message: TransformStamped) -> Placement:
    """Read the pose of the child frame in the header's frame."""
    turn, shift = message.transform.rotation, message.transform.translation
    x, y, z, w = np.array([turn.x, turn.y, turn.z, turn.w]) / np.linalg.norm(
        [turn.x, turn.y, turn.z, turn.w]
    )
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    quaternion = float(x), float(y), float(z), float(w)
    return Placement(rotation, quaternion, np.array([shift.x, shift.y, shift.z]))


def plain_frame(name: str) -> str:
    """Return the name of a frame for tf2, without the leading slash of ROS 1 and bags."""
    return name.lstrip('/')


class Transforms:
    """
    Looks up transforms, listening from the first need; safe to use from several threads.

    :param node: listens to ``/tf`` and ``/tf_static``.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._tf2: Any = None
        self._buffer: Any = None
        self._listener: Any = None

    def listen(self) -> None:
        """
        Listen to ``/tf`` from now on; does nothing if it does already.

        :raises MissingDependencyError: if tf2 is not installed.
        """
        with self._lock:
            if self._listener is not None:
                return
            self._tf2 = _import_tf2()
            self._buffer = self._tf2.Buffer(node=self._node)
            _leave_clock(self._buffer)
            self._listener = self._tf2.TransformListener(self._buffer, self._node)

    def close(self) -> None:
        """Stop listening to ``/tf``."""
        with self._lock:
            if self._listener is None:
                return
            listener, buffer = self._listener, self._buffer
            self._listener = self._buffer = None
        between_callbacks(self._node, listener.unregister)
        between_callbacks(self._node, self._node.destroy_service, buffer.srv)

    def clear(self) -> None:
        """Forget all that moves, as when the clock was set back."""
        with self._lock:
            if self._buffer is not None:
                self._buffer.clear()

    def lookup(self, target_frame: str, header: Header) -> Placement:
        """
        Return the pose of a header's frame in another one, at the header's stamp.

        Waits a moment for transforms that are still to come; not for callbacks that keep others
        from running.

        :raises MissingDependencyError: if tf2 is not installed.
        :raises NoTransformError: if there is no transform.
        """
        target_frame, source_frame = plain_frame(target_frame), plain_frame(header.frame_id)
        if target_frame == source_frame:
            return IN_PLACE
        self.listen()
        with self._lock:
            buffer = self._buffer
        if buffer is None:
            raise NoTransformError('the node listens to /tf no more')
        try:
            found = buffer.lookup_transform(
                target_frame, source_frame, Time.from_msg(header.stamp), timeout=_WAIT
            )
        except self._tf2.TransformException as error:
            raise NoTransformError(
                f'no transform from {source_frame!r} to {target_frame!r}: {error}'
            ) from error
        return placement_from_ros(found)


def _leave_clock(buffer: Any) -> None:
    """
    Detach a buffer from the clock; ``clear`` handles jumps.

    Versions of tf2 either ignore jumps or raise in one, and the clock would keep the buffer for
    ever.
    """
    handle = getattr(buffer, 'jump_handle', None)
    if handle is not None:
        handle.unregister()


def _import_tf2() -> Any:
    try:
        return importlib.import_module('tf2_ros')
    except ImportError as error:
        raise MissingDependencyError(
            'tf2_ros is not installed; with ROS 2 Jazzy: sudo apt install ros-jazzy-tf2-ros-py. '
            "Or set target_frame to '' for positions in the camera's frame"
        ) from error
