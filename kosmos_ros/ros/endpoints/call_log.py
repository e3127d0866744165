# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The log of calls: a line for each answer and each refusal."""

from __future__ import annotations

import time

from rclpy.impl.rcutils_logger import RcutilsLogger

from kosmos_ros.core.texts import quoted
from kosmos_ros.core.types import Status
from kosmos_ros.ros.answering.question import Answer, Reply

_SILENT_SECONDS = 1.0


class CallLog:
    """Writes to the node's log."""

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger
        self._silent_until = 0.0

    def answered(self, reply: Reply) -> None:
        """Log an answer; of all cameras, the best one."""
        self._logger.info(_summary(reply.best) + (' (best of all cameras)' if reply.each else ''))

    def refused(self, query: str, status: Status, message: str) -> None:
        """Log why there is no answer; BUSY at most once a second."""
        if status is Status.BUSY:
            # Looked up by rclpy, the place in the source that is throttled would cost a good part
            # of the time of such a call.
            now = time.monotonic()
            if now < self._silent_until:
                return
            self._silent_until = now + _SILENT_SECONDS
        self._logger.warning(f'{quoted(query)}: {status.name}, {message}')


def _summary(answer: Answer) -> str:
    grounding = answer.grounding
    boxes, looks = len(grounding.detections), len(grounding.looks)
    return (
        f'{grounding.task.name} {quoted(grounding.query)}: {grounding.status.name}, '
        f'{boxes} {"box" if boxes == 1 else "boxes"} in {grounding.inference_time * 1000:.0f} ms'
        f'{f" with {looks} looks" if looks > 1 else ""}, image {answer.image_age:.2f} s old'
    )
