# Copyright 2026 the kosmos_ros developers
# SPDX-License-Identifier: Apache-2.0
"""Each status of positions in space; the geometry itself has tests in ``test/core``."""

from __future__ import annotations

from dataclasses import replace
import importlib
import math

from builtin_interfaces.msg import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from kosmos_ros_msgs.msg import Grounding as GroundingMessage
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from kosmos_ros.core.types import Box, Grounding, ScoredBox, Status, Task
from kosmos_ros.ros.answering import transforms as transforms_module
from kosmos_ros.ros.answering.positions import Space, SpaceFinder
from kosmos_ros.ros.cameras.depth_source import DepthPair
from kosmos_ros.ros.conversions.cameras import camera_info_to_ros, depth_to_ros

FRAME = 'lens'
HEADER = Header(stamp=Time(sec=7), frame_id=FRAME)
GROUNDING = Grounding(
    Task.LOCATE,
    Status.FOUND,
    64,
    48,
    detections=(
        ScoredBox(Box(0.25, 0.25, 0.5, 0.75), 0.9, 'mug', '0'),
        ScoredBox(Box(0.6, 0.25, 0.9, 0.75), 0.7, 'cup', '1'),
    ),
)
FOUND = GroundingMessage.STATUS_3D_FOUND
PARTIAL = GroundingMessage.STATUS_3D_PARTIAL
FAILED = GroundingMessage.STATUS_3D_FAILED
NOT_CONFIGURED = GroundingMessage.STATUS_3D_NOT_CONFIGURED


def wall(width: int = 64, height: int = 48) -> np.ndarray:
    """Return a wall two metres away."""
    return np.full((height, width), 2.0, np.float32)


def info(width: int = 64, height: int = 48) -> CameraInfo:
    return camera_info_to_ros(
        (width * 0.75, width * 0.75), (width / 2 - 0.5, height / 2 - 0.5), (width, height), HEADER
    )


def pair(depth: np.ndarray | None = None, **fields: object) -> DepthPair:
    """Make a depth image with its camera's model."""
    image = depth_to_ros(wall() if depth is None else depth, HEADER)
    return DepthPair(image, info(), '')._replace(**fields)


@pytest.fixture
def find(rig):
    """Return a function that finds positions, in the camera's frame unless another is given."""

    def find(pair: DepthPair | None, grounding: Grounding = GROUNDING, frame: str = '') -> Space:
        return SpaceFinder(node, lambda: frame).find(pair, grounding, HEADER)

    node = rig.node('finder')
    return find


def test_each_detection_has_its_position(find) -> None:
    space = find(pair())
    assert (space.status, space.message) == (FOUND, '')
    assert space.detections.header == HEADER
    mug, cup = space.detections.detections
    assert [(one.id, one.header) for one in (mug, cup)] == [('0', HEADER), ('1', HEADER)]
    hypothesis = mug.results[0].hypothesis
    assert (hypothesis.class_id, hypothesis.score) == ('mug', 0.9)
    center = mug.bbox.center
    assert mug.results[0].pose.pose == center
    # The box's middle is 8 of 48 pixels left of the axis.
    assert center.position.x == pytest.approx(-2 * 8 / 48, abs=0.03)
    assert center.position.y == pytest.approx(0.0, abs=0.03)
    assert center.position.z == pytest.approx(2.0, abs=0.03)
    turn = center.orientation
    assert (turn.x, turn.y, turn.z, turn.w) == (0.0, 0.0, 0.0, 1.0)
    assert mug.bbox.size.x == pytest.approx(2 * 16 / 48, rel=0.1)
    covariance = np.array(mug.results[0].pose.covariance).reshape(6, 6)
    assert (np.diag(covariance)[:2] > 0).all()
    assert np.count_nonzero(covariance - np.diag(np.diag(covariance))) == 0


@pytest.mark.parametrize('size', [(32, 24), (128, 96)])
def test_registered_depth_may_have_another_resolution(find, size: tuple[int, int]) -> None:
    space = find(pair(wall(*size)))
    assert space.status == FOUND
    assert space.detections.detections[0].bbox.center.position.x == pytest.approx(-1 / 3, abs=0.04)


