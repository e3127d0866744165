# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What a step works on, and what it hears."""

from __future__ import annotations

import logging
from pathlib import Path

from scripts.gpu_check.task import heard, Task


def test_random_weights_stand_in_for_a_model(tmp_path: Path) -> None:
    assert Task('cpu', 'tabletop', tmp_path).source == 'tabletop'
    assert Task('cpu', '', tmp_path).source == str(tmp_path / 'random_checkpoint')


def test_what_the_package_logs_is_heard_for_a_while() -> None:
    logger = logging.getLogger('kosmos_ros.backends')
    with heard() as messages:
        logger.info('half as %s', 'much')
    logger.info('later')
    assert messages == ['half as much']
