# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Which names of topics say that images are rectified."""

from __future__ import annotations

import pytest

from kosmos_ros.ros.cameras.rectification import rectification


@pytest.mark.parametrize(
    ('image', 'depth'),
    [
        ('/camera/image_rect', '/camera/depth/image'),
        ('/camera/rgb/image_rect_color', '/camera/depth_registered/image_raw'),
        ('/camera/color/image_rect', '/camera/aligned_depth_to_color/image_raw'),
        ('/kinect2/qhd/image_color_rect', '/kinect2/qhd/image_depth_rect'),
        ('/zed/zed_node/rgb/image_rect_color', '/zed/zed_node/depth/depth_registered'),
        ('/zed/zed_node/rgb/color/rect/image', '/zed/zed_node/depth/depth_registered'),
        ('/camera/infra1/image_rect_raw', '/camera/depth/image_rect_raw'),
        ('/image', '/depth_registered/image_rect'),
        ('/left/image_rectified', '/depth'),
    ],
)
def test_one_name_is_enough(image: str, depth: str) -> None:
    decided = rectification('auto', image, depth)
    assert (decided.is_rectified, decided.doubt) == (True, '')
    assert decided.reason in (f'by the name of {image}', f'by the name of {depth}')
    assert rectification('false', image, depth) == (False, 'as the parameter says', '')


@pytest.mark.parametrize(
    ('image', 'depth', 'reason'),
    [
        ('/image', '/depth', 'no name of a topic says rectified'),
        ('/camera/color/image_raw', '/camera/aligned_depth_to_color/image_raw', 'color/image_raw'),
        ('/zed/rgb/color/raw/image', '/zed/depth/depth_registered', 'by the name of /zed/rgb/col'),
        ('/rgb/image', '/depth_to_rgb/image_raw', 'by the name of /depth_to_rgb/image_raw'),
        ('/rect/front/image_raw', '/depth', 'by the name of /rect/front/image_raw'),
        ('/direct/corrected/image', '/rectangle/depth', 'no name'),
    ],
)
def test_without_such_a_name_they_are_raw(image: str, depth: str, reason: str) -> None:
    decided = rectification('auto', image, depth)
    assert (decided.is_rectified, decided.doubt) == (False, '')
    assert reason in decided.reason
    assert rectification('true', image, depth) == (True, 'as the parameter says', '')


def test_names_that_say_both_leave_a_doubt() -> None:
    topics = '/color/image_raw', '/depth/image_rect'
    decided = rectification('auto', *topics)
    assert decided.is_rectified
    assert all(name in decided.doubt for name in (*topics, 'parameter rectified'))
    assert rectification('true', *topics).doubt == ''
