# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The log of calls: a line for each answer and each refusal."""

from __future__ import annotations

from rclpy.impl.rcutils_logger import RcutilsLogger

from kosmos_ros.core.texts import quoted
from kosmos_ros.core.types import Status
from kosmos_ros.ros.answering.question import Answer, Reply


class CallLog:
    """Writes to the node's log."""

    def __init__(self, logger: RcutilsLogger) -> None:
        self._logger = logger

    def answered(self, reply: Reply) -> None:
        """Log an answer; of all cameras, the best one."""
        self._logger.info(_summary(reply.best) + (' (best of all cameras)' if reply.each else ''))

    def refused(self, query: str, status: Status, message: str) -> None:
        """Log why there is no answer, at most once a second."""
        line = f'{quoted(query)}: {status.name}, {message}'
        if status is Status.BUSY:
            self._logger.warning(line, throttle_duration_sec=1.0)
        else:
            self._logger.warning(line)


def _summary(answer: Answer) -> str:
    grounding = answer.grounding
    boxes = len(grounding.detections)
    return (
        f'{grounding.task.name} {quoted(grounding.query)}: {grounding.status.name}, '
        f'{boxes} {"box" if boxes == 1 else "boxes"} in {grounding.inference_time * 1000:.0f} ms, '
        f'image {answer.image_age:.2f} s old'
    )