def test_depth_in_other_units_needs_their_scale(find) -> None:
    refused = find(pair(1000 * wall()))
    assert refused.status == FAILED
    assert 'than 2000 m' in refused.message
    assert 'depth_scale' in refused.message
    space = find(pair(1000 * wall(), scale=0.001))
    assert space.status == FOUND
    position = space.detections.detections[0].bbox.center.position
    assert position.z == pytest.approx(2.0, abs=0.03)


def test_a_model_of_the_depth_image_will_do_too(find) -> None:
    assert find(pair(wall(32, 24), info=info(32, 24))).status == FOUND


def test_a_model_without_a_size_is_that_of_the_images(find) -> None:
    unsized = info()
    unsized.width = unsized.height = 0
    for depth in (wall(), wall(32, 24)):
        space = find(pair(depth, info=unsized))
        assert space.status == FOUND
        position = space.detections.detections[0].bbox.center.position
        assert position.x == pytest.approx(-1 / 3, abs=0.04)


def test_the_lens_counts_whatever_it_is_called(find) -> None:
    """Two metres away, a box at the edge of an image of 90 degrees."""
    edge = replace(GROUNDING, detections=(ScoredBox(Box(0.875, 0.4, 1.0, 0.6), 0.9),))
    lens = CameraInfo(width=64, height=48, k=[32.0, 0.0, 31.5, 0.0, 32.0, 23.5, 0.0, 0.0, 1.0])
    middles = {}
    for name in ('plumb_bob', 'equidistant', 'Fish-Eye'):
        lens.distortion_model = name
        space = find(pair(info=lens), edge)
        assert space.status == FOUND
        middles[name] = space.detections.detections[0].bbox.center.position.x
    # Its columns 56 to 63 are 28 / 32 right of the axis: as a tangent, or as an angle.
    assert middles['plumb_bob'] == pytest.approx(2 * 28 / 32, abs=0.03)
    assert middles['equidistant'] == pytest.approx(2 * math.tan(28 / 32), abs=0.1)
    assert middles['Fish-Eye'] == middles['equidistant']
    lens.distortion_model = 'omnidirectional'
    space = find(pair(info=lens), edge)
    assert (space.status, "'omnidirectional' is none of" in space.message) == (FAILED, True)


def test_pixels_that_the_lens_does_not_show_have_no_position(find) -> None:
    # So short that the corners would be beside the camera.
    lens = CameraInfo(width=64, height=48, k=[12.0, 0.0, 31.5, 0.0, 12.0, 23.5, 0.0, 0.0, 1.0])
    lens.distortion_model = 'equidistant'
    corner = replace(GROUNDING, detections=(ScoredBox(Box(0.0, 0.0, 0.125, 0.1), 0.9),))
    space = find(pair(info=lens), corner)
    assert (space.status, 'nothing that the lens' in space.message) == (FAILED, True)
    assert find(pair(info=lens)).status == FOUND


def test_doubt_about_the_lens_matters_only_if_there_is_one(find) -> None:
    given = pair(rectified=True, doubt='the names disagree')
    assert find(given).status == FOUND
    given.info.d = [-0.3, 0.1, 0.0, 0.0, 0.0]
    space = find(given)
    assert (space.status, space.message) == (FAILED, 'the names disagree')
    assert find(given._replace(doubt='')).status == FOUND


def test_a_slash_before_a_frame_makes_no_difference(find) -> None:
    image = depth_to_ros(wall(), Header(stamp=HEADER.stamp, frame_id=f'/{FRAME}'))
    assert find(pair(image=image)).status == FOUND
    space = find(pair(), frame=f'/{FRAME}')
    assert (space.status, space.detections.header.frame_id) == (FOUND, FRAME)


def test_detections_without_depth_are_named(find) -> None:
    depth = wall()
    depth[:, 36:] = math.nan
    space = find(pair(depth))
    assert space.status == PARTIAL
    assert [one.id for one in space.detections.detections] == ['0']
    assert space.message == "'cup' (1): no depth, 0 of 480 pixels of its box are valid"


def test_of_many_without_depth_a_few_are_named(find) -> None:
    many = tuple(replace(GROUNDING.detections[0], id=str(number)) for number in range(9))
    space = find(pair(0 * wall()), replace(GROUNDING, detections=many))
    assert space.status == FAILED
    assert space.message.count('no depth') == 5
    assert space.message.endswith('; and 4 more')


