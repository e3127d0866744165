# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Python's log reaches the ROS log with its severity."""

from __future__ import annotations

from collections.abc import Iterator
import logging

import pytest

from kosmos_ros.ros.executor.logging import forward_logging, RosLogHandler, stop_forwarding


class RosLogger:
    """Records what is logged, by severity."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str]] = []

    def __getattr__(self, severity: str):
        return lambda message: self.records.append((severity, message))


@pytest.fixture
def ros_logger() -> Iterator[RosLogger]:
    logger = RosLogger()
    handler = forward_logging(logger)
    yield logger
    stop_forwarding(handler)


def test_every_level_of_this_package_is_passed_on(ros_logger: RosLogger) -> None:
    logger = logging.getLogger('kosmos_ros.core.grounder')
    logger.debug('%d tokens', 3)
    logger.info('i')
    logger.warning('w')
    logger.error('e')
    logger.critical('c')
    assert ros_logger.records == [
        ('debug', '3 tokens'),
        ('info', 'i'),
        ('warning', 'w'),
        ('error', 'e'),
        ('fatal', 'c'),
    ]


def test_of_other_packages_only_warnings_are(ros_logger: RosLogger) -> None:
    logging.getLogger('another_package').info('loading')
    logging.getLogger('another_package').warning('slow')
    assert ros_logger.records == [('warning', 'slow')]


def test_traces_are_kept(ros_logger: RosLogger) -> None:
    try:
        {}['lost']
    except KeyError:
        logging.getLogger('kosmos_ros').exception('it failed')
    severity, message = ros_logger.records[0]
    assert severity == 'error'
    assert 'Traceback' in message
    assert "KeyError: 'lost'" in message


def test_a_broken_record_disturbs_nobody(
    ros_logger: RosLogger, capsys: pytest.CaptureFixture[str]
) -> None:
    RosLogHandler(ros_logger).handle(
        logging.LogRecord('kosmos_ros', logging.INFO, __file__, 1, '%d', ('no number',), None)
    )
    assert 'Logging error' in capsys.readouterr().err
    assert not ros_logger.records


def test_after_the_end_nothing_is_passed_on(ros_logger: RosLogger) -> None:
    handler = forward_logging(ros_logger)
    stop_forwarding(handler)
    logging.getLogger('kosmos_ros').info('once')
    assert ros_logger.records == [('info', 'once')]
