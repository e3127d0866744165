# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
All cameras of the node, and what the name of a camera in a request means.

Each is watched: its publishers are followed, and the log says when it falls silent and is back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.node import Node

from kosmos_ros.core.errors import InvalidRequestError
from kosmos_ros.core.texts import quoted
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS, CameraSettings
from kosmos_ros.parameters.node_settings import NodeSettings
from kosmos_ros.ros.cameras.camera import Camera, FrameListener
from kosmos_ros.ros.cameras.camera_use import CameraUse
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.conversions.images import Converters, IN_PROCESS
from kosmos_ros.ros.executor.failures import Failures


class CameraWatch:
    """
    Watches one camera.

    :param logger: logs changes.
    """

    def __init__(self, camera: Camera, logger: RcutilsLogger) -> None:
        self._camera = camera
        self._logger = logger
        self._late = False
        self._lost = False

    def look(self, max_age: float) -> None:
        """
        Adapt to the publishers and log changes; to be called every second or so.

        :param max_age: seconds without an image after which the camera counts as lost; 0: never.
        """
        camera = self._camera
        camera.rest()
        if not camera.is_subscribed:
            self._late = self._lost = False
            return
        camera.adapt()
        if camera.newest() is None:
            self._logger.warning(
                f'waiting for images on {camera.topic}{camera.hint()}',
                throttle_duration_sec=10.0,
                skip_first=True,
            )
            return
        was_late, self._late = self._late, camera.is_lost(max_age)
        # One late image may mean that this process was delayed.
        if self._late == was_late and self._late != self._lost:
            self._lost = self._late
            self._log_change()

    def _log_change(self) -> None:
        name, topic = self._camera.name, self._camera.topic
        if self._lost:
            self._logger.warning(
                f"camera '{name}' is lost: the newest image on {topic} is "
                f'{self._camera.age() or 0.0:.1f} s old{self._camera.hint(is_old=True)}'
            )
        else:
            self._logger.info(f"camera '{name}' is back: images on {topic}")


Need = Callable[[], 'str | None']
"""Returns the name of a camera that is needed now (empty: the first; '*': all), None for none."""


class CameraSet:
    """
    The cameras of a node, in the order of its parameter.

    :param settings: of each camera, at least one.
    :param now: returns the node's current settings.
    :param on_frame: called after each new frame.
    :param converters: make RGB of images.
    """

    def __init__(
        self,
        node: Node,
        settings: Sequence[CameraSettings],
        now: Callable[[], NodeSettings],
        on_frame: FrameListener,
        failures: Failures,
        converters: Converters = IN_PROCESS,
    ) -> None:
        use = CameraUse(
            history=now().frame_history,
            is_lazy=now().subscription == 'lazy',
            lazy_seconds=lambda: now().lazy_seconds,
            depth_tolerance=lambda: now().depth_tolerance,
            converters=converters,
        )
        self._cameras = {one.name: Camera(node, one, on_frame, failures, use) for one in settings}
        self._watches = [CameraWatch(camera, node.get_logger()) for camera in self]
        self._needs: list[Need] = []

    def __iter__(self) -> Iterator[Camera]:
        """Return the cameras, the first one first."""
        return iter(self._cameras.values())

    def resolve(self, name: str) -> tuple[Camera, ...]:
        """
        Return the cameras that a request means.

        :param name: of one; empty: the first; '*': all.
        :raises InvalidRequestError: if there is no such camera.
        """
        if name == ALL_CAMERAS:
            return tuple(self)
        try:
            return (self._cameras[name] if name else next(iter(self)),)
        except KeyError:
            known = ', '.join(self._cameras)
            raise InvalidRequestError(
                f'there is no camera {quoted(name)}, only {known}; empty means the first, '
                f'{ALL_CAMERAS} all of them'
            ) from None

    def newest(self, name: str) -> tuple[Frame, ...]:
        """
        Return the newest frame of each camera that a request means, as far as there are any.

        :raises InvalidRequestError: if there is no such camera.
        """
        frames = (camera.newest() for camera in self.resolve(name))
        return tuple(frame for frame in frames if frame is not None)

    def need(self, name: str) -> None:
        """
        Have lazy cameras subscribe.

        :raises InvalidRequestError: if there is no such camera.
        """
        for camera in self.resolve(name):
            camera.need()

    def keep_needed(self, need: Need) -> None:
        """Keep lazy cameras subscribed while they are needed; to be called every second or so."""
        self._needs.append(need)

    def start(self) -> None:
        """Start all cameras; does nothing if they are already started."""
        for camera in self:
            camera.start()
        self._follow_needs()

    def stop(self) -> None:
        """Stop all cameras and forget what was seen."""
        for camera in self:
            camera.stop()

    def clear(self) -> None:
        """
        Forget what was seen, as when the clock was set back.

        Images of a future that was taken back would count as the newest until it comes again.
        """
        for camera in self:
            camera.clear()

    def watch(self, max_age: float) -> None:
        """
        Watch all cameras; to be called every second or so.

        :param max_age: seconds without an image after which a camera counts as lost; 0: never.
        """
        self._follow_needs()
        for watch in self._watches:
            watch.look(max_age)

    def _follow_needs(self) -> None:
        for need in self._needs:
            name = need()
            if name is not None:
                self.need(name)
