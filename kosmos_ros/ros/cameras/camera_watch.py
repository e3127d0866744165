# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Looks after a camera: follows its publishers, tells when it falls silent and is back."""

from __future__ import annotations

from rclpy.impl.rcutils_logger import RcutilsLogger

from kosmos_ros.ros.cameras.camera import Camera


class CameraWatch:
    """
    Looks after one camera.

    :param logger: told of changes.
    """

    def __init__(self, camera: Camera, logger: RcutilsLogger) -> None:
        self._camera = camera
        self._logger = logger
        self._late = False
        self._lost = False

    def look(self, max_age: float) -> None:
        """
        Adapt to the publishers and log what has changed; to be called every second or so.

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
        # Late once may mean that this process was held up.
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
