# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Python's ``logging`` -> the node's ROS log, so that the core's messages reach /rosout."""

from __future__ import annotations

import logging

from rclpy.impl.rcutils_logger import RcutilsLogger

from kosmos_ros.core.texts import shortened

PACKAGE = 'kosmos_ros'

_MAX_RECORD = 20_000
"""Characters, which a trace may have."""


class RosLogHandler(logging.Handler):
    """
    Passes records to a ROS logger, whose own level decides what is shown.

    :param logger: of the node.
    """

    def __init__(self, logger: RcutilsLogger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record; errors are reported as in ``logging``."""
        try:
            message = shortened(self.format(record), _MAX_RECORD)
            # rclpy allows each call site only one severity.
            if record.levelno >= logging.CRITICAL:
                self._logger.fatal(message)
            elif record.levelno >= logging.ERROR:
                self._logger.error(message)
            elif record.levelno >= logging.WARNING:
                self._logger.warning(message)
            elif record.levelno >= logging.INFO:
                self._logger.info(message)
            else:
                self._logger.debug(message)
        except Exception:  # noqa: BLE001  as every handler of the standard library
            self.handleError(record)


def forward_logging(logger: RcutilsLogger) -> RosLogHandler:
    """
    Send everything that this package logs, and warnings of other packages, to a ROS logger.

    :returns: the handler, for ``stop_forwarding``.
    """
    handler = RosLogHandler(logger)
    logging.getLogger().addHandler(handler)
    logging.getLogger(PACKAGE).setLevel(logging.DEBUG)
    return handler


def stop_forwarding(handler: RosLogHandler) -> None:
    """Undo ``forward_logging``; for when the node is destroyed before the process ends."""
    logging.getLogger().removeHandler(handler)