def test_without_a_depth_topic_nothing_is_expected(find) -> None:
    space = find(None)
    assert (space.status, len(space.detections.detections)) == (NOT_CONFIGURED, 0)


def other_frame() -> DepthPair:
    image = depth_to_ros(wall(), Header(frame_id='infrared'))
    return pair(image=image)


def color_image() -> DepthPair:
    image = depth_to_ros(wall(), HEADER)
    image.encoding = 'rgb8'
    return pair(image=image)


@pytest.mark.parametrize(
    ('given', 'reason'),
    [
        (DepthPair(None, info(), 'no depth image has come on /depth'), 'has come on /depth'),
        (pair(info=None, problem='no CameraInfo has come on /info'), 'has come on /info'),
        (
            other_frame(),
            "of the frame 'infrared', the image of 'lens'; expected depth that is reg",
        ),
        (pair(wall(64, 36)), 'of 64x36 pixels does not show the view of the image of 64x48'),
        (color_image(), "'rgb8' is no depth"),
        (pair(info=CameraInfo()), 'is not calibrated'),
        (pair(info=info(64, 36)), 'does not fit the depth image: 64x48 pixels do not show'),
        (pair(0 * wall()), "'mug' (0): no depth, 0 of 384 pixels of its box are valid; 'cup'"),
    ],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_what_is_wrong_is_told_and_nothing_guessed(find, given: DepthPair, reason: str) -> None:
    space = find(given)
    assert space.status == FAILED
    assert reason in space.message
    assert not space.detections.detections
    assert space.detections.header == HEADER


def test_an_answer_without_detections_has_no_positions(find) -> None:
    nothing = replace(GROUNDING, status=Status.NOT_FOUND, detections=())
    assert (find(pair(), nothing).status, find(pair(), nothing).message) == (FOUND, '')


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [0.0, 1.0, 48.0, 31.5, 1e-300, 1e300, -1.0]
)
SIZES = st.sampled_from([0, 1, 24, 32, 48, 64, 2**32 - 1])


@st.composite
def any_pair(draw: st.DrawFn) -> DepthPair:
    """Return a depth image and a model of which some fields are as they may be by mistake."""
    mess = info()
    for name, values in (('k', NUMBERS), ('p', NUMBERS), ('d', NUMBERS)):
        if draw(st.booleans()):
            length = len(getattr(mess, name))
            setattr(mess, name, draw(st.lists(values, min_size=length, max_size=length)))
    mess.distortion_model = draw(st.sampled_from(['plumb_bob', 'equidistant', 'fov', '']))
    if draw(st.booleans()):
        mess.width, mess.height = draw(SIZES), draw(SIZES)
    mess.binning_x = mess.binning_y = draw(st.sampled_from([0, 1, 2, 100]))
    mess.roi.width = draw(st.sampled_from([0, 0, 32, 64]))
    image = depth_to_ros(draw(st.sampled_from([wall(), 0 * wall(), 1e30 * wall()])), HEADER)
    if draw(st.booleans()):
        image.encoding = draw(st.sampled_from(['16UC1', 'mono16', 'rgb8', '']))
        image.width, image.height = draw(SIZES), draw(SIZES)
        image.step = draw(SIZES)
    return DepthPair(image, mess, '', draw(st.booleans()), draw(st.sampled_from(['', 'doubt'])))


def test_whatever_a_camera_sends_there_is_a_status(find) -> None:
    @settings(max_examples=300)
    @given(any_pair())
    def check(given: DepthPair) -> None:
        space = find(given)
        found = space.detections.detections
        assert space.status == (FOUND if len(found) == 2 else PARTIAL if found else FAILED)
        for one in found:
            position, size = one.bbox.center.position, one.bbox.size
            values = [position.x, position.y, position.z, size.x, size.y, size.z]
            assert all(map(math.isfinite, [*values, *one.results[0].pose.covariance]))

    check()


def test_without_tf2_no_other_frame_is_guessed(find, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(transforms_module, 'importlib', type('', (), {'import_module': missing}))
    space = find(pair(), frame='map')
    assert (space.status, len(space.detections.detections)) == (FAILED, 0)
    assert 'sudo apt install ros-jazzy-tf2-ros-py' in space.message
    assert space.detections.header.frame_id == 'map'
    assert find(pair(), frame=FRAME).status == FOUND
    assert importlib is not transforms_module.importlib
