# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""What is said to who keeps the demo running."""

from __future__ import annotations

import pytest

from kosmos_ros.core.language.instructions import parse_instruction
from kosmos_ros.core.types import Role

standby = pytest.importorskip('kosmos_ros.demo.standby', reason='no ROS here')


@pytest.mark.parametrize(
    ('names', 'instruction'),
    [
        (['red cube', 'blue bowl'], 'put the red cube into the blue bowl'),
        (['blue bowl', 'red mug'], 'put the red mug into the blue bowl'),
        (['red cube', 'blue star'], 'pick up the red cube'),
        (['blue bowl'], 'pick up the blue bowl'),
    ],
)
def test_an_instruction_makes_sense(names: list[str], instruction: str) -> None:
    assert standby.example_instruction(names) == instruction
    roles = [phrase.role for phrase in parse_instruction(instruction)]
    assert roles == [Role.TARGET, Role.DESTINATION][: len(roles)]
