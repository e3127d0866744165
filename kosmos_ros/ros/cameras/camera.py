# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""One camera: its newest images, their depth images, and whether they still arrive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
import threading

from rclpy.node import Node

from kosmos_ros.core.errors import InvalidImageError, UnsupportedImageError
from kosmos_ros.core.texts import shortened
from kosmos_ros.core.types import Status
from kosmos_ros.parameters.camera_settings import CameraSettings
from kosmos_ros.ros.cameras.camera_stamps import is_simulated, StampWatch
from kosmos_ros.ros.cameras.camera_topics import depth_source, image_subscription
from kosmos_ros.ros.cameras.camera_use import CameraUse, Leases, USE_ALWAYS
from kosmos_ros.ros.cameras.depth_source import DepthPair
from kosmos_ros.ros.cameras.frames import Arrival, choose_frame, Frame, FrameBuffer, FrameWish
from kosmos_ros.ros.cameras.rectification import Rectification
from kosmos_ros.ros.conversions.images import check_message, ImageMessage, ImageReader
from kosmos_ros.ros.executor.failures import Failures, HeldUpError, RefusedError

FrameListener = Callable[[str, Frame], None]
"""Called with the name of a camera and a new frame of it."""


class Camera:
    """
    Keeps the newest images of one topic between ``start`` and ``stop``.

    Safe to use from several threads.

    :param node: subscribes.
    :param on_frame: called after each new frame, in the executor's thread.
    """

    def __init__(
        self,
        node: Node,
        settings: CameraSettings,
        on_frame: FrameListener,
        failures: Failures,
        use: CameraUse = USE_ALWAYS,
    ) -> None:
        self.name = settings.name
        self.received = 0
        """Images that arrived, whatever became of them."""
        self.malformed = 0
        """Images that turned out to be unusable: at once, or when their pixels were needed."""
        self.repeated = 0
        """Images that were repetitions of the newest one, or older."""
        self._node = node
        self._use = use
        self._on_frame = on_frame
        self._images = image_subscription(node, settings, failures.guard(self._receive))
        self.topic = self._images.topic
        self.rotation = settings.rotation
        """Degrees by which images are turned clockwise for the model."""
        self._depth = depth_source(node, settings, use.depth_tolerance, failures)
        self._reader = ImageReader(settings.bits, use.converters)
        self._buffer = FrameBuffer(use.history, self._reader)
        self._problem = ''
        self._is_hopeless = False
        self._lock = threading.RLock()
        self._is_active = False
        self._leases = Leases()
        self._logger = node.get_logger()
        self._stamps = StampWatch()

    @property
    def is_subscribed(self) -> bool:
        """Whether images can come at this moment."""
        return self._images.is_open

    def start(self) -> None:
        """Subscribe, or if lazy, be ready to; does nothing if started already."""
        with self._lock:
            self._is_active = True
            if not self._use.is_lazy:
                self._open()

    def stop(self) -> None:
        """Unsubscribe and forget what was seen."""
        with self._lock:
            self._is_active = False
            self._close()
            self._reader.forget()

    def need(self) -> None:
        """Note that the camera is needed now, so that a lazy one subscribes."""
        with self._lock:
            self._leases.note()
            if self._is_active:
                self._open()

    def lease(self) -> Callable[[], None]:
        """Need the camera until the returned function is called, once."""
        release = self._leases.lease()
        self.need()
        return release

    def rest(self) -> None:
        """Unsubscribe a lazy camera that has not been needed for long."""
        with self._lock:
            if not (self._use.is_lazy and self.is_subscribed):
                return
            if self._leases.idle_seconds() > self._use.lazy_seconds():
                self._close()
                self._logger.info(f"camera '{self.name}' rests: nobody needs {self.topic}")

    def clear(self) -> None:
        """Forget what was seen, as when the clock was set back."""
        self._buffer.clear()
        self._reader.forget()
        if self._depth is not None:
            self._depth.clear()
        self._images.recall()

    def adapt(self) -> None:
        """Follow the quality of service that the publishers offer."""
        self._images.adapt()
        if self._depth is not None:
            self._depth.adapt()

    def newest(self) -> Frame | None:
        """Return the newest frame, None before the first."""
        return self._buffer.newest()

    def age(self) -> float | None:
        """Return the age of the newest frame in seconds, None before the first."""
        frame = self.newest()
        if frame is None:
            return None
        return frame.age(self._ros_now(), simulated=self._is_simulated())

    def frame(self, wish: FrameWish) -> Frame:
        """
        Return a frame.

        :raises RefusedError: NO_IMAGE or STALE_IMAGE, with topic, ages and what may explain it.
        """
        try:
            now, simulated = self._ros_now(), self._is_simulated()
            return choose_frame(self._buffer, wish, self.topic, now, simulated=simulated)
        except RefusedError as error:
            is_old = error.status is Status.STALE_IMAGE
            raise RefusedError(error.status, f'{error}{self.hint(is_old=is_old)}') from None

    def sound_frame(self, wish: FrameWish) -> Frame:
        """
        Return a frame whose pixels are decoded and valid.

        Damaged ones are counted and forgotten, and the next best is taken.

        :raises RefusedError: as ``frame``.
        :raises HeldUpError: the same, if there is none because of damages.
        """
        is_recovering = self.is_recovering()
        try:
            while not self._is_sound(frame := self.frame(wish)):
                is_recovering = self.is_recovering()
        except RefusedError as error:
            if is_recovering:
                raise HeldUpError(error) from None
            raise
        return frame

    def is_recovering(self) -> bool:
        """
        Tell whether the newest image turned out to be damaged, so that the next may be better.

        Images of a kind that is not read at all will not be.
        """
        return bool(self._problem) and not self._is_hopeless

    @property
    def rectification(self) -> Rectification | None:
        """Whether images and depth are rectified; None without depth, as it does not matter."""
        return None if self._depth is None else self._depth.rectification

    def depth_near(self, stamp_ns: int, patience: float = 0.0) -> DepthPair | None:
        """
        Return the depth image of a moment, None if the camera has no depth topic.

        :param patience: most seconds to wait for it; not in the executor's thread.
        """
        return None if self._depth is None else self._depth.near(stamp_ns, patience)

    def holding_depth(self, stamp_ns: int) -> AbstractContextManager[None]:
        """Keep the depth image of a moment for as long as this lasts."""
        return nullcontext() if self._depth is None else self._depth.holding(stamp_ns)

    def is_waking(self) -> bool:
        """Tell whether it subscribed so recently that no image has come yet."""
        return self._use.is_lazy and self.newest() is None and not self._is_hopeless

    def is_lost(self, max_age: float) -> bool:
        """Tell whether images came once, but none younger than ``max_age`` seconds (0: never)."""
        age = self.age()
        return bool(max_age) and age is not None and age > max_age

    @property
    def bits(self) -> int:
        """How many bits of 16-bit images are in use; 0: none has come yet."""
        return self._reader.depth.bits

    def problem(self) -> str:
        """Return what is wrong with the images that come, empty if nothing is."""
        return self._problem

    def depth_problem(self) -> str:
        """Return what is missing for positions in space, empty if nothing or none are wanted."""
        return self._depth.problem() if self._depth is not None and self.is_subscribed else ''

    def publishers(self) -> int:
        """Return the number of publishers."""
        return self._images.publishers()

    def hint(self, *, is_old: bool = False) -> str:
        """Return what may explain that images are missing, or that the newest is old."""
        if self._problem:
            return f' (the last one that came cannot be used: {self._problem})'
        if silence := self._images.hint():
            return silence
        if problem := self.stamp_problem():
            return f' ({problem})'
        why = is_old and self._stamps.why_old(self.newest(), simulated=self._is_simulated())
        return f' ({why})' if why else ''

    def stamp_problem(self) -> str:
        """Return what is wrong with the stamps of the images, empty if nothing is."""
        now, simulated = self._ros_now(), self._is_simulated()
        return self._stamps.problem(self.newest(), now, simulated=simulated)

    def _is_simulated(self) -> bool:
        return is_simulated(self._node.get_clock())

    def _open(self) -> None:
        # Depth first: the image is what a question waits for.
        if self._depth is not None:
            self._depth.start()
        self._images.start()

    def _close(self) -> None:
        self._images.stop()
        if self._depth is not None:
            self._depth.stop()
        self._buffer.clear()
        self._problem, self._is_hopeless = '', False

    def _receive(self, message: ImageMessage) -> None:
        self.received += 1
        try:
            check_message(message)
        except InvalidImageError as error:
            self._reject(error)
            return
        first = self.newest() is None
        with self._lock:
            if not self.is_subscribed:
                return  # it came while the subscription ended
            arrival = self._buffer.put(message, self._ros_now())
            frame = self.newest()
        if first:
            # A latched message may come again after a pause, and is not a new image.
            self._stamps = StampWatch()
        if frame is not None:
            self._stamps.note(frame, arrival)
        if frame is None or arrival is not Arrival.NEWEST:
            self.repeated += 1
            return
        self._problem = ''
        if first:
            self._logger.info(f"camera '{self.name}': first image on {self.topic}")
        self._on_frame(self.name, frame)

    def _is_sound(self, frame: Frame) -> bool:
        """Tell whether a frame has pixels; forget one that has none."""
        try:
            frame.pixels()
        except InvalidImageError as error:
            if self._buffer.drop(frame):
                self._reject(error)
            return False
        return True

    def _reject(self, error: InvalidImageError) -> None:
        self.malformed += 1
        self._problem = shortened(str(error))
        self._is_hopeless = isinstance(error, UnsupportedImageError)
        self._logger.warning(
            f'an image on {self.topic} cannot be used: {self._problem}', throttle_duration_sec=10.0
        )

    def _ros_now(self) -> int:
        return int(self._node.get_clock().now().nanoseconds)
