# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""
Carrying boxes between answers: ``~/tracks`` has them in the newest image.

A thread of its own does the work, on the newest frame of each camera: what comes while it is busy
replaces what waits. Without subscribers, nothing is computed or kept.
"""

from __future__ import annotations

from collections.abc import Sequence
import logging
import threading
from typing import NamedTuple, Protocol

from kosmos_ros_msgs.msg import Grounding as GroundingMessage
from rclpy.clock import Clock

from kosmos_ros.core.errors import InvalidImageError
from kosmos_ros.parameters.camera_settings import ALL_CAMERAS
from kosmos_ros.ros.answering.question import Answer
from kosmos_ros.ros.answering.standing_query import STANDING_ID
from kosmos_ros.ros.cameras.camera_stamps import is_simulated
from kosmos_ros.ros.cameras.frames import Frame
from kosmos_ros.ros.executor.failures import Failures
from kosmos_ros.ros.tracks.camera_tracks import CameraTracks

STOP_SECONDS = 1.0
"""How long the thread gets to end; a step takes milliseconds."""

_logger = logging.getLogger(__name__)


class Output(Protocol):
    """Where carried boxes go."""

    def is_wanted(self) -> bool:
        """Tell whether there are subscribers."""
        ...

    def publish(self, camera: str, groundings: Sequence[GroundingMessage]) -> None:
        """Publish those about the newest image of a camera, at least one."""
        ...


class _Inbox(NamedTuple):
    """What came since the thread last looked; ``clear``: forget all before it."""

    frames: dict[str, Frame]
    answers: dict[tuple[str, bool], Answer]
    clear: bool


class Carrier:
    """
    Publishes carried boxes between ``start`` and ``stop``.

    :param output: where to.
    :param clock: of the stamps.
    """

    def __init__(
        self,
        output: Output,
        clock: Clock,
        failures: Failures,
    ) -> None:
        self._output = output
        self._clock = clock
        self._work = failures.guard(self._do)
        self._condition = threading.Condition()
        self._inbox = _Inbox({}, {}, clear=False)
        self._is_empty = True
        self._cameras: dict[str, CameraTracks] = {}
        self._thread: threading.Thread | None = None
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to carry boxes; does nothing if it does already."""
        with self._condition:
            if self._thread is None:
                self._end = threading.Event()
                self._thread = threading.Thread(
                    target=self._run, args=(self._end,), name='carrier', daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Stop carrying boxes, and forget them."""
        with self._condition:
            # Taken at once: the process may end in the middle of a transition that stops it too.
            thread, self._thread = self._thread, None
            self._end.set()
        if thread is not None:
            self.clear()
            thread.join(STOP_SECONDS)

    def see(self, camera: str, frame: Frame) -> None:
        """Take a new frame of a camera; returns at once."""
        if self._is_wanted():
            with self._condition:
                self._is_empty = False
                self._inbox.frames[camera] = frame
                self._condition.notify()

    def answer(self, answer: Answer) -> None:
        """Take a new answer; returns at once."""
        if answer.camera and self._is_wanted():
            with self._condition:
                self._is_empty = False
                self._inbox.answers[answer.camera, answer.id == STANDING_ID] = answer
                self._condition.notify()

    def clear(self) -> None:
        """Forget all images and boxes, as when the clock was set back."""
        with self._condition:
            self._is_empty = True
            self._inbox = _Inbox({}, {}, clear=True)
            self._condition.notify()

    def needed_camera(self) -> str | None:
        """Return the camera whose images are needed: a name, '*' for all, None for none."""
        busy = [name for name, tracks in list(self._cameras.items()) if tracks.is_busy]
        if not busy or not self._is_wanted():
            return None
        return busy[0] if len(busy) == 1 else ALL_CAMERAS

    def _is_wanted(self) -> bool:
        if self._output.is_wanted():
            return True
        if not self._is_empty:
            self.clear()
        return False

    def _run(self, end: threading.Event) -> None:
        while (inbox := self._next(end)) is not None:
            self._work(inbox)

    def _next(self, end: threading.Event) -> _Inbox | None:
        """Wait for work; None when it is time to end."""
        with self._condition:
            self._condition.wait_for(lambda: any(self._inbox) or end.is_set())
            if end.is_set():
                return None
            inbox, self._inbox = self._inbox, _Inbox({}, {}, clear=False)
            return inbox

    def _do(self, inbox: _Inbox) -> None:
        if inbox.clear:
            for tracks in self._cameras.values():
                tracks.clear()
        for answer in inbox.answers.values():
            self._take(answer)
        for camera, frame in inbox.frames.items():
            self._go_on(camera, frame)

    def _take(self, answer: Answer) -> None:
        try:
            self._tracks(answer.camera).answer(answer)
        except InvalidImageError as error:
            _logger.debug('the boxes of an answer cannot be carried: %s', error)

    def _go_on(self, camera: str, frame: Frame) -> None:
        tracks = self._tracks(camera)
        try:
            tracks.see(frame)
        except InvalidImageError as error:
            _logger.debug('boxes cannot be carried to an image: %s', error)
            return
        now = self._clock.now().nanoseconds
        simulated = is_simulated(self._clock)
        messages = list(tracks.messages(frame, camera, now, simulated=simulated))
        if messages:
            self._output.publish(camera, messages)

    def _tracks(self, camera: str) -> CameraTracks:
        return self._cameras.setdefault(camera, CameraTracks())
