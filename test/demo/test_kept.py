# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""The image of an answer is still there when the answer comes."""

from __future__ import annotations

import pytest

pytest.importorskip('kosmos_ros_msgs', reason='needs ROS and the interfaces')

from std_msgs.msg import Header
from vision_msgs.msg import Detection2DArray

from kosmos_ros.demo.kept import KeptMessages


def fill(kept: KeptMessages[Detection2DArray], stamps: range) -> None:
    for stamp in stamps:
        header = Header()
        header.stamp.nanosec = stamp
        kept.put(Detection2DArray(header=header))


def test_the_newest_are_kept() -> None:
    kept = KeptMessages[Detection2DArray](limit=8)
    fill(kept, range(20))
    assert sorted(kept.by_stamp) == list(range(12, 20))


def test_while_holding_what_came_first_stays() -> None:
    kept = KeptMessages[Detection2DArray](limit=8)
    fill(kept, range(20))
    with kept.holding():
        fill(kept, range(20, 100))
        assert sorted(kept.by_stamp) == list(range(18, 26)), 'the last two before, and the next'
    fill(kept, range(100, 108))
    assert sorted(kept.by_stamp) == list(range(100, 108))


def test_holding_ends_with_an_error_too() -> None:
    kept = KeptMessages[Detection2DArray](limit=2)
    with pytest.raises(RuntimeError, match='oops'), kept.holding():
        raise RuntimeError('oops')
    fill(kept, range(5))
    assert sorted(kept.by_stamp) == [3, 4]
